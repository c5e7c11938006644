"""A small feed server: the invented publishers answer on 127.0.0.1, and have more news as time goes on."""

from __future__ import annotations

import hashlib
import socketserver
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

from threatstamp.demo.publishers import Happening, Publisher, document, with_happening

EVERY = 50.0
"""So many seconds lie between two happenings while somebody clicks."""


class FeedServer(socketserver.TCPServer):
    """Serves each publisher's feed with an ETag. One thread: answers, and what happens by itself.

    on_listing: called when a listing in the KEV catalogue happens by itself; must not take long.
    """

    allow_reuse_address = True

    def __init__(
        self,
        publishers: Iterable[Publisher],
        later: Iterable[Happening] = (),
        *,
        on_listing: Callable[[Happening], None] = lambda _: None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self._on_listing = on_listing
        self._publishers = {one.path: one for one in publishers}
        self._later = list(later)
        self._lock = threading.Lock()
        self._next_at: float | None = None
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), name="feeds", daemon=True)

    @property
    def url(self) -> str:
        """The address that paths are put behind."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def publishers(self) -> tuple[Publisher, ...]:
        with self._lock:
            return tuple(self._publishers.values())

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join(2)
        self.server_close()

    def go_on(self, *, by_itself: bool) -> None:
        """Lets things happen by themselves from now on, or only by `advance`."""
        with self._lock:
            self._next_at = time.monotonic() + EVERY if by_itself else None

    def advance(self) -> Happening | None:
        """Lets the next thing happen; returns it, or None if there is nothing left."""
        with self._lock:
            if not self._later:
                return None
            happening = self._later.pop(0)
            if not happening.listed:
                publisher = next(one for one in self._publishers.values() if one.name == happening.feed)
                changed = with_happening(publisher, happening, now=datetime.now(UTC))
                self._publishers[changed.path] = changed
            return happening

    def service_actions(self) -> None:
        """Called by the one thread several times a second."""
        with self._lock:
            is_due = self._next_at is not None and time.monotonic() >= self._next_at
            if is_due:
                self._next_at = time.monotonic() + EVERY
        happening = self.advance() if is_due else None
        if happening is not None and happening.listed:
            self._on_listing(happening)

    def find(self, path: str) -> Publisher | None:
        with self._lock:
            return self._publishers.get(path)


class _Answer(BaseHTTPRequestHandler):
    """One request: the document, or 304 for those who have it. It hangs up after each."""

    server: FeedServer
    timeout = 5.0

    def do_GET(self) -> None:
        publisher = self.server.find(self.path)
        if publisher is None:
            self.send_error(404)
            return
        body = document(publisher)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        is_known = self.headers.get("If-None-Match") == etag
        self.send_response(304 if is_known else 200)
        self.send_header("ETag", etag)
        if not is_known:
            self.send_header("Content-Type", publisher.media_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not is_known:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the desk's own log is the one to read."""
