"""A web server for feeds that does what a test wants: pages by path, also hostile ones, and a memory of requests."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus

Send = Callable[[bytes], bool]
"""Sends bytes; False once the other side has hung up or the server is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a path answers. With etag or last_modified it answers 304 to those who know them.

    delay: seconds before the answer. raw: what is sent in place of everything else, and then hung up;
    is_reset: with a reset.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] | None = None
    etag: str | None = None
    last_modified: str | None = None
    delay: float = 0.0
    raw: Callable[[Send], object] | None = None
    is_reset: bool = False

    def answer(self, asked: Mapping[str, str]) -> bytes:
        """Returns the answer to a request with these headers."""
        is_known = (self.etag and asked.get("if-none-match") == self.etag) or (
            self.last_modified and asked.get("if-modified-since") == self.last_modified
        )
        status = 304 if is_known and self.status == 200 else self.status
        body = b"" if status in (204, 304) else self.body
        headers = {"ETag": self.etag, "Last-Modified": self.last_modified}
        if status not in (204, 304):
            headers["Content-Length"] = str(len(body))
        headers.update(self.headers or {})
        lines = [f"HTTP/1.1 {status} {_phrase(status)}"]
        lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request as it came. headers: names in small letters. line: the number of its connection."""

    path: str
    headers: Mapping[str, str]
    at: float
    line: int


class FeedServer:
    """Listens on a port of 127.0.0.1 until it is closed; a thread for each connection.

    address: another one to listen on, e.g. "0.0.0.0" for all of 127.0.0.0/8. tls: speaks TLS.
    """

    def __init__(self, *, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._pages: dict[str, list[Page]] = {}
        self._lock = threading.Lock()
        self._tls = tls
        self._socks: set[socket.socket] = set()
        self._busy: Counter[str] = Counter()
        self.seen: list[Seen] = []
        self.most_at_once: Counter[str] = Counter()
        self.lines = 0
        self.closing = threading.Event()
        self._listener = socket.create_server((address, 0), backlog=1024)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def put(self, path: str, *pages: Page) -> str:
        """Answers a path by these pages, one a request; the last one stays. Returns its address."""
        with self._lock:
            self._pages[path] = list(pages)
        return self.url(path)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def asked(self, path: str) -> list[Seen]:
        """Returns the requests for a path so far."""
        with self._lock:
            return [seen for seen in self.seen if seen.path == path]

    def counts(self) -> dict[str, int]:
        """Returns how often each path was asked for."""
        found: defaultdict[str, int] = defaultdict(int)
        with self._lock:
            for seen in self.seen:
                found[seen.path] += 1
        return dict(found)

    def close(self) -> None:
        """Hangs up everywhere."""
        self.closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for sock in self._socks:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)

    def _listen(self) -> None:
        while not self.closing.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.lines += 1
            threading.Thread(target=self._serve, args=(sock, self.lines), daemon=True).start()

    def _serve(self, sock: socket.socket, line: int) -> None:
        with suppress(OSError), sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                with self._tls.wrap_socket(sock, server_side=True) as secure:
                    self._converse(secure, line)
            else:
                self._converse(sock, line)

    def _converse(self, sock: socket.socket, line: int) -> None:
        with self._lock:
            self._socks.add(sock)
        try:
            held = b""
            while not self.closing.is_set():
                while b"\r\n\r\n" not in held:
                    data = sock.recv(65536)
                    if not data:
                        return
                    held += data
                head, _, held = held.partition(b"\r\n\r\n")
                if not self._answer(sock, head.decode("latin-1"), line):
                    return
        finally:
            with self._lock:
                self._socks.discard(sock)

    def _answer(self, sock: socket.socket, head: str, line: int) -> bool:
        first, *rest = head.split("\r\n")
        path = first.split(" ")[1]
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest)}
        page = self._page(Seen(path=path, headers=headers, at=time.monotonic(), line=line))
        host = headers.get("host", "")
        self._enter(host, 1)
        try:
            if page.delay:
                self.closing.wait(page.delay)
            if page.raw is not None:
                page.raw(lambda data: self._send(sock, data))
                if page.is_reset:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
        finally:  # before it is sent: whoever has the answer may ask the next thing at once
            self._enter(host, -1)
        return self._send(sock, page.answer(headers))

    def _page(self, seen: Seen) -> Page:
        with self._lock:
            self.seen.append(seen)
            pages = self._pages.get(seen.path)
            if not pages:
                return Page(status=404)
            return pages.pop(0) if len(pages) > 1 else pages[0]

    def _enter(self, host: str, step: int) -> None:
        with self._lock:
            self._busy[host] += step
            self.most_at_once[host] = max(self.most_at_once[host], self._busy[host])
            total = sum(self._busy.values()) if step > 0 else 0
            self.most_at_once["*"] = max(self.most_at_once["*"], total)

    def _send(self, sock: socket.socket, data: bytes) -> bool:
        if self.closing.is_set():
            return False
        try:
            sock.sendall(data)
        except OSError:
            return False
        return True


@contextmanager
def feed_server(*, tls: ssl.SSLContext | None = None) -> Iterator[FeedServer]:
    """A server for as long as the block."""
    server = FeedServer(tls=tls)
    try:
        yield server
    finally:
        server.close()


def rss(*titles: str, head: str = "") -> bytes:
    """Returns an RSS document with an item for each title."""
    items = "".join(f"<item><title>{one}</title><guid>{one}</guid></item>" for one in titles)
    return f'<rss version="2.0"><channel><title>News</title>{head}{items}</channel></rss>'.encode()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unheard Of"
