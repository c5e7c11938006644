"""The manifest from which Slack creates the app: https://docs.slack.dev/reference/app-manifest"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from threatstamp.app.scopes import events_for
from threatstamp.desk.views.running import HTTP, SOCKET
from threatstamp.slack.home import OPENED, SHORTCUT_ID
from threatstamp.slack.interactions import COMMAND
from threatstamp.texts.catalogue import Texts

CREATE = "https://api.slack.com/apps?new_app=1&manifest_json="


PUBLIC = "https://threatstamp.example"
"""Stands for the address of a reverse proxy that only its owner knows."""


def app_manifest(
    scopes: Sequence[str], texts: Texts, *, buttons: bool, mode: str = SOCKET, public: str = PUBLIC
) -> dict[str, object]:
    """Returns the manifest of an app with these scopes, and with the events that they allow.

    buttons: cards have buttons. public: the address under which Slack reaches the desk in
    the mode http. Tokens do not rotate: the desk does not renew them.
    """
    has_cases = "commands" in scopes
    told = [*events_for(scopes), *([OPENED] if has_cases else [])]  # that event needs no scope
    events: dict[str, object] = {"bot_events": told}
    interactivity: dict[str, object] = {"is_enabled": True}
    address = ""
    if mode == HTTP:
        address = f"{public.rstrip('/')}/slack"
        events = {"request_url": f"{address}/events", **events}
        interactivity["request_url"] = f"{address}/interactions"
    features: dict[str, object] = {"bot_user": {"display_name": "threatstamp", "always_online": True}}
    if has_cases:
        features["app_home"] = {"home_tab_enabled": True, "messages_tab_enabled": False}
        features["slash_commands"] = [_command(texts, address)]
        features["shortcuts"] = [_shortcut(texts)]
    return {
        "display_information": {"name": "Threatstamp", "description": texts("slack.app_description")},
        "features": features,
        "oauth_config": {"scopes": {"bot": list(scopes)}},
        "settings": {
            "event_subscriptions": events,
            **({"interactivity": interactivity} if buttons else {}),
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode == SOCKET,
            "token_rotation_enabled": False,
        },
    }


def _command(texts: Texts, address: str) -> dict[str, object]:
    command: dict[str, object] = {
        "command": COMMAND,
        "description": texts("casework.command_description"),
        "usage_hint": texts("casework.command_hint"),
        "should_escape": True,  # people and channels as ids
    }
    return {**command, "url": f"{address}/commands"} if address else command


def _shortcut(texts: Texts) -> dict[str, object]:
    return {
        "name": texts("home.shortcut"),
        "type": "message",
        "callback_id": SHORTCUT_ID,
        "description": texts("home.shortcut_description"),
    }


def create_link(manifest: Mapping[str, object]) -> str:
    """Returns the address at which Slack offers to create an app with this manifest."""
    return CREATE + quote(json.dumps(manifest, ensure_ascii=False, separators=(",", ":")), safe="")
