"""The client: one address asked once, by a guarded wire; servers are kept on the line for their next feed."""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

import httpcore2
import httpx2

from threatstamp.config.proxies import ca_context, proxy_for
from threatstamp.http.errors import ExchangeError, StoppedError, forbidden, network
from threatstamp.http.exchange import Answer, Question, exchange, is_final, translated
from threatstamp.http.guard import Network, Resolve, is_public, read_guard, system_resolve
from threatstamp.http.target import Target
from threatstamp.http.wire import Connect, Wire, addresses_of, system_connect

MOST_IDLE = 32
IDLE_SECONDS = 15.0
PROXY_LOOKUP_SECONDS = 2.0


@dataclass(slots=True)
class _Line:
    """A connection and its wire."""

    target: Target
    wire: Wire
    connection: httpcore2.ConnectionInterface
    is_public_by_proxy: bool = False
    is_used: bool = False
    idle_at: float = 0.0

    @property
    def is_public(self) -> bool:
        """True if a public server is at the other end, or behind the proxy as far as can be told."""
        if self.wire.is_guarded:
            return self.wire.peer is not None and is_public(self.wire.peer)
        return self.is_public_by_proxy


class Client:
    """Asks addresses by GET; safe to be used by many threads. It keeps no cookies and follows nothing.

    allow_private: networks that may be called although they are not public. resolve, connect: the way to
    the network, another one in tests. Raises PolicyError if SSL_CERT_FILE cannot be used.
    """

    def __init__(
        self,
        *,
        allow_private: Iterable[str | Network] = (),
        environ: Mapping[str, str] = os.environ,
        resolve: Resolve = system_resolve,
        connect: Connect = system_connect,
    ) -> None:
        self._guard = read_guard(allow_private)
        self._environ = environ
        self._resolve = resolve
        self._connect = connect
        self._tls: ssl.SSLContext | None = ca_context(environ)
        self._lock = threading.Lock()
        self._idle: dict[tuple[str, str, int], _Line] = {}
        self._busy: set[Wire] = set()
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hangs up everywhere; whoever waits for an answer gets a StoppedError."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, {}
            busy = tuple(self._busy)
        for wire in busy:
            wire.stop()
        for line in idle.values():
            line.connection.close()

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def get(self, question: Question) -> Answer:
        """Asks once. Raises ExchangeError; StoppedError if the client is closed meanwhile."""
        line = self._kept(question)
        if line is not None:
            try:
                return self._ask(line, question)
            except _StaleError:
                pass  # the server hung up while the line was idle
        return self._ask(self._dialled(question), question)

    def _ask(self, line: _Line, question: Question) -> Answer:
        wire = line.wire
        self._register(wire)
        try:
            wire.begin(until=question.until, most=question.most, only_public=question.only_public)
            answer = exchange(line.connection, question)
        except (
            ExchangeError,
            httpcore2.NetworkError,
            httpcore2.ProtocolError,
            httpcore2.ProxyError,
        ) as error:
            line.connection.close()
            wire.check()
            if line.is_used and not wire.received and not is_final(error):
                raise _StaleError from error
            raise translated(error, question.target) from error
        except BaseException:
            line.connection.close()
            raise
        finally:
            with self._lock:
                self._busy.discard(wire)
        if not wire.received:  # it was sent ahead of the question, with an earlier answer
            line.connection.close()
            raise _StaleError
        self._keep(line)
        return replace(answer, is_public=line.is_public)

    def _register(self, wire: Wire) -> None:
        with self._lock:
            if self._is_closed:
                raise StoppedError
            self._busy.add(wire)

    def _kept(self, question: Question) -> _Line | None:
        """Returns a line to a server that is still open, if there is one."""
        with self._lock:
            line = self._idle.pop(question.target.origin, None)
        if line is None:
            return None
        is_old = time.monotonic() - line.idle_at > IDLE_SECONDS
        if is_old or (question.only_public and not line.is_public) or line.connection.has_expired():
            line.connection.close()
            return None
        return line

    def _keep(self, line: _Line) -> None:
        """Keeps a line for the next question, the youngest few of them."""
        if not line.connection.is_idle():
            line.connection.close()
            return
        line.is_used, line.idle_at = True, time.monotonic()
        origin = line.target.origin
        with self._lock:
            extra = [self._idle.pop(origin)] if origin in self._idle else []
            self._idle[origin] = line
            if self._is_closed or len(self._idle) > MOST_IDLE:
                extra.append(self._idle.pop(next(iter(self._idle))))
        for other in extra:
            other.connection.close()

    def _dialled(self, question: Question) -> _Line:
        """Returns a line that will dial when it is asked: straight, or to the proxy of the environment."""
        target = question.target
        origin = httpcore2.Origin(target.scheme.encode(), target.host.encode(), target.port)
        proxy = proxy_for(target.url, self._environ)
        wire = Wire(None if proxy else self._guard, resolve=self._resolve, connect=self._connect)
        if proxy is None:
            connection = httpcore2.HTTPConnection(
                origin, ssl_context=self._context(target.scheme), network_backend=wire
            )
            return _Line(target, wire, connection)
        is_outside = self._check_behind_proxy(question)
        return _Line(target, wire, self._proxied(proxy, origin, wire), is_public_by_proxy=is_outside)

    def _proxied(self, proxy: str, origin: httpcore2.Origin, wire: Wire) -> httpcore2.ConnectionInterface:
        parts = _read_proxy(proxy, is_for_tls=origin.scheme == b"https")
        pool = httpcore2.HTTPProxy(
            str(parts.copy_with(userinfo=b"")),
            proxy_auth=(parts.username.encode(), parts.password.encode()) if parts.userinfo else None,
            ssl_context=self._context("https"),
            proxy_ssl_context=self._context("https") if parts.scheme == "https" else None,
            network_backend=wire,
        )
        return pool.create_connection(origin)

    def _check_behind_proxy(self, question: Question) -> bool:
        """Refuses what is private as far as this machine can tell; the proxy resolves names by itself.

        True for a public server, and for a name that only the proxy knows.
        """
        target = question.target
        seconds = min(PROXY_LOOKUP_SECONDS, question.until - time.monotonic())
        try:
            found = addresses_of(target.host, target.port, self._resolve, max(0.0, seconds))
        except ExchangeError:
            return True
        if not found or not all(
            self._guard.permits(address, only_public=question.only_public) for address in found
        ):
            raise forbidden("not_public", host=target.host)
        return all(map(is_public, found))

    def _context(self, scheme: str) -> ssl.SSLContext | None:
        if scheme != "https":
            return None
        with self._lock:
            if self._tls is None:
                self._tls = httpcore2.default_ssl_context()
            return self._tls


def _read_proxy(said: str, *, is_for_tls: bool) -> httpx2.URL:
    """Returns a proxy's address. TLS within TLS is not spoken, nor SOCKS."""
    try:
        parts = httpx2.URL(said)
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise network("proxy_wrong") from error
    if not parts.host:
        raise network("proxy_wrong")
    if parts.scheme not in ("http", "https") or (parts.scheme == "https" and is_for_tls):
        raise network("proxy_unknown", scheme=parts.scheme[:20])
    return parts


class _StaleError(Exception):
    """A kept line was dead before it said anything, or had said it before it was asked."""
