"""The demo's door: the first visitor's browser says in which language everything begins.

The language of the world is that of its people, posts, feeds and desk, so it has to be known before any of
them is there. Until then this small server has the page's address; its page waits for the demo.
"""

from __future__ import annotations

import html
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from threatstamp.texts.catalogue import Language, Texts

_PAGE = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>Threatstamp</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<noscript><meta http-equiv="refresh" content="3"></noscript></head>
<body style="font: 1.1rem system-ui; margin: 3rem"><p role="status">{words}</p><script>
setInterval(() => fetch("/sandbox/state").then((answer) => answer.ok && location.reload(), () => 0), 300);
</script></body></html>
"""


class Door:
    """Listens at once; `wait` returns the language of the first visitor, and frees the port.

    otherwise: for a visitor who names none. Raises OSError if the port is taken.
    """

    def __init__(self, port: int, *, otherwise: Language) -> None:
        self._server = _Server(("127.0.0.1", port), _Answer)
        self._server.otherwise = otherwise
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait(self) -> Language:
        """Waits in small steps, so that a signal ends it."""
        try:
            while not self._server.visited.wait(1.0):
                pass
        finally:
            self._server.shutdown()
            self._server.server_close()
        return self._server.found or self._server.otherwise


class _Server(ThreadingHTTPServer):
    """A thread for each connection, because browsers open some that they do not use."""

    otherwise: Language
    found: Language | None = None

    def __init__(self, *args: object) -> None:
        self.visited = threading.Event()
        super().__init__(*args)  # type: ignore[arg-type]


class _Answer(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/":
            self.send_error(503)
            return
        found = preferred(self.headers.get("Accept-Language", "")) or self.server.otherwise
        words = html.escape(Texts(found)("demo.starting"))
        page = _PAGE.format(language=found.value, words=words).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(page)
        self.server.found = self.server.found or found
        self.server.visited.set()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the terminal is the demo's."""


def preferred(accepted: str) -> Language | None:
    """Returns the one of our languages that the header wants most; None if it names neither.

    Accept-Language: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4
    """
    wanted: dict[Language, float] = {}
    for part in accepted.split(","):
        name, _, weight = part.partition(";")
        tag = name.strip().lower().partition("-")[0]
        if tag in {one.value for one in Language}:
            wanted.setdefault(Language(tag), _weight(weight))
    return max(wanted, key=wanted.__getitem__) if any(wanted.values()) else None


def _weight(said: str) -> float:
    try:
        return float(said.partition("=")[2] or 1.0)
    except ValueError:
        return 0.0
