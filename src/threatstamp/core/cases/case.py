"""A case: what a stamped post asks of the team, who looks after it, and what was decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.ids import UserId
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import Track
from threatstamp.core.time import Micros


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


CLOSED = frozenset({CaseState.DONE, CaseState.NOT_AFFECTED, CaseState.ACCEPTED})


class CaseAct(StrEnum):
    """What people do with a case; also the names of the commands."""

    TAKE = "take"
    ASSESS = "assess"
    DECIDE = "decide"
    DONE = "done"
    REOPEN = "reopen"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to do with a case. choice: of a decision; None for every other act."""

    act: CaseAct
    choice: Choice | None = None
    reason: str = ""

    @property
    def name(self) -> str:
        """CaseAct and choice as one word, "decide_now", for buttons, settings and texts."""
        return f"{self.act}_{self.choice}" if self.choice else self.act.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. number: what people call it by. place: the post that it is about; each has one case at most.

    opened_by: who stamped. version: how many moves it has made. decision: the number of the move that decided
    it; None while nobody has, or after it was reopened.
    """

    number: int
    place: Place
    track: Track
    opened_at: Micros
    opened_by: UserId
    state: CaseState = CaseState.NEW
    version: int = 0
    owner: UserId | None = None
    decision: int | None = None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCard:
    """What a card in Slack displays of a case. decided: the move that decided it."""

    case: Case
    decided: Move | None = None
