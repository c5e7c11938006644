"""Health and metrics over HTTP: one thread beside the desk, which only looks."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from threatstamp.http.serving import PromptServer

START = 10.0
"""Seconds to wait for the thread."""

MOST = 32
"""Requests at once; a further one is answered with 503 by uvicorn."""

LONGEST = 30.0
"""Seconds that a connection may be there: whoever sends half a request must not keep others out."""

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
"""The format of Prometheus: https://prometheus.io/docs/instrumenting/exposition_formats/"""

Reasons = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Who knows the answers; each is asked anew for every request, in a thread of its own.

    health, readiness: why not, each reason as JSON; nothing if all is well. metrics: a page in the format
    of Prometheus; None if there are none.
    """

    health: Callable[[], Reasons]
    readiness: Callable[[], Reasons]
    metrics: Callable[[], str] | None = None


def build(answers: Answers) -> Starlette:
    """Returns the application. Nothing in it changes anything, so anybody who can reach it may ask."""

    def health(_: Request) -> Response:
        return _said(answers.health())

    def ready(_: Request) -> Response:
        return _said(answers.readiness())

    routes = [Route("/healthz", health), Route("/readyz", ready)]
    if answers.metrics is not None:
        metrics = answers.metrics

        def measured(_: Request) -> Response:
            return Response(metrics(), headers={"Content-Type": EXPOSITION, "Cache-Control": "no-store"})

        routes.append(Route("/metrics", measured))
    return Starlette(routes=routes)


class HealthServer:
    """Serves an application from a thread of its own, until it is closed. port: 0 for any that is free."""

    def __init__(self, answers: Answers, *, host: str, port: int) -> None:
        self._app = build(answers)
        self._host = host
        self.port = port
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: PromptServer | None = None
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)

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
            limit_concurrency=MOST,
        )
        self._loop = asyncio.get_running_loop()
        self._server = PromptServer(config, longest=LONGEST)
        self._loop.call_soon(self._ready.set)
        await self._server.serve(sockets=[self._listening])


def _said(reasons: Reasons) -> Response:
    body = {"ok": not reasons, "reasons": list(reasons)}
    return JSONResponse(body, status_code=503 if reasons else 200, headers={"Cache-Control": "no-store"})
