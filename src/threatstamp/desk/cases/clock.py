"""The clock of decided cases: an accepted risk reminds before its end and is reopened after it, and what was
decided is looked at again when facts have changed since.

Each pass looks at what is on record, so nothing is lost while nobody runs: whatever became due meanwhile is
due still. A case that was reopened is not decided any more, so that it is reopened once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

from threatstamp.core.cases.case import Case, CaseAct, CaseState, Choice, Move, Way, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.moves import Actor, Denial, move, step_to
from threatstamp.core.errors import FactsError
from threatstamp.core.facts.change import ChangeKind, FactChange
from threatstamp.core.facts.cve import CveId, cves_said
from threatstamp.core.ids import UserId
from threatstamp.core.outbox.body import number_in, read_body, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture
from threatstamp.core.time import Micros
from threatstamp.desk.cases.morning import card_of
from threatstamp.desk.cases.recording import record_move
from threatstamp.desk.ports.departing import Act, Departing, Message
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools

CASE_REMINDER = DepartureKind(name="case_reminder")
EXPIRED = "expired"
_DAY = 86_400.0

Changes = Callable[[Micros], Sequence[FactChange]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReminder(Saying):
    """A line in the thread of a card. people: owner and decider. until: the end of an accepted risk.

    cause: why the case is open again; "" for a reminder before that.
    """

    case: int
    people: tuple[UserId, ...]
    until: date | None
    cause: str = ""

    def write(self) -> str:
        until = self.until.isoformat() if self.until else ""
        return write_body(case=self.case, people=" ".join(self.people), until=until, cause=self.cause)

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        until = text_in(body, "until")
        return cls(
            case=number_in(body, "case"),
            people=tuple(map(UserId, text_in(body, "people").split())),
            until=date.fromisoformat(until) if until else None,
            cause=text_in(body, "cause"),
        )


class RemindingOfCase(Departing):
    """Posts the line."""

    kind = CASE_REMINDER

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        return Message(saying=CaseReminder.read(departure.body), thread_ts=departure.thread_ts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedCase:
    """A case that was decided, with its decision and the CVEs that it is about."""

    case: Case
    decided: Move
    cves: tuple[CveId, ...]

    @property
    def until(self) -> date | None:
        """The last day on which the risk is accepted."""
        return self.decided.wish.details.until if self.case.state is CaseState.ACCEPTED else None


class CaseClock:
    """Looks at the accepted and planned cases. changes: what has changed about CVEs; may raise FactsError."""

    def __init__(self, tools: Tools, *, changes: Changes) -> None:
        self._tools = tools
        self._changes = changes
        self._reminded: set[str] = set()

    def run(self) -> int:
        """Reopens and reminds; returns how much was done. Raises StoreError."""
        with self._tools.store.reading() as read:
            standing = list(_standing(read))
        if not standing:
            return 0
        changed = self._changed(min(one.decided.at for one in standing))
        return sum(self._look(one, changed) for one in standing)

    def _changed(self, since: Micros) -> Sequence[FactChange]:
        try:
            return self._changes(since)
        except FactsError:  # said elsewhere; dates do not wait for facts
            return ()

    def _look(self, one: DecidedCase, changed: Sequence[FactChange]) -> bool:
        calendar, now = self._tools.policy.calendar, self._tools.clock.now()
        today, until = calendar.day_of(now), one.until
        if until is not None and until < today:
            return self._reopen(one, EXPIRED)
        found = next((said for said in changed if _is_news(said, one)), None)
        if found is not None:
            return self._reopen(one, write_cause(found))
        before = self._tools.policy.cases.remind_before
        if until is None or not before or today < until - timedelta(days=max(1.0, before / _DAY)):
            return False
        return self._remind(one, until)

    def _reopen(self, one: DecidedCase, cause: str) -> bool:
        wish = Wish(act=CaseAct.REOPEN, details=Details(cause=cause))
        me, now = self._tools.policy.me, self._tools.clock.now()
        key = f"clock|{one.case.number}|{one.case.decision}"
        with self._tools.store.transaction() as tx:
            case = tx.cases.get(one.case.number)
            if case is None or case.decision != one.case.decision or tx.cases.is_known(key):
                return False  # somebody was quicker
            moved = move(case, wish, by=Actor(user=me, is_desk=True), last=None)
            if isinstance(moved, Denial):
                return False
            step = step_to(moved, case, wish, by=me, way=Way.CLOCK, at=now)
            reminder = CaseReminder(case=case.number, people=_people(one), until=None, cause=cause)
            self._order(tx, one, reminder, name=f"{case.number}|reopened|{step.number}", now=now)
            record_move(tx, moved, step, key=key)
        return True

    def _remind(self, one: DecidedCase, until: date) -> bool:
        name, now = f"{one.case.number}|{until.isoformat()}", self._tools.clock.now()
        if name in self._reminded:
            return False
        reminder = CaseReminder(case=one.case.number, people=_people(one), until=until)
        with self._tools.store.transaction() as tx:
            done = self._order(tx, one, reminder, name=name, now=now)
        if done is not None:
            self._reminded.add(name)
        return bool(done)

    def _order(
        self, tx: Tx, one: DecidedCase, reminder: CaseReminder, *, name: str, now: Micros
    ) -> bool | None:
        """Orders the line below the first card that is posted; None if none is (yet)."""
        card = card_of(tx, one.case)
        if card is None:
            return None
        order = NewDeparture(
            name=name,
            team=one.case.place.team,
            kind=CASE_REMINDER,
            channel=card.channel,
            thread_ts=tx.forwards.thread(card.id),
            due_at=self._tools.policy.calendar.undisturbed(now),
            body=reminder.write(),
        )
        return tx.outbox.owe(order, now=now) is not None


def write_cause(change: FactChange) -> str:
    """Returns a change as the record has it: "listed CVE-2026-1", "scored CVE-2026-1 7.5 9.8"."""
    numbers = (f"{one:g}" for one in (change.before, change.after) if one is not None)
    return " ".join((change.kind.value, change.cve, *numbers))


def _standing(read: Read) -> Iterator[DecidedCase]:
    for case in read.cases.every(states=(CaseState.ACCEPTED, CaseState.RESPONDING)):
        card = read.cases.card(case.place)
        decided = card.decided if card else None
        if decided is None or decided.wish.choice not in (Choice.ACCEPT, Choice.PLAN):
            continue
        post, story = read.posts.get(case.place), read.stories.at(case.place)
        snapshot = post.snapshot if post else None
        words = read.stories.words(story.id) if story else ""
        cves = cves_said(snapshot.title if snapshot else "", f"{snapshot.text if snapshot else ''}\n{words}")
        yield DecidedCase(case=case, decided=decided, cves=tuple(cves))


def _is_news(change: FactChange, one: DecidedCase) -> bool:
    """True for what is graver than it was when the case was decided, or can be fixed since.

    A load that began later than the decision has found it.
    """
    if change.cve not in one.cves or change.at <= one.decided.at:
        return False
    if change.kind is ChangeKind.SCORED:
        return change.before is not None and change.after is not None and change.after > change.before
    return change.kind in (ChangeKind.LISTED, ChangeKind.FIXED)


def _people(one: DecidedCase) -> tuple[UserId, ...]:
    found = (one.case.owner, one.decided.by)
    return tuple(dict.fromkeys(user for user in found if user is not None))
