"""chat.*: saying things."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from threatstamp.sandbox import events
from threatstamp.sandbox.arguments import Answer, Arguments, method
from threatstamp.sandbox.blockkit import check_blocks
from threatstamp.sandbox.methods.access import channel_of, permalink, writable
from threatstamp.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from threatstamp.sandbox.messages import Message
    from threatstamp.sandbox.workspace import SandboxWorkspace

LONGEST = 40_000
LARGEST_METADATA = 8_000
LARGEST_BLOCKS = 15_500
"""Not documented; what people measured (bolt-js#2867): so much is taken, 17,700 is not."""


@method(
    "chat.postMessage",
    required=("channel",),
    optional=(
        "text",
        "blocks",
        "attachments",
        "metadata",
        "thread_ts",
        "reply_broadcast",
        "unfurl_links",
        "unfurl_media",
        "mrkdwn",
        "link_names",
        "parse",
        "username",
        "icon_emoji",
        "icon_url",
    ),
    scopes=("chat:write",),
)
def post_message(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    channel = writable(workspace, workspace.direct(given.text("channel")))
    thread_ts = given.text("thread_ts") or None
    if thread_ts and thread_ts not in workspace.timestamps(channel.id):
        raise RefusedError("thread_not_found")
    content = _content(given)
    ts = workspace.put_message(channel.id, {**_author(workspace), **content}, thread_ts=thread_ts)
    return {"channel": channel.id, "ts": ts, "message": workspace.shown(channel.id, ts)}


@method(
    "chat.update",
    required=("channel", "ts"),
    optional=("text", "blocks", "attachments", "metadata", "link_names", "parse", "reply_broadcast"),
    scopes=("chat:write",),
)
def update(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    channel = writable(workspace, given.text("channel"))
    ts = given.text("ts")
    _own(workspace, channel.id, ts)
    content = _content(given)
    edited = {"edited": {"user": workspace.app.bot_id, "ts": workspace.new_ts()}}
    workspace.change_message(channel.id, ts, {**content, **edited})
    shown = workspace.shown(channel.id, ts)
    return {
        "channel": channel.id,
        "ts": ts,
        "text": str(content.get("text", "")),
        "message": {name: value for name, value in shown.items() if name != "ts"},
    }


@method("chat.delete", required=("channel", "ts"), optional=("as_user",), scopes=("chat:write",))
def delete(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    channel = channel_of(workspace, given.text("channel"))
    _own(workspace, channel.id, given.text("ts"), error="cant_delete_message")
    workspace.delete(channel.id, given.text("ts"))
    return {"channel": channel.id, "ts": given.text("ts")}


@method(
    "chat.postEphemeral",
    required=("channel", "user"),
    optional=("text", "blocks", "attachments", "thread_ts", "link_names", "parse"),
    scopes=("chat:write",),
)
def post_ephemeral(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    channel = writable(workspace, given.text("channel"))
    user = given.text("user")
    if user not in channel.members:
        raise RefusedError("user_not_in_channel")
    content = _content(given)
    return {"message_ts": workspace.put_ephemeral(channel.id, user, {**_author(workspace), **content})}


@method("chat.getPermalink", required=("channel", "message_ts"))
def get_permalink(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    channel = channel_of(workspace, given.text("channel"))
    return {"channel": channel.id, "permalink": permalink(workspace, channel.id, given.text("message_ts"))}


def _own(workspace: SandboxWorkspace, channel: str, ts: str, error: str = "cant_update_message") -> None:
    if workspace.message(channel, ts).get("bot_id") != workspace.app.bot_id:
        raise RefusedError(error)


def _author(workspace: SandboxWorkspace) -> Message:
    app = workspace.app
    return {
        "user": app.user_id,
        "bot_id": app.bot_id,
        "app_id": app.id,
        "team": workspace.team,
        "bot_profile": events.bot_profile(app.bot_id, app.name, app.id, workspace.team),
    }


def _content(given: Arguments) -> Message:
    text = given.text("text")
    if len(text) > LONGEST:
        raise RefusedError("msg_too_long")
    content: Message = {"text": text}
    if given.has("blocks"):
        content["blocks"] = check_blocks(given.json("blocks"))
        if len(json.dumps(content["blocks"], ensure_ascii=False)) > LARGEST_BLOCKS:
            raise RefusedError("msg_blocks_too_long")
    if given.has("attachments"):
        content["attachments"] = given.json("attachments")
    if not text and "blocks" not in content and "attachments" not in content:
        raise RefusedError("no_text")
    if given.has("metadata"):
        content["metadata"] = _metadata(given.json("metadata"))
    return content


def _metadata(metadata: object) -> object:
    if (
        not isinstance(metadata, dict)
        or not isinstance(metadata.get("event_type"), str)
        or not isinstance(metadata.get("event_payload"), dict)
    ):
        raise RefusedError("invalid_metadata_format")
    if len(json.dumps(metadata)) > LARGEST_METADATA:
        raise RefusedError("metadata_too_large")
    return metadata
