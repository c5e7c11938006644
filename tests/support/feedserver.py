"""A web server for tests: pages by path, hostile ones too, and a record of the requests."""

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
    """The response for a path. With etag or last_modified, conditional requests get 304.

    has_parts: answers range requests with the right etag. delay: seconds before the response. raw: sends
    something else in place of a response, after which the connection is closed; is_reset: with a TCP reset.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] | None = None
    etag: str | None = None
    last_modified: str | None = None
    has_parts: bool = False
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
        if self.has_parts and "range" in asked and asked.get("if-range") == self.etag:
            start = int(asked["range"].removeprefix("bytes=").removesuffix("-"))
            status, body = (206, body[start:]) if start < len(body) else (416, b"")
            headers["Content-Range"] = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
        if status not in (204, 304):
            headers["Content-Length"] = str(len(body))
        headers.update(self.headers or {})
        lines = [f"HTTP/1.1 {status} {_phrase(status)}"]
        lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request that arrived. headers: names in lower case. connection: the number of its connection."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    connection: int


class FeedServer:
    """Listens on a port of 127.0.0.1 until it is closed, with a thread for each connection.

    address: to listen on another one, such as "0.0.0.0" for all of 127.0.0.0/8. tls: serves https.
    """

    def __init__(self, *, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._pages: dict[str, list[Page]] = {}
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._tls = tls
        self._socks: set[socket.socket] = set()
        self._busy: Counter[str] = Counter()
        self.seen: list[Seen] = []
        self.most_at_once: Counter[str] = Counter()
        self.connections = 0
        self.closing = threading.Event()
        self._listener = socket.create_server((address, 0), backlog=1024)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def put(self, path: str, *pages: Page) -> str:
        """Sets the responses for a path, one per request; the last one stays. Returns its address."""
        with self._lock:
            self._pages[path] = list(pages)
        return self.url(path)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    def asked(self, path: str) -> list[Seen]:
        """Returns the requests for a path so far."""
        with self._lock:
            return [seen for seen in self.seen if seen.path == path]

    def wait_until_busy(self, count: int, seconds: float = 100.0) -> None:
        """Waits until this many requests are in progress at once. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: sum(self._busy.values()) >= count, seconds):
                raise TimeoutError(f"there are never {count} requests at once")

    def counts(self) -> dict[str, int]:
        """Returns the number of requests for each path."""
        found: defaultdict[str, int] = defaultdict(int)
        with self._lock:
            for seen in self.seen:
                found[seen.path] += 1
        return dict(found)

    def close(self) -> None:
        """Closes all connections."""
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
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock, self.connections), daemon=True).start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        with suppress(OSError), sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                with self._tls.wrap_socket(sock, server_side=True) as secure:
                    self._converse(secure, number)
            else:
                self._converse(sock, number)

    def _converse(self, sock: socket.socket, number: int) -> None:
        with self._lock:
            self._socks.add(sock)
        try:
            held = b""
            while not self.closing.is_set():
                while b"\r\n\r\n" not in held:
                    held += _received(sock)
                head, _, held = held.partition(b"\r\n\r\n")
                method, path, headers = _read_head(head.decode("latin-1"))
                size = int(headers.get("content-length", "0"))
                while len(held) < size:
                    held += _received(sock)
                body, held = held[:size], held[size:]
                seen = Seen(
                    method=method,
                    path=path,
                    headers=headers,
                    body=body,
                    at=time.monotonic(),
                    connection=number,
                )
                if not self._answer(sock, seen):
                    return
        finally:
            with self._lock:
                self._socks.discard(sock)

    def _answer(self, sock: socket.socket, seen: Seen) -> bool:
        page = self._page(seen)
        host = seen.headers.get("host", "")
        self._enter(host, 1)
        try:
            if page.delay:
                self.closing.wait(page.delay)
            if page.raw is not None:
                page.raw(lambda data: self._send(sock, data))
                if page.is_reset:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
        finally:  # before it is sent, because the client may send its next request as soon as it has the response
            self._enter(host, -1)
        answer = page.answer(seen.headers)
        if seen.method == "HEAD":
            answer = answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        return self._send(sock, answer)

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
            self._changed.notify_all()

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
    """Runs a server for the duration of the block."""
    server = FeedServer(tls=tls)
    try:
        yield server
    finally:
        server.close()


def rss(*titles: str, head: str = "") -> bytes:
    """Returns an RSS document with an item for each title."""
    items = "".join(f"<item><title>{one}</title><guid>{one}</guid></item>" for one in titles)
    return f'<rss version="2.0"><channel><title>News</title>{head}{items}</channel></rss>'.encode()


def _received(sock: socket.socket) -> bytes:
    """Returns the next data. Raises OSError at the end of the connection."""
    data = sock.recv(65536)
    if not data:
        raise ConnectionError
    return data


def _read_head(head: str) -> tuple[str, str, dict[str, str]]:
    """Returns a request's method, path and headers."""
    first, *rest = head.split("\r\n")
    method, path, _ = first.split(" ")
    fields = (one.partition(":") for one in rest)
    return method, path, {name.lower(): value.strip() for name, _, value in fields}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unheard Of"
