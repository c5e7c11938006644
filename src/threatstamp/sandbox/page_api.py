"""What the page needs: the state, a stream of news, what people do; and control by HTTP, for tests."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from threatstamp.sandbox import events
from threatstamp.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from threatstamp.sandbox.people import Channel
    from threatstamp.sandbox.workspace import SandboxWorkspace

LOCAL = frozenset({"127.0.0.1", "localhost", "[::1]"})
COLOURS = ("#2563eb", "#b45309", "#15803d", "#be185d", "#6d28d9", "#0e7490", "#a16207", "#b91c1c")
CONTROL = frozenset(
    {
        "add_user",
        "add_channel",
        "add_group",
        "set_group",
        "add_emoji",
        "post",
        "post_rss",
        "edit",
        "delete",
        "react",
        "unreact",
        "click",
        "submit",
        "close_view",
        "click_home",
        "command",
        "shortcut",
        "open_home",
        "home",
        "view",
        "join",
        "leave",
        "archive",
        "messages",
        "ephemerals",
        "note",
        "clear_notes",
    }
)


def is_local(request: Request) -> bool:
    """True for a page of ours: another site's script must not reach the sandbox by a rebound name."""
    host = request.headers.get("host", "").rsplit(":", 1)[0]
    origin = request.headers.get("origin")
    return host in LOCAL and (origin is None or urlsplit(origin).netloc == request.headers.get("host"))


class PageApi:
    """The page's side of the server."""

    def __init__(self, workspace: SandboxWorkspace) -> None:
        self._workspace = workspace

    async def state(self, request: Request) -> Response:
        if not is_local(request):
            return _refused("this address answers to its own page only", status=403)
        return JSONResponse(state_body(self._workspace), headers={"Cache-Control": "no-store"})

    async def stream(self, request: Request) -> Response:
        if not is_local(request):
            return _refused("this address answers to its own page only", status=403)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._news(), media_type="text/event-stream", headers=headers)

    async def act(self, request: Request) -> Response:
        if not is_local(request):
            return _refused("this address answers to its own page only", status=403)
        try:
            body = await request.json()
            self._act({str(name): str(value) for name, value in body.items() if value is not None})
        except RefusedError as error:
            return _refused(error.code)
        except (ValueError, KeyError, AttributeError) as error:
            return _refused(f"not understood: {error}")
        return JSONResponse({"ok": True})

    async def control(self, request: Request) -> Response:
        """POST /sandbox/control/ACTION with the arguments of the method of that name."""
        if not is_local(request):
            return _refused("this address answers to its own page only", status=403)
        action = str(request.path_params["action"])
        call = self._control(action)
        if call is None:
            return _refused(f"no action {action!r}")
        try:
            body = await request.json() if await request.body() else {}
            inspect.signature(call).bind(**body)
            result = call(**body)
        except RefusedError as error:
            return _refused(error.code)
        except (ValueError, TypeError, KeyError) as error:
            return _refused(f"{action}: {error}")
        return JSONResponse({"ok": True, "result": result}, status_code=200)

    def _control(self, action: str) -> Callable[..., object] | None:
        workspace = self._workspace
        if action in CONTROL:
            found: Callable[..., object] = getattr(workspace, action)
            return found
        special: dict[str, Callable[..., object]] = {
            "fault": workspace.faults.add,
            "event_fault": workspace.faults.events,
            "clear_faults": workspace.faults.clear,
            "request_fault": workspace.faults.requests,
            "subscribe": workspace.requests.subscribe,
            "cut": workspace.sockets.cut,
            "refresh": workspace.sockets.refresh,
            "refuse": workspace.sockets.refuse,
            "limits_off": workspace.limits.off,
            "calls": lambda method=None: [
                {"method": one.method, "arguments": one.arguments, "at": one.at, "answer": one.answer}
                for one in workspace.calls(method)
            ],
            "connections": lambda: workspace.sockets.count,
        }
        return special.get(action)

    def _act(self, body: dict[str, str]) -> None:
        workspace = self._workspace
        user, channel = body["user"], body["channel"]
        if user not in workspace.users or channel not in workspace.channels:
            raise RefusedError("channel_not_found")
        match body["action"]:
            case "post":
                workspace.post(channel, events.escape(body["text"]), user=user)
            case "reply":
                parent = workspace.message(channel, body["ts"])
                thread = str(parent.get("thread_ts") or parent["ts"])
                workspace.post(channel, events.escape(body["text"]), user=user, thread_ts=thread)
            case "react":
                workspace.react(user, channel, body["ts"], body["emoji"])
            case "unreact":
                workspace.unreact(user, channel, body["ts"], body["emoji"])
            case "edit" | "delete":
                if workspace.message(channel, body["ts"]).get("user") != user:
                    raise RefusedError("cant_update_message")
                if body["action"] == "edit":
                    workspace.edit(channel, body["ts"], events.escape(body["text"]))
                else:
                    workspace.delete(channel, body["ts"])
            case _:
                self._interact(body, user, channel)

    def _interact(self, body: dict[str, str], user: str, channel: str) -> None:
        workspace = self._workspace
        match body["action"]:
            case "click":
                workspace.click(user, channel, body["ts"], body["action_id"], body.get("value", ""))
            case "click_home":
                workspace.click_home(user, body["action_id"], body.get("value", ""))
            case "open_home":
                workspace.open_home(user)
            case "skip":
                if workspace.skip is None or not workspace.skip():
                    raise RefusedError("nothing_left")
            case "submit":
                workspace.submit(user, json.loads(body["values"]))
            case "close_view":
                workspace.close_view(user)
            case "command":
                workspace.command(user, channel, body["text"])
            case "shortcut":
                workspace.shortcut(user, channel, body["ts"], body["callback_id"])
            case other:
                raise ValueError(f"no action {other!r}")

    async def _news(self) -> AsyncIterator[str]:
        queue: asyncio.Queue[dict[str, object]] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        stop = self._workspace.listen(lambda news: _put(loop, queue, news))
        try:
            yield ": welcome\n\n"
            while True:
                try:
                    news = await asyncio.wait_for(queue.get(), timeout=15)
                except TimeoutError:
                    yield ": still here\n\n"
                    continue
                yield f"data: {json.dumps(news, ensure_ascii=False)}\n\n"
        finally:
            stop()


def _put(
    loop: asyncio.AbstractEventLoop, queue: asyncio.Queue[dict[str, object]], news: dict[str, object]
) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(queue.put_nowait, news)


def state_body(workspace: SandboxWorkspace) -> dict[str, object]:
    """Returns all that the page shows."""
    with workspace.changed:
        return {
            "team": {"id": workspace.team, "name": workspace.name},
            "language": workspace.language,
            "me": workspace.app.user_id,
            "users": [
                {
                    "id": user.id,
                    "name": user.name,
                    "display_name": user.display_name,
                    "avatar": user.display_name[:2] if user.display_name.isascii() else user.display_name[:1],
                    "color": COLOURS[number % len(COLOURS)],
                    "is_bot": user.bot,
                    "title": user.title,
                }
                for number, user in enumerate(workspace.users.values())
            ],
            "channels": [_channel(channel) for channel in workspace.channels.values()],
            "groups": [
                {"id": group.id, "handle": group.handle, "name": group.name, "members": group.members}
                for group in workspace.groups.values()
            ],
            "emoji": dict(workspace.emoji),
            "legend": workspace.legend,
            "can_skip": workspace.skip is not None,
            "shows_calls": workspace.shows_calls,
            "shortcuts": workspace.shortcuts,
            "commands": workspace.commands,
            "homes": {user: home for user in workspace.users if (home := workspace.home(user))},
            "views": {user: view for user in workspace.users if (view := workspace.view(user))},
            "notes": [note.body() for note in workspace.notes],
            "messages": {channel: workspace.everything(channel) for channel in workspace.channels},
        }


def _channel(channel: Channel) -> dict[str, object]:
    canvas = channel.canvas
    return {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "direct_with": channel.direct_with,
        "canvas": canvas and {"title": canvas.title, "markdown": canvas.markdown},
    }


def _refused(sentence: str, *, status: int = 400) -> JSONResponse:
    return JSONResponse({"ok": False, "error": sentence}, status_code=status)
