"""Wherever the process dies between two effects, each forward, digest and escalation stands exactly once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, time

import pytest

from tests.desk.stamps.test_any_order import NEWS, POLICY, TEAM, USERS, bound
from tests.support.dying import Life, Stage, Story, die_everywhere
from tests.support.matrix import EVERY
from tests.support.times import S
from threatstamp.core.calendar import Calendar
from threatstamp.core.ids import ChannelId, Emoji
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.core.time import MINUTE, later, ts_of
from threatstamp.desk.stamps.asking import Confirmation, take_confirmation

CALENDAR = Calendar(zone=UTC)
EVENING = CALENDAR.moment(date(2026, 11, 26), time(18))
MORNING = CALENDAR.moment(date(2026, 11, 27), time(9))
BOOKS, FIRE, EYES = Emoji("books"), Emoji("fire"), Emoji("eyes")
POSTS = [Place(team=TEAM, channel=NEWS, ts=ts_of(later(EVENING, -number))) for number in (30, 20, 10)]


def policy() -> Policy:
    daily, grave, watched = (
        bound("daily", BOOKS, "C1"),
        bound("grave", FIRE, "C2"),
        bound("watched", EYES, "C3"),
    )
    daily = replace(daily, route=replace(daily.route, digest=time(9)))
    grave = replace(grave, route=replace(grave.route, confirm=True))
    route = replace(watched.route, ack_within=1_800.0, then=("C4",))
    watched = replace(watched, route=route, then_to=(ChannelId("C4"),), then_call=("<@U8>",))
    return replace(POLICY, routes=(daily, grave, watched), calendar=CALENDAR)


def play(life: Life) -> Stage:
    desk = Stage(life, policy(), begin=EVENING)
    step, deliver = desk.step, desk.deliver_due

    def react(place: Place, emoji: Emoji, kind: TurnKind = TurnKind.STAMP) -> None:
        desk.clock.time += S
        mark = Mark(at=desk.clock.now(), kind=kind)
        reaction = Reaction(place=place, reaction=emoji, user=USERS[0], mark=mark)
        step(lambda: desk.stamps.reaction(reaction, event=0))

    for place in POSTS:
        react(place, BOOKS)
    react(POSTS[0], FIRE)
    react(POSTS[1], EYES)
    react(POSTS[1], BOOKS, TurnKind.WITHDRAWAL)
    deliver()
    with desk.store.reading() as read:
        [held] = read.forwards.of_post(POSTS[0], FIRE)
    click = Confirmation(forward=held.departure, user=USERS[0], channel=NEWS, key="click")
    step(lambda: take_confirmation(click, event=0, tools=desk.tools))
    deliver()
    desk.clock.time += 30 * MINUTE
    deliver()
    desk.clock.time = MORNING
    deliver()
    react(POSTS[2], BOOKS, TurnKind.WITHDRAWAL)
    deliver()
    return desk


COUNTS = {"forward": 5, "confirmed": 1, "escalated": 2}


def wrong(desk: Stage) -> str:
    """Returns what is wrong in the end, "" if nothing is."""
    channels = Counter(str(one.channel) for one in desk.slack.messages)
    if channels != {"C1": 1, "C2": 1, "C3": 2, "C4": 1}:
        return f"messages {channels}"
    [digest] = [one for one in desk.slack.messages if one.channel == "C1"]
    if "1件" not in digest.rendered.text or "strike" not in str(digest.rendered.blocks):
        return f"digest {digest.rendered}"
    with desk.store.reading() as read:
        kinds = Counter(entry.kind for entry in read.ledger.entries())
    # what was withdrawn in time counts as said, and is struck through, if the process died as it said the digest
    if (kinds["delivered"], kinds["cancelled"]) not in ((4, 1), (5, 0)):
        return f"recorded {kinds}"
    return desk.broken(COUNTS)


FORWARDS = Story(
    play=play,
    wrong=wrong,
    kinds=frozenset({"forward", "forward_digest", "escalation", "question", "reaction"}),
)


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_each_stands_exactly_once_wherever_the_process_dies() -> None:
    passed = die_everywhere(FORWARDS, every=EVERY // 2 | 1)
    assert {
        "post:after",
        "everyone:before",
        "replies:after",
        "edit:before",
        "commit:after",
        "claim:after",
    } <= passed
