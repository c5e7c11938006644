"""Turns that a sweep put on record outlive the looks they were derived from, which are purged."""

from __future__ import annotations

from tests.desk.stamps.test_any_order import ALARM, POST, USERS, Desk, Event, Seen
from tests.support.times import S, at
from threatstamp.core.ids import UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.stamps.turn import Mark, TurnKind

USER = USERS[0]
DAYS_LATER = 10 * 86_400


def swept(desk: Desk, seconds: int, *users: UserId) -> None:
    desk.learn(Seen(seconds * S, seconds * S, ((ALARM, frozenset(users)),), whole=True))


def purge(desk: Desk) -> None:
    desk.store.purge(looks_before=at(DAYS_LATER - 1), failed_before=at(0))


def turns(desk: Desk) -> list[tuple[str, int, bool]]:
    with desk.store.reading() as read:
        found = read.stamps.turns(POST, ALARM, user=USER)
    return [(one.turn.kind.value, one.turn.at // S, one.turn.exact) for one in found]


def kinds(desk: Desk) -> list[str]:
    with desk.store.reading() as read:
        return [entry.kind for entry in read.ledger.entries()]


def test_a_stamp_that_only_a_sweep_saw_is_still_one_when_it_is_taken_back_days_later() -> None:
    desk = Desk()
    swept(desk, 12, USER)
    purge(desk)
    desk.learn(Event(USER, ALARM, Mark(at=at(DAYS_LATER), kind=TurnKind.WITHDRAWAL)))
    assert turns(desk) == [("stamp", 12, False), ("withdrawal", DAYS_LATER, True)]
    assert Kind.SETTLED.value not in kinds(desk)


def test_a_withdrawal_that_only_a_sweep_saw_stays_on_record_when_the_person_stamps_again() -> None:
    desk = Desk()
    desk.learn(Event(USER, ALARM, Mark(at=at(11), kind=TurnKind.STAMP)))
    swept(desk, 12)
    purge(desk)
    desk.learn(Event(USER, ALARM, Mark(at=at(DAYS_LATER), kind=TurnKind.STAMP)))
    assert turns(desk) == [("stamp", 11, True), ("withdrawal", 12, False), ("stamp", DAYS_LATER, True)]


def test_a_sweep_days_later_finds_the_withdrawal_of_a_stamp_that_only_a_sweep_saw() -> None:
    desk = Desk()
    swept(desk, 12, USER)
    purge(desk)
    swept(desk, DAYS_LATER)
    assert turns(desk) == [("stamp", 12, False), ("withdrawal", DAYS_LATER, False)]


def test_the_event_of_a_purged_look_still_settles_the_time_of_the_stamp() -> None:
    desk = Desk()
    swept(desk, 12, USER)
    purge(desk)
    desk.learn(Event(USER, ALARM, Mark(at=at(11), kind=TurnKind.STAMP)))
    assert turns(desk) == [("stamp", 11, True)]
