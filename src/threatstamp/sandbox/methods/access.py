"""What the app may see and touch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from threatstamp.sandbox.people import Channel
from threatstamp.sandbox.refusal import RefusedError

if TYPE_CHECKING:
    from threatstamp.sandbox.workspace import SandboxWorkspace


def channel_of(workspace: SandboxWorkspace, name: str, *, by_name: bool = False) -> Channel:
    """Returns a channel that the app can see; a private one without it is not there for it."""
    found = workspace.channels.get(name)
    if found is None and by_name:
        plain = name.removeprefix("#")
        found = next((one for one in workspace.channels.values() if one.name == plain), None)
    if found is None or (found.private and workspace.app.user_id not in found.members):
        raise RefusedError("channel_not_found")
    return found


def readable(workspace: SandboxWorkspace, name: str) -> Channel:
    """Returns a channel whose messages the app may read."""
    channel = channel_of(workspace, name)
    if workspace.app.user_id not in channel.members:
        raise RefusedError("not_in_channel")
    need_scope(workspace, "groups:history" if channel.private else "channels:history")
    return channel


def writable(workspace: SandboxWorkspace, name: str) -> Channel:
    """Returns a channel into which the app may write."""
    channel = channel_of(workspace, name, by_name=True)
    if channel.archived:
        raise RefusedError("is_archived")
    if channel.restricted:
        raise RefusedError("restricted_action")
    if workspace.app.user_id not in channel.members:
        raise RefusedError("not_in_channel")
    return channel


def need_scope(workspace: SandboxWorkspace, *scopes: str) -> None:
    """Raises missing_scope unless the app has one of these."""
    if not set(scopes) & set(workspace.app.scopes):
        raise RefusedError("missing_scope", needed=scopes[0], provided=",".join(workspace.app.scopes))


def permalink(workspace: SandboxWorkspace, channel: str, ts: str) -> str:
    message = workspace.message(channel, ts)
    link = f"https://sandbox.slack.com/archives/{channel}/p{ts.replace('.', '')}"
    thread = message.get("thread_ts")
    return link if thread in (None, ts) else f"{link}?thread_ts={thread}&cid={channel}"
