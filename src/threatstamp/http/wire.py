"""One connection's wire: dials checked addresses only, and minds the time and the bytes of each exchange."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from contextlib import suppress

import httpcore2

from threatstamp.http.errors import ExchangeError, Fault, StoppedError
from threatstamp.http.guard import Address, Guard, Resolve, known, literal
from threatstamp.http.heads import Head
from threatstamp.http.racing import CONNECT_SECONDS, Racing

HEAD_BYTES = 256_000


class Wire(httpcore2.NetworkBackend):
    """What httpcore2 talks through. A wire to a proxy is not guarded: the operator chose the proxy."""

    def __init__(self, guard: Guard | None, *, resolve: Resolve, racing: Racing) -> None:
        self._guard = guard
        self._resolve = resolve
        self._racing = racing
        self._sock: socket.socket | None = None
        self.head = Head()
        """Of the answer that comes."""
        self._until = 0.0
        self._left = 0
        self._only_public = False
        self._is_stopped = False
        self.peer: Address | None = None
        self.received = 0
        """Bytes that came in this exchange."""
        self.is_sent = False
        """True if some of the question may have arrived."""

    def begin(self, *, until: float, most: int, only_public: bool) -> None:
        """Starts an exchange: it ends by that steady time, and after that many bytes of body."""
        self.head = Head()
        self._until = until
        self._left = most + most // 4 + HEAD_BYTES
        self._only_public = only_public
        self.received = 0
        self.is_sent = False

    def stop(self) -> None:
        """Ends what is under way, from another thread."""
        self._is_stopped = True
        if self._sock is not None:
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)

    def seconds(self) -> float:
        """Returns how long the next step may take. Raises if there is no time left."""
        self.check()
        left = self._until - time.monotonic()
        if left <= 0:
            raise ExchangeError(Fault.TIMEOUT)
        return left

    def check(self) -> None:
        if self._is_stopped:
            raise StoppedError

    def count(self, size: int) -> None:
        """Takes note of bytes that came."""
        self.received += size
        self._left -= size
        if self._left < 0:
            raise ExchangeError(Fault.TOO_MUCH_SENT)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Dials the addresses of a host that may be called."""
        addresses = self._permitted(host, port)
        seconds = min(CONNECT_SECONDS, self.seconds())
        try:
            sock, self.peer = self._racing.reach(addresses, port, seconds=seconds, check=self.check)
        except TimeoutError as error:
            raise ExchangeError(Fault.TIMEOUT) from error
        except OSError as error:
            fault = Fault.REFUSED if isinstance(error, ConnectionRefusedError) else Fault.UNREACHABLE
            raise ExchangeError(fault, host=host) from error
        self._sock = sock
        return self._stream(sock)

    def _stream(self, sock: socket.socket) -> WireStream:
        if self._is_stopped:
            sock.close()
        self.check()
        return WireStream(self, sock)

    def _permitted(self, host: str, port: int) -> list[Address]:
        found = addresses_of(host, port, self._resolve, self.seconds())
        guard = self._guard
        kept = [a for a in found if guard is None or guard.permits(a, only_public=self._only_public)]
        if not kept:
            raise ExchangeError(Fault.NOT_PUBLIC, host=host)
        return kept

    def secured(self, sock: socket.socket, context: ssl.SSLContext, name: str | None) -> ssl.SSLSocket:
        """Returns the socket with TLS on it."""
        try:
            self.is_sent = False  # a proxy was asked for the way until now, and nobody else
            sock.settimeout(self.seconds())
            secure = context.wrap_socket(sock, server_hostname=name)
        except TimeoutError as error:
            raise ExchangeError(Fault.TIMEOUT) from error
        except ssl.SSLCertVerificationError as error:
            raise ExchangeError(Fault.CERTIFICATE, host=name or "") from error
        except (OSError, ValueError) as error:
            self.check()
            raise ExchangeError(Fault.TLS, host=name or "") from error
        self._sock, self.head = secure, Head()
        return secure


class WireStream(httpcore2.NetworkStream):
    """A socket of a wire."""

    def __init__(self, wire: Wire, sock: socket.socket) -> None:
        self._wire = wire
        self._sock = sock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Returns what the parser may have next; b"" at the end."""
        while True:
            data = self._received(max_bytes)
            if (taken := self._wire.head.take(data)) or not data:
                return taken

    def _received(self, size: int) -> bytes:
        try:
            self._sock.settimeout(self._wire.seconds())
            data = self._sock.recv(size)
        except TimeoutError as error:
            raise ExchangeError(Fault.TIMEOUT) from error
        except OSError as error:
            self._wire.check()
            raise ExchangeError(Fault.CUT) from error
        self._wire.count(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = memoryview(buffer)
        try:
            while left:  # not sendall: over TLS it gives each record the whole time anew
                self._sock.settimeout(self._wire.seconds())
                size = self._sock.send(left)
                self._wire.is_sent = True
                left = left[size:]
        except TimeoutError as error:
            raise ExchangeError(Fault.TIMEOUT) from error
        except OSError as error:  # httpcore2 looks for an answer all the same
            raise httpcore2.WriteError from error

    def close(self) -> None:
        self._sock.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        try:
            return WireStream(self._wire, self._wire.secured(self._sock, ssl_context, server_hostname))
        except BaseException:
            self._sock.close()
            raise

    def get_extra_info(self, info: str) -> object:
        return _is_readable(self._sock) if info == "is_readable" else None


def _is_readable(sock: socket.socket) -> bool:
    """True if an idle server has said something: that can only be its goodbye."""
    if sock.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def addresses_of(host: str, port: int, resolve: Resolve, seconds: float) -> list[Address]:
    """Returns what a host means now. Raises ExchangeError if that cannot be told in so many seconds."""
    if at_once := known(host):
        return at_once
    box: list[list[str] | Exception] = []
    thread = threading.Thread(target=_ask, args=(resolve, host, port, box), name="resolve", daemon=True)
    thread.start()
    thread.join(seconds)
    if not box:
        raise ExchangeError(Fault.TIMEOUT)
    if isinstance(box[0], Exception) or not box[0]:
        raise ExchangeError(Fault.NAME_UNKNOWN, host=host)
    found = [literal(address) for address in box[0] if "%" not in address]
    return [address for address in found if address is not None]


def _ask(resolve: Resolve, host: str, port: int, box: list[list[str] | Exception]) -> None:
    """Runs in a thread of its own, since the system's resolver cannot be interrupted."""
    try:
        box.append(resolve(host, port))
    except (OSError, UnicodeError) as error:
        box.append(error)
