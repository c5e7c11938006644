"""What is kept of a click, and whose clicks and emoji are: nothing else of the workspace is written down."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.desk.stamps.test_any_order import POLICY, TEAM
from threatstamp.core.ids import ChannelId, Emoji, TrackName, UserId
from threatstamp.core.stamps.route import Track
from threatstamp.slack.events import Click, concerns, event_id_of, kept_part, place_of, read_event

SECRET = "https://hooks.slack.example/actions/secret"
ROUTES = tuple(replace(one, route=replace(one.route, case=TrackName(Track.PRODUCT))) for one in POLICY.routes)
CASED = replace(POLICY, routes=ROUTES)


def click(action_id: str = "case_decide_now", value: str = "42", at: str = "950.000001") -> dict[str, object]:
    """As Slack's documentation shows it, as far as it matters."""
    return {
        "type": "block_actions",
        "user": {"id": "U1", "username": "sato", "name": "sato", "team_id": TEAM},
        "container": {"type": "message", "message_ts": "900.000001", "channel_id": "C1"},
        "trigger_id": "12466734323.1395872398",
        "response_url": SECRET,
        "token": "verification",
        "message": {"text": "words of the card"},
        "actions": [{"type": "button", "action_id": action_id, "value": value, "action_ts": at}],
    }


def test_a_click_on_a_card_is_kept_without_its_message_and_address_and_read_from_that() -> None:
    body = click()
    assert concerns(body, CASED, bot="B1")
    kept = json.dumps(kept_part(body))
    for word in (SECRET, "verification", "words of the card", "sato"):
        assert word not in kept
    found = read_event(json.loads(kept), team=TEAM, canonical=Emoji)
    assert isinstance(found, Click)
    assert (found.case, found.wish.name, found.user, found.channel) == (
        42,
        "decide_now",
        UserId("U1"),
        ChannelId("C1"),
    )
    assert found.key == event_id_of(body)
    assert place_of(json.loads(kept)) == place_of(body) == ("C1", "900.000001")


def test_each_click_has_an_id_of_its_own_and_the_same_when_it_comes_again() -> None:
    ids = {event_id_of(one) for one in (click(), click(), click(at="950.000002"), click("case_take"))}
    assert len(ids) == 3
    assert not any("U1" in one for one in ids)


def test_a_click_on_what_is_no_card_is_not_kept() -> None:
    assert not concerns(click(action_id="approve"), CASED, bot="B1")
    assert not concerns({"type": "block_actions", "actions": []}, CASED, bot="B1")


@pytest.mark.parametrize(
    "body", [click("case_frobnicate"), click(value="x"), click(value=""), {**click(), "user": {}}]
)
def test_a_click_that_makes_no_sense_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="click"):
        read_event(kept_part(body), team=TEAM, canonical=Emoji)


@pytest.mark.parametrize(
    ("channel", "author", "user", "kept"),
    [
        ("C1", "U0ME", "U1", True),
        ("C1", "U2", "U1", False),
        ("C1", None, "U1", False),
        ("C1", "U0ME", "U0ME", False),
        ("C9", "U0ME", "U1", False),
    ],
)
def test_an_emoji_is_kept_only_on_a_message_of_ours_in_a_channel_of_cards(
    channel: str, author: str | None, user: str, *, kept: bool
) -> None:
    item = {"type": "message", "channel": channel, "ts": "900.000001"}
    event = {
        "type": "reaction_added",
        "user": user,
        "reaction": "zap",
        "item": item,
        "event_ts": "950.000001",
    }
    body = {"type": "event_callback", "event": {**event, **({"item_user": author} if author else {})}}
    assert concerns(body, CASED, bot="B1") is kept
    assert not concerns(body, POLICY, bot="B1")
