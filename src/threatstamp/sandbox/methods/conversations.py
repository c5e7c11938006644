"""conversations.*: channels and their messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from threatstamp.sandbox.arguments import Answer, Arguments, method
from threatstamp.sandbox.events import micros
from threatstamp.sandbox.methods.access import channel_of, need_scope, readable
from threatstamp.sandbox.methods.pages import page_of
from threatstamp.sandbox.people import Channel
from threatstamp.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from threatstamp.sandbox.messages import Message
    from threatstamp.sandbox.workspace import SandboxWorkspace

WINDOW = ("oldest", "latest", "inclusive", "limit", "cursor", "include_all_metadata")


@method("conversations.history", required=("channel",), optional=WINDOW)
def history(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    channel = readable(workspace, given.text("channel"))
    with workspace.changed:
        found = [
            ts
            for ts in reversed(workspace.timestamps(channel.id))
            if _is_in_channel(workspace.message(channel.id, ts), ts) and _is_within(ts, given)
        ]
        page, after = page_of(workspace, found, given, default=100)
        messages = [_shown(workspace, channel, ts, given) for ts in page]
    return _messages(messages, after)


@method("conversations.replies", required=("channel", "ts"), optional=WINDOW)
def replies(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    channel = readable(workspace, given.text("channel"))
    with workspace.changed:
        try:
            asked = workspace.message(channel.id, given.text("ts"))
        except RefusedError:
            raise RefusedError("thread_not_found") from None
        parent = str(asked.get("thread_ts") or asked["ts"])
        found = [
            ts
            for ts in workspace.timestamps(channel.id)
            if ts != parent
            and workspace.message(channel.id, ts).get("thread_ts") == parent
            and _is_within(ts, given)
        ]
        everything = [parent, *found] if parent in workspace.timestamps(channel.id) else found
        page, after = page_of(workspace, everything, given, default=1000)
        messages = [_shown(workspace, channel, ts, given) for ts in page]
    return _messages(messages, after)


@method(
    "conversations.info",
    required=("channel",),
    optional=("include_locale", "include_num_members"),
)
def info(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    channel = channel_of(workspace, given.text("channel"))
    need_scope(workspace, "groups:read" if channel.private else "channels:read")
    body = channel_body(workspace, channel)
    if channel.canvas is not None:
        is_empty = not channel.canvas.markdown
        canvas = {"file_id": channel.canvas.id, "is_empty": is_empty, "quip_thread_id": channel.canvas.id}
        body["properties"] = {"canvas": canvas}
    return {"channel": body}


@method("conversations.list", optional=("types", "exclude_archived", "limit", "cursor", "team_id"))
def list_all(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    return _list(workspace, given, member=False)


@method("users.conversations", optional=("types", "exclude_archived", "limit", "cursor", "user", "team_id"))
def of_user(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    return _list(workspace, given, member=True)


@method(
    "conversations.members",
    required=("channel",),
    optional=("limit", "cursor"),
    scopes=("channels:read", "groups:read"),
)
def members(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    channel = channel_of(workspace, given.text("channel"))
    page, after = page_of(workspace, sorted(channel.members), given, default=100)
    return {"members": page, "response_metadata": {"next_cursor": after}}


@method("conversations.join", required=("channel",), scopes=("channels:join",))
def join(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    channel = channel_of(workspace, given.text("channel"))
    if channel.private:
        raise RefusedError("method_not_supported_for_channel_type")
    if channel.archived:
        raise RefusedError("is_archived")
    workspace.join(channel.id)
    return {"channel": _without(channel_body(workspace, channel), "num_members")}


def channel_body(workspace: SandboxWorkspace, channel: Channel) -> Message:
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "is_general": False,
        "is_shared": channel.ext_shared,
        "is_ext_shared": channel.ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "is_member": workspace.app.user_id in channel.members,
        "created": channel.created,
        "creator": "U0ADMIN",
        "unlinked": 0,
        "num_members": len(channel.members),
    }


def _list(workspace: SandboxWorkspace, given: Arguments, *, member: bool) -> Answer:
    types = given.text("types", "public_channel").split(",")
    for kind, scope in (("public_channel", "channels:read"), ("private_channel", "groups:read")):
        if kind in types:
            need_scope(workspace, scope)
    me = workspace.app.user_id
    found = [
        one
        for one in workspace.channels.values()
        if ("private_channel" if one.private else "public_channel") in types
        and (me in one.members or not (member or one.private))
        and not (one.archived and given.flag("exclude_archived"))
    ]
    page, after = page_of(workspace, [one.id for one in found], given, default=100)
    hidden = ("is_member", "num_members") if member else ()
    bodies = [_without(channel_body(workspace, workspace.channels[one]), *hidden) for one in page]
    return {"channels": bodies, "response_metadata": {"next_cursor": after}}


def _without(body: Message, *names: str) -> Message:
    return {name: value for name, value in body.items() if name not in names}


def _messages(messages: list[Message], after: str) -> Answer:
    answer: Answer = {"messages": messages, "has_more": bool(after)}
    if after:
        answer["response_metadata"] = {"next_cursor": after}
    return answer


def _is_in_channel(message: Message, ts: str) -> bool:
    return message.get("thread_ts") in (None, ts) or message.get("subtype") == "thread_broadcast"


def _is_within(ts: str, given: Arguments) -> bool:
    at, inclusive = micros(ts), given.flag("inclusive")
    for name, sign in (("oldest", 1), ("latest", -1)):
        if given.has(name):
            try:
                bound = micros(given.text(name))
            except ValueError:
                raise RefusedError(f"invalid_ts_{name}") from None
            distance = (at - bound) * sign
            if distance < 0 or (distance == 0 and not inclusive):
                return False
    return True


def _shown(workspace: SandboxWorkspace, channel: Channel, ts: str, given: Arguments) -> Message:
    return workspace.shown(channel.id, ts, metadata=given.flag("include_all_metadata"))
