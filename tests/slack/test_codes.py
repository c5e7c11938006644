"""Every error code that Slack documents is sorted: tried again, searched for first, or final."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import threatstamp
from threatstamp.slack.codes import SORTED, Sort, sort_of

SOURCES = Path(threatstamp.__file__).parent
METHOD = re.compile(
    r'"((?:apps|auth|bots|canvases|chat|conversations|emoji|pins|reactions|team|usergroups|users)\.[a-zA-Z.]+)"'
)
CALLED = {
    found
    for folder in ("slack", "app")
    for file in (SOURCES / folder).rglob("*.py")
    for found in METHOD.findall(file.read_text(encoding="utf-8"))
}
SHAPES = Path(__file__).parents[2].parent / "shared/data/slack"


@pytest.mark.parametrize(
    "code",
    ["org_login_required", "external_channel_migrating", "team_added_to_org", "ratelimited", "accesslimited"],
)
def test_what_passes_by_itself_is_tried_again(code: str) -> None:
    assert sort_of(code) is Sort.PASSES


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "service_unavailable", "request_timeout"])
def test_after_an_unclear_outcome_the_message_is_searched_for(code: str) -> None:
    assert sort_of(code) is Sort.UNCLEAR


@pytest.mark.parametrize("code", ["is_archived", "not_in_channel", "invalid_auth", "a_code_of_next_year"])
def test_what_needs_somebody_is_final_and_so_is_a_code_that_nobody_knows(code: str) -> None:
    assert sort_of(code) is Sort.FINAL


def test_the_methods_that_are_called_are_found() -> None:
    assert {"chat.postMessage", "users.conversations", "apps.connections.open"} <= CALLED


@pytest.mark.skipif(not SHAPES.is_dir(), reason="the captured lists are not here (../shared/data/slack)")
def test_every_documented_code_of_every_method_that_is_called_is_in_the_table() -> None:
    documented = json.loads((SHAPES / "web-api-parameters-2021.json").read_text(encoding="utf-8"))
    missing = {
        f"{method}: {code}"
        for method in CALLED
        for code in documented.get(method, {}).get("errors", ())
        if code not in SORTED
    }
    assert missing == set()
