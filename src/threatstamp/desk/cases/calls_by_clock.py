"""Update calls by the clock: who has not answered is reminded, calls of finished cases end, names go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import tzinfo

from threatstamp.core.cases.call import ANSWERS_KEPT, UpdateCall, reminder_day
from threatstamp.core.cases.case import CLOSED
from threatstamp.core.ids import FORGOTTEN_USER
from threatstamp.core.ledger.entry import read_body
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.time import DAY, Micros
from threatstamp.desk.cases.calling import close_call
from threatstamp.desk.cases.calls_out import order_reminder
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools

BATCH = 100
"""Reminders or entries in one transaction: a stamp that arrives meanwhile waits for one."""

Zones = Callable[[str], tzinfo | None]
"""Returns a time zone by its name; None if there is none of that name."""


def tend_calls(tools: Tools, *, zones: Zones) -> int:
    """Ends calls whose case is closed, and orders the reminders that are due; returns how many it ordered."""
    with tools.store.reading() as read:
        opened = read.calls.every()
    return sum(_tend(tools, call, zones) for call in opened)


def erase_answers(tools: Tools) -> int:
    """Forgets who answered calls long ago; their counts stay. Returns how many calls."""
    now = tools.clock.now()
    with tools.store.reading() as read:
        old = read.calls.every(sent_before=Micros(now - ANSWERS_KEPT))
        entries = list(_entries(read, {call.number for call in old})) if old else []
    for at in range(0, len(entries), BATCH):
        with tools.store.transaction() as tx:
            some = entries[at : at + BATCH]
            tx.ledger.redact(some)
            reason = f"retention: answers to calls, {ANSWERS_KEPT // DAY} days"
            tx.ledger.append(Kind.REDACTION, {"sequences": some, "reason": reason}, now=now)
    for call in old:
        with tools.store.transaction() as tx:
            _close(tx, call, now=now)
            tx.calls.erase(call.number)
    if old:
        tools.store.scrub()
    return len(old)


def _entries(read: Read, calls: set[int]) -> Iterator[int]:
    for entry in read.ledger.entries(kind=Kind.ANSWERED.value):
        body = read_body(entry.body) if entry.body is not None else None
        if body is not None and body.get("call") in calls:
            yield entry.sequence


def _tend(tools: Tools, call: UpdateCall, zones: Zones) -> int:
    now, calendar = tools.clock.now(), tools.policy.calendar
    with tools.store.reading() as read:
        case = read.cases.get(call.case)
        is_out = read.outbox.get(call.departure).message_ts is not None
        waiting = read.calls.waiting(call.number)
    if case is None:
        return 0
    if case.state in CLOSED:
        with tools.store.transaction() as tx:
            _close(tx, call, now=now)
        return 1
    due = []
    if not is_out:  # nobody has read yet what they would be reminded of
        return 0
    for asked, zone, reminded in waiting:
        theirs = zones(zone) if zone else None
        day = reminder_day(call, calendar.within(theirs) if theirs else calendar, now=now)
        if day is not None and day != reminded and not asked.user.startswith(FORGOTTEN_USER):
            due.append((asked.number, day))
    for at in range(0, len(due), BATCH):
        with tools.store.transaction() as tx:
            for person, day in due[at : at + BATCH]:
                tx.calls.put_reminded(person, day)
                tx.outbox.owe(order_reminder(call, person, day, team=case.place.team, now=now), now=now)
    return len(due)


def _close(tx: Tx, call: UpdateCall, *, now: Micros) -> None:
    found, case = tx.calls.get(call.number), tx.cases.get(call.case)
    if found is not None and case is not None and found.closed_at is None:
        close_call(tx, found, case, by=None, now=now)
