"""Owners are reminded in the thread of the card that a due date is near or over, once a working day at most.

All that is said of cases without anybody having done anything begins here: once a working day, at the time of
the policy or when the hours of rest end, in one pass over what is due. Each message is a departure that is
known by its case and day, so whoever makes the pass again, after a crash or beside others, orders nothing
twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from threatstamp.core import signs
from threatstamp.core.cases.case import CLOSED, Case
from threatstamp.core.cases.track import plan_of
from threatstamp.core.ids import FORGOTTEN_USER
from threatstamp.core.outbox.body import number_in, read_body, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture
from threatstamp.core.policy import Policy
from threatstamp.core.time import Micros
from threatstamp.desk.cases.morning import card_of, order_morning_line
from threatstamp.desk.ports.departing import Act, Departing, Message, NotYet
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

REMINDER = DepartureKind(name="reminder")

AT_ONCE = 100
"""Cases in one transaction of a pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder(Saying):
    """What an owner is told. day: when. left: working days until the due date, which counts itself; negative
    after it. lead: mentions of those who are reminded with the owner, or where there is none.
    """

    case: Case
    day: date
    left: int
    lead: tuple[str, ...] = ()


def remind_of_cases(tools: Tools) -> bool:
    """Makes the pass of the day, if it is time and nobody has made it; True if something was ordered."""
    policy, now = tools.policy, tools.clock.now()
    day, reminding = policy.calendar.day_of(now), policy.reminding
    if reminding.channel is None and reminding.days is None:
        return False
    if policy.calendar.is_rest(now) or now < policy.calendar.time_on(day, reminding.at):
        return False
    sign = signs.reminded(policy.team)
    with tools.store.reading() as read:
        if read.vitals.get(sign) == day.isoformat():
            return False
    return _pass(tools, policy, day, sign=sign, now=now)


def _pass(tools: Tools, policy: Policy, day: date, *, sign: str, now: Micros) -> bool:
    ordered, after = False, 0
    until = None if policy.reminding.days is None else _last_near(policy, now)
    while True:
        with tools.store.transaction() as tx:
            found: tuple[Case, ...] = ()
            if until is not None:
                found = tx.cases.due(policy.team, until=until, after=after, limit=AT_ONCE)
            called = (case for case in found if _is_called(case) or plan_of(policy.tracks, case.track).lead)
            orders = [order for case in called if (order := _order(tx, case, day, now=now)) is not None]
            is_last = len(found) < AT_ONCE
            if is_last and policy.reminding.channel is not None:
                channel = policy.reminding.channel
                orders.insert(0, order_morning_line(channel, day, team=policy.team, now=now))
            if is_last:
                tx.vitals.put(sign, day.isoformat(), now=now)
            for order in orders:
                ordered = tx.outbox.owe(order, now=now) is not None or ordered
        if is_last:
            return ordered
        after = found[-1].number


def _last_near(policy: Policy, now: Micros) -> date:
    """Returns the last date that is near: before the working day after the last of the days."""
    days = policy.reminding.days or 0
    return policy.calendar.due_on(days + 1, since=now, working=True) - timedelta(days=1)


def _order(tx: Tx, case: Case, day: date, *, now: Micros) -> NewDeparture | None:
    """Returns the order for a reminder; None where there is no card in Slack."""
    card = card_of(tx, case)
    if card is None:
        return None
    return NewDeparture(
        name=f"{case.number}|{day.isoformat()}",
        team=case.place.team,
        kind=REMINDER,
        channel=card.channel,
        thread_ts=tx.forwards.thread(card.id),
        due_at=now,
        body=write_body(case=case.number, day=day.isoformat()),
    )


def _is_called(case: Case) -> bool:
    """True for a case with an owner who can be called."""
    return case.owner is not None and not case.owner.startswith(FORGOTTEN_USER)


class RemindingOwners(Departing):
    """Reminds an owner, unless the case has been finished or put off since, or the day is over."""

    kind = REMINDER

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        policy, now = self._tools.policy, self._tools.clock.now()
        body = read_body(departure.body)
        day = date.fromisoformat(text_in(body, "day"))
        with self._tools.store.reading() as read:
            case = read.cases.get(number_in(body, "case"))
        is_over = policy.calendar.day_of(now) != day or policy.calendar.is_rest(now)
        if case is None or is_over or case.state in CLOSED or case.due_on is None:
            return NotYet(due_at=None)
        lead = plan_of(policy.tracks, case.track).lead
        if not lead and not _is_called(case):
            return NotYet(due_at=None)
        left = policy.calendar.days_left(case.due_on, now=now, working=True)
        if policy.reminding.days is None or left > policy.reminding.days:
            return NotYet(due_at=None)
        return Message(
            saying=Reminder(case=case, day=day, left=left, lead=lead), thread_ts=departure.thread_ts
        )
