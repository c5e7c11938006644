"""pins.*: messages that are pinned to their channel (https://docs.slack.dev/reference/methods/pins.add)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from threatstamp.sandbox.arguments import Answer, Arguments, method
from threatstamp.sandbox.methods.access import channel_of
from threatstamp.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from threatstamp.sandbox.workspace import SandboxWorkspace

MOST = 100
"""Slack names no number in its reference; its help says that a conversation has so many."""


@method("pins.add", required=("channel",), optional=("timestamp",), scopes=("pins:write",))
def add(workspace: SandboxWorkspace, given: Arguments) -> Answer:
    channel = channel_of(workspace, given.text("channel"))
    if not given.has("timestamp"):
        raise RefusedError("no_item_specified")
    if workspace.app.user_id not in channel.members:
        raise RefusedError("no_permission")
    ts = given.text("timestamp")
    workspace.message(channel.id, ts)
    with workspace.changed:
        if ts in channel.pins:
            raise RefusedError("already_pinned")
        if len(channel.pins) >= MOST:
            raise RefusedError("too_many_pins")
        channel.pins.append(ts)
    workspace.touch()
    return {}
