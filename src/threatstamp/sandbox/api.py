"""The Web API over HTTP: a call is checked, delayed, made to fail if that is due, and answered."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from threatstamp.sandbox import methods as _methods  # noqa: F401 - registers them
from threatstamp.sandbox.arguments import METHODS, ApiMethod, check
from threatstamp.sandbox.events import written
from threatstamp.sandbox.faults import StagedFault
from threatstamp.sandbox.methods.access import need_scope
from threatstamp.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from threatstamp.sandbox.workspace import SandboxWorkspace


Cut = Callable[[tuple[str, int]], None]
"""Cuts the connection with the client at this address."""


class WebApi:
    """An ASGI application for /api/METHOD. cut: for calls that get no answer."""

    def __init__(self, workspace: SandboxWorkspace, *, cut: Cut) -> None:
        self._workspace = workspace
        self._cut = cut
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        name = str(request.path_params["method"])
        try:
            values = await _read(request)
        except (ValueError, ClientDisconnect):
            await JSONResponse({"ok": False, "error": "invalid_json"})(scope, receive, send)
            return
        token = _token(request, values)
        response = await self._answer(name, values, token)
        if response is not None:
            await response(scope, receive, send)
            return
        self._cut(scope["client"])
        while (await receive())["type"] != "http.disconnect":  # before that, uvicorn would answer with 500
            pass

    async def _answer(self, name: str, values: dict[str, object], token: str) -> Response | None:
        workspace = self._workspace
        channel = str(values.get("channel", "")) or None
        fault = workspace.faults.of_call(name, channel)
        if workspace.latency:
            await asyncio.sleep(workspace.latency)
        if fault is not None:
            return await self._fail(fault, name, values, token)
        wait = workspace.limits.wait(name, channel)
        if wait is not None:
            workspace.note_call(name, values, "ratelimited")
            return _limited(wait)
        return self._do(name, values, token)

    def _do(self, name: str, values: dict[str, object], token: str) -> JSONResponse:
        workspace = self._workspace
        try:
            found = METHODS.get(name)
            if found is None:
                raise RefusedError("unknown_method", req_method=name)
            _authorise(workspace, found, token)
            body = {"ok": True, **found.act(workspace, check(found, values))}
            answer = "ok"
        except RefusedError as error:
            body = {"ok": False, "error": error.code, **error.more}
            answer = error.code
        workspace.note_call(name, {key: value for key, value in values.items() if key != "token"}, answer)
        headers = {"X-OAuth-Scopes": ",".join(workspace.app.scopes), "X-Slack-Req-Id": "sandbox"}
        return _Fast(body, headers=headers)

    async def _fail(
        self, fault: StagedFault, name: str, values: dict[str, object], token: str
    ) -> Response | None:
        workspace = self._workspace
        if fault.kind != "slow":
            workspace.note_call(name, values, f"fault:{fault.kind}")
        match fault.kind:
            case "rate_limit":
                return _limited(fault.retry_after)
            case "status":
                return Response("upstream error", status_code=fault.status)
            case "error":
                return JSONResponse({"ok": False, "error": fault.error})
            case "drop":
                self._do(name, values, token)
            case "late":
                self._later(fault.seconds, name, values, token)
            case "hold":
                self._do(name, values, token)
                await asyncio.sleep(3600)
            case "hang":
                await asyncio.sleep(3600)
            case "slow":
                await _slowness(fault)
                return self._do(name, values, token)
        return None

    def _later(self, seconds: float, name: str, values: dict[str, object], token: str) -> None:
        async def apply() -> None:
            await asyncio.sleep(seconds)
            self._do(name, values, token)

        task = asyncio.get_running_loop().create_task(apply())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class Responder:
    """Answers at a response_url: "ok", or 404 and why that address is good for nothing."""

    def __init__(self, workspace: SandboxWorkspace) -> None:
        self._workspace = workspace

    async def answer(self, request: Request) -> Response:
        workspace = self._workspace
        try:
            values = await _read(request)
            workspace.respond(str(request.path_params["number"]), values)
        except (ValueError, ClientDisconnect):
            return Response("invalid_payload", status_code=400)
        except RefusedError as error:
            is_over = error.code in ("used_url", "expired_url")
            body = {"ok": False, "error": error.code, **error.more}
            return JSONResponse(body, status_code=404 if is_over else 400)
        return Response("ok")


async def _slowness(fault: StagedFault) -> None:
    if fault.until is None:
        await asyncio.sleep(fault.seconds)
        return
    loop = asyncio.get_running_loop()
    end = loop.time() + fault.seconds
    while not fault.until.is_set() and loop.time() < end:
        await asyncio.sleep(0.01)  # threads set it, and tell no loop


class _Fast(JSONResponse):
    def render(self, content: object) -> bytes:
        return written(content).encode()


def _limited(wait: float) -> JSONResponse:
    seconds = str(max(1, math.ceil(wait)) if wait >= 1 else round(wait, 2))
    return JSONResponse(
        {"ok": False, "error": "ratelimited"}, status_code=429, headers={"Retry-After": seconds}
    )


async def _read(request: Request) -> dict[str, object]:
    values: dict[str, object] = dict(request.query_params)
    if request.method == "POST":
        body = await request.body()
        if request.headers.get("content-type", "").startswith("application/json"):
            read = json.loads(body or b"{}")
            if not isinstance(read, dict):
                raise ValueError
            values |= read
        else:
            from urllib.parse import parse_qsl

            values |= dict(parse_qsl(body.decode(), keep_blank_values=True))
    return values


def _token(request: Request, values: Mapping[str, object]) -> str:
    header = request.headers.get("authorization", "")
    return header.removeprefix("Bearer ").strip() or str(values.get("token", ""))


def _authorise(workspace: SandboxWorkspace, found: ApiMethod, token: str) -> None:
    app = workspace.app
    if not token:
        raise RefusedError("not_authed")
    if token not in (app.bot_token, app.app_token):
        raise RefusedError("invalid_auth")
    if app.revoked:
        raise RefusedError("token_revoked")
    if app.inactive:
        raise RefusedError("account_inactive")
    if found.name != "api.test" and (token == app.app_token) != found.app_token:
        raise RefusedError("not_allowed_token_type")
    if found.scopes:
        need_scope(workspace, *found.scopes)
