"""A case: what a stamped post asks of the team, who looks after it, and what was decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from threatstamp.core.cases.details import NO_DETAILS, Details
from threatstamp.core.ids import TrackName, UserId
from threatstamp.core.priority.table import ChecklistStep
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import Track
from threatstamp.core.time import Micros, later


class CaseState(StrEnum):
    """How far a case is. Each has words `state_…` in the catalogue `cases`."""

    NEW = "new"
    ASSESSING = "assessing"
    WAITING = "waiting"
    """For a decision."""
    RESPONDING = "responding"
    DONE = "done"
    NOT_AFFECTED = "not_affected"
    ACCEPTED = "accepted"
    """Nothing is done about it, and somebody who may has accepted the risk."""
    WITHDRAWN = "withdrawn"
    """Nobody holds the stamp any more, and nothing had been decided."""


CLOSED = frozenset({CaseState.DONE, CaseState.NOT_AFFECTED, CaseState.ACCEPTED, CaseState.WITHDRAWN})


class CaseAct(StrEnum):
    """What people do with a case; also the names of the commands, with `-` for `_`."""

    TAKE = "take"
    HAND_OVER = "hand_over"
    ASSESS = "assess"
    PRIORITY = "priority"
    DUE = "due"
    DECIDE = "decide"
    APPROVE = "approve"
    """A second decider agrees with a decision that waits for one."""
    RESPOND = "respond"
    """Somebody was told, or something was done, for an audience."""
    DONE = "done"
    REOPEN = "reopen"
    BRIEF = "brief"
    """It is handed over to the developers, once."""
    ACKNOWLEDGE = "acknowledge"
    """One of them has seen that."""
    TICKET = "ticket"
    """There is a ticket for it elsewhere, and the reason is its address; without one, it is to be made."""
    CHECK = "check"
    """A step of the checklist is done."""
    UNCHECK = "uncheck"
    """It is not, after all."""
    RISK = "risk"
    """What it leaves goes into the register of accepted risks."""
    NOTE = "note"
    WITHDRAW = "withdraw"
    """The last stamp was taken back; no command does this."""
    RETURN = "return"
    """Somebody stamps again after that."""
    RAISE = "raise"
    """A stamp of a more urgent route raises the priority; no command does this, either."""


class Choice(StrEnum):
    """What can be decided."""

    NOW = "now"
    PLAN = "plan"
    MITIGATE = "mitigate"
    ACCEPT = "accept"
    NOT_AFFECTED = "not_affected"


class Way(StrEnum):
    """How somebody acted."""

    BUTTON = "button"
    EMOJI = "emoji"
    COMMAND = "command"
    DIALOG = "dialog"
    """A form in Slack, opened by a button or a menu."""
    SLASH = "slash"
    """The slash command in Slack."""
    STAMP = "stamp"
    """A stamp or its withdrawal on the post itself."""
    CLOCK = "clock"
    """The desk itself: a date has passed, or facts have changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to do with a case. choice: of a decision; None for every other act."""

    act: CaseAct
    choice: Choice | None = None
    reason: str = ""
    details: Details = NO_DETAILS

    @property
    def name(self) -> str:
        """CaseAct and choice as one word, "decide_now", for buttons, settings and texts."""
        return f"{self.act}_{self.choice}" if self.choice else self.act.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. number: what people call it by. place: the post that it is about; a story has one
    case, however many channels it is posted in.

    opened_by: who stamped. version: how many moves it has made. decision: the number of the move that decided
    it; None while nobody has, or after it was reopened. pending: the number of a decision that waits for a
    second decider. priority: what people say; None while nobody has said any. kind, checklist: of its track
    as it was when the case was opened, so that the case goes on as it is when the settings change. ticked:
    the numbers of the steps that are done, from 1.
    """

    number: int
    place: Place
    track: TrackName
    kind: Track
    opened_at: Micros
    opened_by: UserId
    state: CaseState = CaseState.NEW
    version: int = 0
    owner: UserId | None = None
    decision: int | None = None
    pending: int | None = None
    priority: Priority | None = None
    due_on: date | None = None
    checklist: tuple[ChecklistStep, ...] = ()
    ticked: tuple[int, ...] = ()

    @property
    def left(self) -> tuple[int, ...]:
        """The numbers of the steps that are not done."""
        return tuple(one for one in range(1, len(self.checklist) + 1) if one not in self.ticked)

    @property
    def next_step(self) -> int | None:
        """The number of the step whose clock runs out first; None where no step that is left has one."""
        timed = (one for one in self.left if self.checklist[one - 1].hours)
        return min(timed, key=lambda one: self.checklist[one - 1].hours, default=None)

    def clock_of(self, item: int) -> Micros | None:
        """Returns when a step has to be done; None for at any time."""
        hours = self.checklist[item - 1].hours
        return later(self.opened_at, hours * 3_600.0) if hours else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One step of a case on record. number: its place in the case's history, from 1."""

    number: int
    wish: Wish
    by: UserId
    way: Way
    before: CaseState
    after: CaseState
    at: Micros


def act_body(case: Case, wish: Wish, *, by: UserId, way: Way) -> dict[str, object]:
    """Returns what somebody wanted to do, as the bodies of ledger entries have it."""
    return {
        "case": case.number,
        "act": wish.act.value,
        "choice": wish.choice.value if wish.choice else None,
        "reason": wish.reason,
        "by": by,
        "way": way.value,
    }


def move_body(case: Case, step: Move) -> dict[str, object]:
    """Returns the body of a move's entry. case: as the move leaves it."""
    details = step.wish.details
    return {
        **act_body(case, step.wish, by=step.by, way=step.way),
        "number": step.number,
        "before": step.before.value,
        "after": step.after.value,
        "owner": case.owner,
        "to": details.to,
        "until": details.until.isoformat() if details.until else None,
        "effort": details.effort,
        "risk": details.risk.value if details.risk else None,
        "audience": details.audience,
        "author": details.author,
        "item": details.item,
        "cause": details.cause or None,
        "decision": case.decision,
        "pending": case.pending,
        "priority": case.priority.value if case.priority else None,
        "due_on": case.due_on.isoformat() if case.due_on else None,
        "ticked": list(case.ticked),
    }
