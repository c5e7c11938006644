"""The manifest requests what `check` looks for, and no more than the settings need."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from threatstamp.app.manifest import app_manifest, create_link
from threatstamp.app.scopes import (
    EVENTS,
    PRIVATE,
    SCOPES,
    events_for,
    least_scopes,
    needed_scopes,
    useful_scopes,
)
from threatstamp.config.settings import Settings, read_settings
from threatstamp.sandbox.people import FULL_SCOPES
from threatstamp.slack.events import TURNS
from threatstamp.slack.intake import CHANNELS, PEOPLE
from threatstamp.texts.catalogue import Language, Texts

BY_ID = """language = "en"
[slack]
confirm = "none"
[[sources]]
channel = "C0NEWS"
[[routes]]
reaction = "wrench"
to = ["C0SERVER"]
"""


def settings(folder: Path, text: str) -> Settings:
    path = folder / "threatstamp.toml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path, {})


def scopes(folder: Path, more: str = "", *, text: str = BY_ID, private: bool = False) -> set[str]:
    found = settings(folder, text + more)
    least = least_scopes(found, private=private)
    assert {*needed_scopes(found), *useful_scopes(found)} <= set(least) <= set(SCOPES)
    return set(least)


LEAST = {"chat:write", "reactions:read", "channels:history"}


@pytest.mark.parametrize(
    ("more", "added"),
    [
        ("", set()),
        ('mention = ["U0CISO", "S0TEAM", "here"]', set()),
        ('mention = ["@ciso"]', {"users:read", "usergroups:read"}),
        ('mention = ["ciso@town.example"]', {"users:read", "users:read.email"}),
        ('allow = ["S0TEAM"]', {"usergroups:read"}),
        ('[[sources]]\nchannel = "#news"', {"channels:read"}),
        ('[[routes]]\nreaction = "party_parrot"\nto = []', {"emoji:read"}),
    ],
)
def test_a_scope_is_requested_only_where_the_settings_need_it(
    more: str, added: set[str], tmp_path: Path
) -> None:
    assert scopes(tmp_path, more) == LEAST | added


def test_the_mark_on_a_post_and_private_channels_need_scopes_of_their_own(tmp_path: Path) -> None:
    confirmed = BY_ID.replace('"none"', '"reaction"')
    assert scopes(tmp_path, text=confirmed) == LEAST | {"reactions:write"}
    assert scopes(tmp_path, private=True) == LEAST | {"groups:history"}
    assert set(PRIVATE) | set(PRIVATE.values()) <= set(SCOPES)


def test_a_desk_that_only_posts_news_needs_nothing_of_reactions(tmp_path: Path) -> None:
    feed = '[[feeds]]\npreset = "jpcert"\nchannel = "C0NEWS"\n'
    found = least_scopes(settings(tmp_path, f'language = "en"\n{feed}'))
    assert set(found) == {"chat:write", "channels:history"}
    assert events_for(found) == ("message.channels",)


def test_events_are_those_that_the_desk_acts_on_and_that_the_scopes_allow() -> None:
    acted_on = {*TURNS, *CHANNELS, *PEOPLE, "emoji_changed", "message.channels", "message.groups"}
    assert set(EVENTS) <= acted_on
    assert set(EVENTS.values()) <= set(SCOPES) <= set(FULL_SCOPES)
    assert events_for(LEAST) == ("reaction_added", "reaction_removed", "message.channels")
    assert set(events_for(SCOPES)) == set(EVENTS)


@pytest.mark.parametrize("language", Language)
def test_the_link_has_the_manifest_in_it_and_slack_can_take_it(language: Language) -> None:
    manifest = app_manifest(SCOPES, Texts(language), buttons=True)
    link = urlsplit(create_link(manifest))
    assert (link.scheme, link.netloc, link.path) == ("https", "api.slack.com", "/apps")
    query = parse_qs(link.query)
    assert query["new_app"] == ["1"]
    assert json.loads(query["manifest_json"][0]) == manifest
    shown = manifest["display_information"]
    assert isinstance(shown, dict)
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert len(create_link(manifest)) < 4000  # browsers and chats cut longer ones
