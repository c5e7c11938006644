"""The clocks of checklists: when one runs out, owner and lead are told in the card's thread, once."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.cases.case import CLOSED, Case
from threatstamp.core.cases.track import plan_of
from threatstamp.core.ids import FORGOTTEN_USER
from threatstamp.core.outbox.body import number_in, read_body, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture
from threatstamp.core.time import Micros
from threatstamp.desk.cases.morning import card_of
from threatstamp.desk.ports.departing import Act, Departing, Message, NotYet
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

STEP_REMINDER = DepartureKind(name="step_reminder")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReminder(Saying):
    """What owner and lead are told. item: the number of the step. lead: mentions."""

    case: Case
    item: int
    lead: tuple[str, ...] = ()


class StepClock:
    """The step. It remembers what it has ordered, so that a clock that stays out costs no writing."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._ordered: set[tuple[int, int]] = set()

    def run(self) -> bool:
        """Orders what is due, outside the hours of rest; True if something was. Raises StoreError."""
        policy, now = self._tools.policy, self._tools.clock.now()
        if policy.calendar.undisturbed(now) != now:
            return False
        with self._tools.store.reading() as read:
            found = read.cases.late_steps(policy.team, now=now)
        ordered = 0
        for case in found:
            late = [one for one in _late(case, now) if (case.number, one) not in self._ordered]
            if not late:
                continue
            with self._tools.store.transaction() as tx:
                ordered += sum(self._order(tx, case, item, now=now) for item in late)
        return ordered > 0

    def _order(self, tx: Tx, case: Case, item: int, *, now: Micros) -> bool:
        card = card_of(tx, case)
        if card is None:  # it is told when there is a card to tell it below
            return False
        self._ordered.add((case.number, item))
        order = NewDeparture(
            name=f"{case.number}|{item}",
            team=case.place.team,
            kind=STEP_REMINDER,
            channel=card.channel,
            thread_ts=tx.forwards.thread(card.id),
            due_at=now,
            body=write_body(case=case.number, item=item),
        )
        return tx.outbox.owe(order, now=now) is not None


class RemindingOfStep(Departing):
    """Tells it, unless the step is done by now, or the case is closed."""

    kind = STEP_REMINDER

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        body = read_body(departure.body)
        item = number_in(body, "item")
        with self._tools.store.reading() as read:
            case = read.cases.get(number_in(body, "case"))
        if case is None or case.state in CLOSED or item not in case.left:
            return NotYet(due_at=None)
        lead = plan_of(self._tools.policy.tracks, case.track).lead
        if not lead and (case.owner is None or case.owner.startswith(FORGOTTEN_USER)):
            return NotYet(due_at=None)  # nobody can be called: the morning line has it
        return Message(saying=StepReminder(case=case, item=item, lead=lead), thread_ts=departure.thread_ts)


def _late(case: Case, now: Micros) -> tuple[int, ...]:
    clocks = ((one, case.clock_of(one)) for one in case.left)
    return tuple(one for one, at in clocks if at is not None and at <= now)
