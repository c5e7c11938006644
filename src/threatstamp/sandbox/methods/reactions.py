"""reactions.*: emoji under messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from threatstamp.sandbox.arguments import Answer, Arguments, method
from threatstamp.sandbox.events import standard_name
from threatstamp.sandbox.methods.access import channel_of, permalink
from threatstamp.sandbox.refusal import RefusedError
from threatstamp.texts.emoji import is_standard

if TYPE_CHECKING:
    from threatstamp.sandbox.workspace import SandboxWorkspace


@method("reactions.add", required=("channel", "timestamp", "name"), scopes=("reactions:write",))
def add(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    channel = channel_of(workspace, given.text("channel"))
    if workspace.app.user_id not in channel.members:
        raise RefusedError("not_in_channel")
    if channel.archived:
        raise RefusedError("is_archived")
    name = _name(workspace, given)
    workspace.react(workspace.app.user_id, channel.id, given.text("timestamp"), name)
    return {}


@method(
    "reactions.remove", required=("name",), optional=("channel", "timestamp"), scopes=("reactions:write",)
)
def remove(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    channel = channel_of(workspace, given.text("channel"))
    name = _name(workspace, given)
    workspace.unreact(workspace.app.user_id, channel.id, given.text("timestamp"), name)
    return {}


@method("reactions.get", optional=("channel", "timestamp", "full"), scopes=("reactions:read",))
def get(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    if not given.has("channel") or not given.has("timestamp"):
        raise RefusedError("no_item_specified")
    channel = channel_of(workspace, given.text("channel"))
    if workspace.app.user_id not in channel.members:
        raise RefusedError("not_in_channel")
    ts = given.text("timestamp")
    workspace.message(channel.id, ts)
    shown = workspace.shown(channel.id, ts, whole=given.flag("full"), metadata=False)
    link = permalink(workspace, channel.id, ts)
    return {"type": "message", "channel": channel.id, "message": {**shown, "permalink": link}}


def _name(workspace: SandboxWorkspace, given: Arguments) -> str:
    name = given.text("name")
    base = standard_name(name).partition("::")[0]
    if base not in workspace.emoji and not is_standard(base):
        raise RefusedError("invalid_name")
    return name
