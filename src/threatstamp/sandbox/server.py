"""The sandbox's server: one thread, one loop, on this machine only."""

from __future__ import annotations

import asyncio
import socket
import threading
from email.utils import formatdate
from importlib.resources import as_file, files
from types import TracebackType

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from threatstamp.http.serving import PromptServer
from threatstamp.sandbox.api import Cut, Responder, WebApi
from threatstamp.sandbox.page_api import PageApi
from threatstamp.sandbox.workspace import SandboxWorkspace

POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"


class Sandbox:
    """A running sandbox. Use it as a context manager, or `close` it."""

    def __init__(self, workspace: SandboxWorkspace, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.workspace = workspace
        self._host = host
        self._port = port
        self._ready = threading.Event()
        self._failed: OSError | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._server: PromptServer | None = None
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    def start(self) -> Sandbox:
        """Starts it and returns once it answers. Raises OSError if the port is taken."""
        self._thread.start()
        self._ready.wait(10)
        if self._failed is not None:
            raise self._failed
        return self

    def close(self) -> None:
        """Ends at once, whatever hangs."""
        if self._server is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(self.workspace.sockets.close_all)
            self._loop.call_soon_threadsafe(self._server.ended.set)
        self.workspace.requests.close()
        self._thread.join(2)

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((self._host, self._port))
        except OSError as error:
            self._failed = error
            self._ready.set()
            return
        self._port = listening.getsockname()[1]
        self.workspace.response_base = self.url
        links = await self.workspace.sockets.start(self._host)
        config = uvicorn.Config(
            build(self.workspace, cut=self._cut),
            log_level="critical",
            lifespan="off",
            ws="none",
            access_log=False,
            date_header=False,
        )
        self._server = PromptServer(config)
        self._loop.call_soon(self._ready.set)
        try:
            await self._server.serve(sockets=[listening])
        finally:
            links.close(close_connections=False)

    def _cut(self, client: tuple[str, int]) -> None:
        assert self._server is not None  # it is what calls this
        self._server.cut(client)


def serve(workspace: SandboxWorkspace, *, host: str = "127.0.0.1", port: int = 0) -> Sandbox:
    """Returns a sandbox to be entered: `with serve(SandboxWorkspace()) as sandbox:`."""
    return Sandbox(workspace, host=host, port=port)


def build(workspace: SandboxWorkspace, *, cut: Cut) -> Starlette:
    """Returns the application: the Web API, the page, and what the page needs. cut: see `WebApi`."""
    page = PageApi(workspace)
    with as_file(files("threatstamp.sandbox") / "page") as folder:
        root = folder

    async def index(_: Request) -> Response:
        return FileResponse(root / "index.html", headers={"Cache-Control": "no-cache"})

    return Starlette(
        routes=[
            Route("/", index),
            Route("/api/{method}", WebApi(workspace, cut=cut), methods=["GET", "POST"]),
            Route("/response/{number}", Responder(workspace).answer, methods=["POST"]),
            Route("/sandbox/state", page.state),
            Route("/sandbox/stream", page.stream),
            Route("/sandbox/act", page.act, methods=["POST"]),
            Route("/sandbox/control/{action}", page.control, methods=["POST"]),
            Mount("/page", StaticFiles(directory=root, check_dir=False)),
        ],
        middleware=[Middleware(_Headers)],
    )


class _Headers:
    """The time in every answer, and headers for the page.

    Plain ASGI: a call that is answered with nothing must stay so. Desks set their clocks by the time, so
    it is told as it is now; uvicorn would tell what it was up to a second ago, or longer on a busy machine.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"date", formatdate(usegmt=True).encode())]
            if message["type"] == "http.response.start" and not scope["path"].startswith("/api/"):
                message["headers"] = [
                    *message["headers"],
                    (b"content-security-policy", POLICY.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                ]
            await send(message)

        await self._app(scope, receive, with_headers)
