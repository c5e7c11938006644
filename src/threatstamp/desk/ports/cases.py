"""Cases: one for a post, and its moves."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date, tzinfo
from typing import Protocol

from threatstamp.core.cases.agenda import Agenda
from threatstamp.core.cases.case import Case, CaseState, Move
from threatstamp.core.cases.risk import Risk
from threatstamp.core.cases.track import TrackPlan
from threatstamp.core.cases.weighing import CaseCard
from threatstamp.core.ids import ChannelId, Key, TeamId, TrackName, UserId
from threatstamp.core.outbox.body import write_body
from threatstamp.core.outbox.departure import DepartureKind, NewDeparture
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros

BRIEF = DepartureKind(name="brief")
"""The message by which a case is handed over to developers."""


def order_brief(case: Case, channel: ChannelId, *, now: Micros) -> NewDeparture:
    """Returns the order for the message, one for each case."""
    return NewDeparture(
        name=str(case.number),
        team=case.place.team,
        kind=BRIEF,
        channel=channel,
        due_at=now,
        body=write_body(case=case.number),
    )


def brief_key(case: Case) -> Key:
    """Returns the key of a case's message to developers, wherever that goes."""
    return order_brief(case, ChannelId(""), now=Micros(0)).key


class ReadCases(Protocol):
    """Cases on record."""

    def get(self, number: int) -> Case | None: ...
    def at(self, place: Place) -> Case | None:
        """Returns the case of a post, or of another post of the same story."""

    def card(self, place: Place) -> CaseCard | None:
        """Returns what a card displays of a post's case."""

    def every(self, *, states: Sequence[CaseState] = ()) -> tuple[Case, ...]:
        """Returns all cases, or those in some states, oldest first."""

    def agenda(self, team: TeamId, day: date, *, now: Micros, limit: int) -> Agenda:
        """Returns what is open on that day. limit: of the cases named. now: by the clocks of checklists."""

    def listed(
        self,
        team: TeamId,
        *,
        owner: UserId | None = None,
        state: CaseState | None = None,
        before: date | None = None,
        limit: int,
    ) -> tuple[int, tuple[Case, ...]]:
        """Returns how many open cases there are, and the first, by due date. before: due before that day."""

    def due(self, team: TeamId, *, until: date, after: int, limit: int) -> tuple[Case, ...]:
        """Returns open cases that are due by that day, by their numbers, from `after` on."""

    def briefed(self, team: TeamId) -> tuple[Case, ...]:
        """Returns open cases that were handed over to developers, oldest first."""

    def late_steps(self, team: TeamId, *, now: Micros) -> tuple[Case, ...]:
        """Returns open cases with a step whose clock has run out, oldest first."""

    def tracks(self, case: Case) -> tuple[TrackName, ...]:
        """Returns the case's own track, then those that stamps of further routes have added."""

    def moves(self, number: int) -> tuple[Move, ...]:
        """Returns a case's moves, oldest first."""

    def is_known(self, key: str) -> bool:
        """True if a move with this key is on record."""


class Cases(ReadCases, Protocol):
    """The same, to write."""

    def apart(self) -> AbstractContextManager[object]:
        """A part of the transaction that fails by itself: what it wrote is undone, and the rest goes on."""

    def open(self, place: Place, plan: TrackPlan, *, by: UserId, now: Micros) -> int:
        """Records a post's case, which must not be on record, and returns its number. by: who stamped."""

    def put(self, case: Case, move: Move, *, key: str) -> None:
        """Records a move, and the case as it leaves it."""


class ReadRisks(Protocol):
    """The register of accepted risks."""

    def every(self, zone: tzinfo) -> tuple[Risk, ...]:
        """Returns them, the oldest first. zone: in which days are counted."""
