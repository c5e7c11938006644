"""What is open and wants somebody's attention today: each case once, under its most urgent concern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from threatstamp.core.cases.case import Case


class Concern(StrEnum):
    """Why a case is spoken of, the most urgent first. Each has words in the catalogue `agenda`."""

    OVERDUE = "overdue"
    CLOCK = "clock"
    """The clock of a step of its checklist has run out."""
    TODAY = "today"
    """It is due today."""
    WAITING = "waiting"
    """For a decision."""
    UNOWNED = "unowned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The cases of a day. counts: all of them, without the concerns that no case has. first: as many as were
    asked for, the most urgent first.
    """

    day: date
    counts: Mapping[Concern, int] = field(default_factory=dict)
    first: tuple[tuple[Concern, Case], ...] = ()

    @property
    def total(self) -> int:
        return sum(self.counts.values())
