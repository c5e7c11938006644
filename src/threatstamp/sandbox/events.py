"""Slack's events and small shapes, as its documentation shows them."""

from __future__ import annotations

import itertools
import time
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threatstamp.sandbox.people import Group
    from threatstamp.sandbox.workspace import Note, Workspace

Body = dict[str, object]
_ids = itertools.count(1)


def ts(micros_: int) -> str:
    return f"{micros_ // 1_000_000}.{micros_ % 1_000_000:06d}"


def micros(text: str) -> int:
    seconds, _, fraction = text.partition(".")
    return int(seconds) * 1_000_000 + int((fraction or "0").ljust(6, "0")[:6])


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@cache
def _aliases() -> dict[str, str]:
    text = files("threatstamp.texts").joinpath("emoji.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {alias: row[0] for row in rows for alias in row[2:]}


def standard_name(name: str) -> str:
    """A standard alias never fires: thumbsup is +1 by the time that it is stored."""
    base, tone, number = name.strip(":").partition("::")
    return _aliases().get(base, base) + tone + number


def bot_profile(bot: str, name: str, app: str, team: str) -> Body:
    return {
        "id": bot,
        "app_id": app,
        "name": name,
        "deleted": False,
        "updated": 1_700_000_000,
        "team_id": team,
        "icons": {"image_36": "", "image_48": "", "image_72": ""},
    }


def envelope(workspace: Workspace, event: Body, *, channel: str | None) -> Body:
    """The payload around an event: who it is for, and whether its channel is shared."""
    shared = channel is not None and workspace.channels[channel].ext_shared
    number = next(_ids)
    return {
        "token": "sandbox",
        "team_id": workspace.team,
        "context_team_id": workspace.team,
        "context_enterprise_id": None,
        "api_app_id": workspace.app.id,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{number:09d}",
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team,
                "user_id": workspace.app.user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": shared,
        "event_context": f"4-sandbox-{number}",
    }


def again(payload: Body) -> Body:
    """The same event under another id."""
    return {**payload, "event_id": f"Ev{next(_ids):09d}"}


def reaction(
    workspace: Workspace, kind: str, user: str, channel: str, message: Body, name: str, event_ts: str
) -> Body:
    event: Body = {
        "type": kind,
        "user": user,
        "reaction": name,
        "item": {"type": "message", "channel": channel, "ts": message["ts"]},
        "event_ts": event_ts,
    }
    if message.get("user"):  # absent for posts by webhooks and by Slack's own RSS app
        event["item_user"] = message["user"]
    return event


def message(workspace: Workspace, channel: str, stored: Body) -> Body:
    kind = "group" if workspace.channels[channel].private else "channel"
    return {**stored, "channel": channel, "channel_type": kind, "event_ts": stored["ts"]}


def message_changed(workspace: Workspace, channel: str, before: Body, after: Body) -> Body:
    return {
        "type": "message",
        "subtype": "message_changed",
        "channel": channel,
        "channel_type": "group" if workspace.channels[channel].private else "channel",
        "hidden": True,
        "message": dict(after),
        "previous_message": before,
        "ts": workspace.new_ts(),
        "event_ts": workspace.new_ts(),
    }


def message_deleted(workspace: Workspace, channel: str, before: Body) -> Body:
    return {
        "type": "message",
        "subtype": "message_deleted",
        "channel": channel,
        "channel_type": "group" if workspace.channels[channel].private else "channel",
        "hidden": True,
        "deleted_ts": before["ts"],
        "previous_message": dict(before),
        "ts": workspace.new_ts(),
        "event_ts": workspace.new_ts(),
    }


def member(workspace: Workspace, kind: str, channel: str) -> Body:
    return {
        "type": kind,
        "user": workspace.app.user_id,
        "channel": channel,
        "channel_type": "G" if workspace.channels[channel].private else "C",
        "team": workspace.team,
        "event_ts": workspace.new_ts(),
    }


def group_changed(workspace: Workspace, group: Group) -> Body:
    return {
        "type": "subteam_members_changed",
        "subteam_id": group.id,
        "team_id": workspace.team,
        "date_update": int(time.time()),
        "event_ts": workspace.new_ts(),
    }


def note_body(note: Note) -> Body:
    return {"id": note.id, "at": note.at, "kind": note.kind, "text": note.text, "data": note.data}
