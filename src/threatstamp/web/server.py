"""A server of HTTP in a thread of its own, beside the desk: small requests, quick answers, an end at once."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from threatstamp.http.serving import PromptServer

START = 10.0
"""Seconds to wait for the thread."""

MOST = 64
"""Requests at once; a further one is answered with 503 by uvicorn."""

LONGEST = 30.0
"""Seconds that a connection may be there: whoever sends half a request must not keep others out."""


class WebServer:
    """Serves routes until it is closed. port: 0 for any that is free."""

    def __init__(self, routes: Sequence[BaseRoute], *, host: str, port: int) -> None:
        self._app = Starlette(routes=routes)
        self._host = host
        self.port = port
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: PromptServer | None = None
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    @property
    def is_alive(self) -> bool:
        """True while it answers."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Returns once it listens. Raises OSError if it cannot, because the port is taken, for instance."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listening = socket.socket(family)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((self._host, self.port))
            listening.listen()
        except OSError:
            listening.close()
            raise
        self.port = listening.getsockname()[1]
        self._listening = listening
        self._thread.start()
        self._ready.wait(START)

    def close(self) -> None:
        """Ends at once: whoever asks now gets no answer."""
        if self._server is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self._server.ended.set)
            self._thread.join(1.0)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        config = uvicorn.Config(
            self._app,
            log_level="critical",
            lifespan="off",
            ws="none",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MOST,
        )
        self._loop = asyncio.get_running_loop()
        self._server = PromptServer(config, longest=LONGEST)
        self._loop.call_soon(self._ready.set)
        await self._server.serve(sockets=[self._listening])
