"""Forwards of a route with `digest` are said once a working day in one message a channel, each of them once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, time
from typing import Any

import pytest
from sqlalchemy import delete

from tests.desk.stamps.test_any_order import ALARM, NEWS, POLICY, QUIET, TEAM, USERS, Desk
from tests.desk.stamps.test_escalating import deliver, entries, said
from tests.support.fakes import owed
from tests.support.script import fails, fails_afterwards
from tests.support.times import S
from threatstamp.core.calendar import Calendar
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, Emoji, RouteId, Ts, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.core.time import HOUR, Micros, later, ts_of
from threatstamp.desk.outbox.retry import retry
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.record.compare import compare_records
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.store.tables.routes import contacts

CALENDAR = Calendar(zone=UTC)
FRIDAY = CALENDAR.moment(date(2026, 11, 27), time(12))
MONDAY = CALENDAR.moment(date(2026, 11, 30), time(9))
FIRST, SECOND = (Place(team=TEAM, channel=NEWS, ts=ts_of(later(FRIDAY, -n))) for n in (60, 30))


def collecting() -> Policy:
    """The policy with a first route that is said at nine, and an urgent one into the same channel."""
    first = POLICY.routes[0]
    daily = replace(first, to=first.to[:1], route=replace(first.route, digest=time(9), to=("C1",)))
    urgent = replace(
        first, to=first.to[:1], route=replace(first.route, id=RouteId("urgent"), reaction=QUIET, to=("C1",))
    )
    return replace(POLICY, routes=(daily, urgent), calendar=CALENDAR)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    made.clock.time = FRIDAY
    made.tools.in_force.now = collecting()
    with made.store.engine.begin() as connection:
        connection.execute(delete(contacts))  # those are not on record
    meet(made.tools)
    yield made
    made.store.close()


def react(
    desk: Desk,
    place: Place,
    *,
    kind: TurnKind = TurnKind.STAMP,
    user: UserId = USERS[0],
    emoji: Emoji = ALARM,
) -> None:
    desk.clock.time += S
    mark = Mark(at=desk.clock.now(), kind=kind)
    desk.stamps.reaction(Reaction(place=place, reaction=emoji, user=user, mark=mark), event=0)


def reach(desk: Desk, moment: Micros) -> None:
    desk.clock.time = max(desk.clock.time, moment)
    deliver(desk)
    desk.clock.time += 10 * S
    deliver(desk)


def is_right(desk: Desk) -> bool:
    assert compare_records(desk.store).first is None
    return verify_ledger(desk.store).ok


def test_they_wait_for_the_next_working_morning_and_come_in_one_message(desk: Desk) -> None:
    react(desk, FIRST)
    react(desk, SECOND)
    react(desk, SECOND, user=USERS[1])
    reach(desk, later(MONDAY, -60))  # the weekend passes in silence
    assert desk.slack.messages == []
    reach(desk, MONDAY)
    [digest] = desk.slack.messages
    assert "2件" in digest.first_text
    assert "<@U9>" in digest.first_text
    assert USERS[1] in str(digest.rendered.blocks)
    delivered = entries(desk, Kind.DELIVERED)
    assert [one["message_ts"] for one in delivered] == [digest.ts, digest.ts]
    assert {one["ts"] for one in delivered} == {FIRST.ts, SECOND.ts}
    assert owed(desk.store) == 0
    assert is_right(desk)


def test_what_is_urgent_comes_at_once_with_its_own_call(desk: Desk) -> None:
    react(desk, FIRST)
    react(desk, FIRST, emoji=QUIET)
    deliver(desk)
    [urgent] = desk.slack.messages
    assert "<@U9>" in urgent.first_text
    reach(desk, MONDAY)
    assert len(desk.slack.messages) == 2
    assert is_right(desk)


def test_a_withdrawal_takes_it_out_before_and_strikes_it_through_afterwards(desk: Desk) -> None:
    react(desk, FIRST)
    react(desk, SECOND)
    react(desk, FIRST, kind=TurnKind.WITHDRAWAL)
    reach(desk, MONDAY)
    [digest] = desk.slack.messages
    assert "1件" in digest.rendered.text
    assert [one["ts"] for one in entries(desk, Kind.CANCELLED)] == [FIRST.ts]
    react(desk, SECOND, kind=TurnKind.WITHDRAWAL)
    deliver(desk)
    assert "strike" in str(digest.rendered.blocks)
    assert [one["ts"] for one in entries(desk, Kind.CANCELLED)] == [FIRST.ts]
    assert len(desk.slack.messages) == 1
    assert is_right(desk)


def test_what_is_stamped_again_after_it_was_taken_out_comes_in_the_next(desk: Desk) -> None:
    react(desk, FIRST)
    react(desk, SECOND)
    react(desk, FIRST, kind=TurnKind.WITHDRAWAL)
    reach(desk, MONDAY)
    react(desk, FIRST, user=USERS[2])
    deliver(desk)
    assert len(desk.slack.messages) == 1
    reach(desk, later(MONDAY, 24 * HOUR / S))
    assert len(desk.slack.messages) == 2
    assert USERS[2] in str(desk.slack.messages[1].rendered.blocks)
    assert is_right(desk)


def test_nothing_is_said_if_everything_was_withdrawn(desk: Desk) -> None:
    react(desk, FIRST)
    react(desk, FIRST, kind=TurnKind.WITHDRAWAL)
    reach(desk, MONDAY)
    assert desk.slack.messages == []
    assert len(entries(desk, Kind.CANCELLED)) == 1
    assert owed(desk.store) == 0
    react(desk, FIRST)
    deliver(desk)
    reach(desk, later(MONDAY, 24 * HOUR / S))
    assert len(desk.slack.messages) == 1
    assert is_right(desk)


def test_what_is_stamped_while_the_digest_is_said_is_in_it_or_in_the_next_and_never_in_both(
    desk: Desk,
) -> None:
    react(desk, FIRST)

    def stamped_meanwhile(usually: Callable[[], Any]) -> Any:
        desk.clock.time = MONDAY - 5 * S  # the clock of another process is a little behind
        react(desk, SECOND)
        desk.clock.time = MONDAY + S
        return usually()

    desk.slack.script.then("post", stamped_meanwhile)
    reach(desk, MONDAY)
    reach(desk, later(MONDAY, 60))
    [digest] = desk.slack.messages
    assert "2件" in digest.rendered.text  # by an edit
    assert {one["message_ts"] for one in entries(desk, Kind.DELIVERED)} == {digest.ts}
    assert len(entries(desk, Kind.DELIVERED)) == 2
    react(desk, Place(team=TEAM, channel=NEWS, ts=Ts("1.5")))
    deliver(desk)
    assert len(desk.slack.messages) == 1
    assert is_right(desk)


def test_a_withdrawal_after_an_attempt_that_may_have_been_sent_cancels_nothing(desk: Desk) -> None:
    react(desk, FIRST)
    react(desk, SECOND)
    desk.slack.script.then("post", fails_afterwards(SlackError("timeout", ambiguous=True)))
    desk.clock.time = MONDAY
    assert desk.deliver.one()
    react(desk, FIRST, kind=TurnKind.WITHDRAWAL)
    reach(desk, later(MONDAY, 120))
    [digest] = desk.slack.messages
    assert "strike" in str(digest.rendered.blocks)
    assert entries(desk, Kind.CANCELLED) == []
    assert len(entries(desk, Kind.DELIVERED)) == 2
    assert is_right(desk)


def test_a_digest_that_slack_refuses_makes_its_forwards_undeliverable_and_a_retry_says_it(desk: Desk) -> None:
    react(desk, FIRST)
    desk.slack.script.then("post", fails(SlackError("is_archived", permanent=True)))
    reach(desk, MONDAY)
    assert [one["error"] for one in entries(desk, Kind.UNDELIVERABLE)] == ["is_archived"]
    retry(None, store=desk.store, clock=desk.clock)
    reach(desk, later(MONDAY, 60))
    assert len(desk.slack.messages) == 1
    assert len(entries(desk, Kind.DELIVERED)) == 1
    assert is_right(desk)


def test_a_stamp_on_a_digest_counts_for_no_post(desk: Desk) -> None:
    react(desk, FIRST)
    react(desk, SECOND)
    reach(desk, MONDAY)
    [digest] = desk.slack.messages
    place = Place(team=TEAM, channel=ChannelId("C1"), ts=digest.ts)
    with desk.store.reading() as read:
        assert read.forwards.original(place) is None
        ours = read.outbox.at(place)
    assert ours is not None
    assert ours.kind.name == "forward_digest"
    assert said(desk, "C1")
