"""Slack's events and small shapes, as its documentation shows them."""

from __future__ import annotations

import itertools
import json
import re
import time
from functools import cache
from importlib.resources import files
from typing import cast

from threatstamp.sandbox.people import Channel, TestedApp, UserGroup

Body = dict[str, object]
RSS_APP = "A0F81R7U7"
RSS_BOT = "B0RSS"
_HALVES = re.compile("[\ud800-\udfff]")
_ids = itertools.count(1)


def ts(micros_: int) -> str:
    return f"{micros_ // 1_000_000}.{micros_ % 1_000_000:06d}"


def written(body: object) -> str:
    """Returns JSON as it goes over the wire: half a surrogate pair can only be an escape in it."""
    text = json.dumps(body, ensure_ascii=False)
    return json.dumps(body) if _HALVES.search(text) else text


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


def rss_post(team: str, title: str, link: str, *, source: str, summary: str) -> Body:
    """What Slack's own RSS app posts: no user, the link in the text and in an attachment."""
    return {
        "subtype": "bot_message",
        "bot_id": RSS_BOT,
        "username": source,
        "bot_profile": bot_profile(RSS_BOT, "RSS", RSS_APP, team),
        "app_id": RSS_APP,
        "text": f"<{link}|{escape(title)}>",
        "attachments": [
            {
                "id": 1,
                "title": escape(title),
                "title_link": link,
                "from_url": link,
                "text": escape(summary),
                "service_name": source,
                "fallback": escape(title),
            }
        ],
    }


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


def envelope(team: str, app: TestedApp, event: Body, *, shared: bool, outer_team: str | None = None) -> Body:
    """The payload around an event: who it is for, and whether its channel is shared.

    outer_team: the workspace where it happened, if that is another one; the authorization names ours.
    """
    number = next(_ids)
    return {
        "token": "sandbox",
        "team_id": outer_team or team,
        "context_team_id": team,
        "context_enterprise_id": None,
        "api_app_id": app.id,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{number:09d}",
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": team,
                "user_id": app.user_id,
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


def reaction(kind: str, user: str, channel: str, message: Body, name: str, event_ts: str) -> Body:
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


def action(message: Body, action_id: str, value: str = "") -> Body | None:
    """Returns an element of a message as a click tells of it; None if there is none such.

    value: what is chosen of a menu's options.
    """
    for block in cast(list[Body], message.get("blocks") or []):
        found = cast(list[Body], block.get("elements") or []) if block["type"] == "actions" else []
        for one in [*found, *cast(list[Body], [block["accessory"]] if "accessory" in block else [])]:
            if one.get("action_id") == action_id:
                return _pressed(one, str(block["block_id"]), value)
    return None


def _pressed(element: Body, block_id: str, value: str) -> Body | None:
    told: Body = {**element, "block_id": block_id}
    if "options" not in element:
        return told
    options = cast(list[Body], told.pop("options"))
    chosen = next((one for one in options if one.get("value") == value), None)
    return None if chosen is None else {**told, "selected_option": chosen}


def block_actions(
    channel: Channel, message: Body, action: Body, action_ts: str, *, response_url: str
) -> Body:
    """A click on a button or in a menu, as far as the message tells of it.

    What only one person sees is not in it. Source:
    https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """
    is_ephemeral = "ephemeral_to" in message
    container: Body = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": is_ephemeral,
    }
    if message.get("thread_ts") not in (None, message["ts"]):
        container["thread_ts"] = message["thread_ts"]
    return {
        "type": "block_actions",
        "container": container,
        "channel": {"id": channel.id, "name": channel.name},
        **({} if is_ephemeral else {"message": message}),
        "state": {"values": {}},
        "response_url": response_url,
        "actions": [{**action, "action_ts": action_ts}],
    }


def view_actions(view: Body, action: Body, action_ts: str) -> Body:
    """A click in the app's home: it has no channel, and no response_url."""
    return {
        "type": "block_actions",
        "container": {"type": "view", "view_id": view["id"]},
        "view": view,
        "actions": [{**action, "action_ts": action_ts}],
    }


def message(channel: Channel, stored: Body) -> Body:
    return {**stored, "channel": channel.id, "channel_type": _kind(channel), "event_ts": stored["ts"]}


def message_changed(channel: Channel, before: Body, after: Body, at: str) -> Body:
    return {
        **_of_message(channel, "message_changed", at),
        "message": dict(after),
        "previous_message": before,
    }


def message_deleted(channel: Channel, before: Body, at: str) -> Body:
    return {
        **_of_message(channel, "message_deleted", at),
        "deleted_ts": before["ts"],
        "previous_message": dict(before),
    }


def _of_message(channel: Channel, subtype: str, at: str) -> Body:
    return {
        "type": "message",
        "subtype": subtype,
        "channel": channel.id,
        "channel_type": _kind(channel),
        "hidden": True,
        "ts": at,
        "event_ts": at,
    }


def _kind(channel: Channel) -> str:
    return "group" if channel.private else "channel"


def member(team: str, user: str, kind: str, channel: Channel, at: str) -> Body:
    return {
        "type": kind,
        "user": user,
        "channel": channel.id,
        "channel_type": "G" if channel.private else "C",
        "team": team,
        "event_ts": at,
    }


def channel_renamed(channel: Channel, at: str) -> Body:
    kind = "group_rename" if channel.private else "channel_rename"
    about = {"id": channel.id, "name": channel.name, "created": channel.created}
    return {"type": kind, "channel": about, "event_ts": at}


def group_changed(team: str, group: UserGroup, at: str) -> Body:
    return {
        "type": "subteam_members_changed",
        "subteam_id": group.id,
        "team_id": team,
        "date_update": int(time.time()),
        "event_ts": at,
    }
