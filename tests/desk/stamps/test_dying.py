"""Wherever the process dies between two effects, each forward, digest and escalation stands exactly once."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, time
from typing import Any

import pytest
from sqlalchemy import delete

from tests.desk.stamps.test_any_order import NEWS, POLICY, TEAM, USERS, Desk, bound
from tests.support.fakes import owed
from tests.support.matrix import EVERY
from tests.support.times import S
from threatstamp.app.kinds import departings
from threatstamp.core.calendar import Calendar
from threatstamp.core.ids import ChannelId, Emoji
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.core.time import MINUTE, later, ts_of
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.record.compare import compare_records
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.desk.stamps.asking import Confirmation, take_confirmation
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.store.tables.routes import contacts

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


class DiedError(BaseException):
    """The process is gone."""


@dataclass
class Life:
    """Ends before or after the n-th effect. passed: what came before it."""

    ends_at: int
    passed: list[str] = field(default_factory=list)
    has_ended: bool = False

    def effect(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.ends_at:
            self.has_ended = True
            raise DiedError(name)


class Mortal:
    """A port of which every call is an effect, before and after."""

    def __init__(self, port: Any, life: Life) -> None:
        self._port, self._life = port, life

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        if not callable(attribute) or name == "reading":
            return attribute
        if name == "transaction":
            return self._transaction

        def call(*args: Any, **named: Any) -> Any:
            self._life.effect(f"{name}:before")
            found = attribute(*args, **named)
            self._life.effect(f"{name}:after")
            return found

        return call

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        with self._port.transaction() as tx:
            yield tx
            self._life.effect("commit:before")
        self._life.effect("commit:after")


def mortal_desk(life: Life) -> Desk:
    desk = Desk()
    desk.clock.time = EVENING
    desk.tools.in_force.now = policy()
    with desk.store.engine.begin() as connection:
        connection.execute(delete(contacts))
    meet(desk.tools)
    store, workspace = Mortal(desk.store, life), Mortal(desk.slack, life)
    desk.tools = replace(desk.tools, store=store, workspace=workspace)
    desk.stamps = TakeStamps(desk.tools)
    desk.deliver = Deliver(desk.tools, departings(desk.tools))
    return desk


def play(life: Life) -> Desk:
    desk = mortal_desk(life)

    def step(act: Callable[[], object]) -> None:
        """Does something; if the process died over it, the next one does it again, once the lease is over."""
        while True:
            try:
                act()
                return
            except DiedError:
                desk.clock.time += MINUTE

    def react(place: Place, emoji: Emoji, kind: TurnKind = TurnKind.STAMP) -> None:
        desk.clock.time += S
        mark = Mark(at=desk.clock.now(), kind=kind)
        reaction = Reaction(place=place, reaction=emoji, user=USERS[0], mark=mark)
        step(lambda: desk.stamps.reaction(reaction, event=0))

    def deliver() -> None:
        idle = 0
        while idle < 2:  # the second time what waited for its digest is due
            desk.clock.time += 6 * S
            before = len(life.passed)
            step(desk.deliver.one)
            idle = 0 if len(life.passed) > before + 2 else idle + 1

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


def wrong(desk: Desk) -> str:
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
    taken_out = kinds["cancelled"]
    ended = (kinds["delivered"], taken_out) in ((4, 1), (5, 0))
    if not ended or any(kinds[kind] != count for kind, count in COUNTS.items()):
        return f"recorded {kinds}"
    if owed(desk.store) or not verify_ledger(desk.store).ok:
        return "something is owed, or the ledger is broken"
    difference = compare_records(desk.store).first
    return f"tables {difference}" if difference else ""


@pytest.mark.thorough
@pytest.mark.timeout(600)
def test_each_stands_exactly_once_wherever_the_process_dies() -> None:
    names: set[str] = set()
    for number in itertools.count(1, max(1, EVERY // 6)):
        life = Life(ends_at=number)
        desk = play(life)
        said = wrong(desk)
        desk.store.close()
        assert said == "", f"died at effect {number}, {life.passed[number - 1 : number]}: {said}"
        if not life.has_ended:
            names |= set(life.passed)
            break
    assert {
        "post:after",
        "everyone:before",
        "replies:after",
        "edit:before",
        "commit:after",
        "claim:after",
    } <= names
