"""A decision table as a value: which answers lead to which outcome."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import product
from typing import Any

from threatstamp.core.priority.urgency import Priority

MOST_ROWS = 1000
"""Nobody can read a table with more, and every row is compared with its neighbours."""


class Unknown(StrEnum):
    """What a table makes of a question whose answer is not known."""

    WORST = "worst"
    """The gravest answer counts."""
    BEST = "best"
    """The least grave answer counts."""
    ASK = "ask"
    """Somebody is asked; until then the gravest answer counts."""
    NOT_ASSESSED = "not_assessed"
    """There is no priority, unless it is at least high whatever the answer is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A text of a table in both languages; the same twice where a company writes in one."""

    ja: str
    en: str

    def told(self, language: str) -> str:
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One input. values: its answers from the least to the most grave one."""

    name: str
    values: tuple[str, ...]
    unknown: Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistStep:
    """What an investigation has to do, and within how many hours of its begin; 0: at any time."""

    hours: int
    text: Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class TableOutcome:
    """What a row leads to. days: calendar days; None if it sets none. text: by when, in words.

    forensics: the system is to be investigated as well; checklist: how.
    """

    name: str
    priority: Priority
    text: Wording
    days: int | None = None
    forensics: bool = False
    checklist: tuple[ChecklistStep, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """answers: one for each question, in their order. outcome: a name."""

    answers: tuple[str, ...]
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable:
    """A table. outcomes: from the least to the most urgent one. Only one without flaws may decide anything.

    version: what its publisher calls this edition. about: whose table it is.
    """

    name: str
    version: str
    about: str
    questions: tuple[Question, ...]
    outcomes: tuple[TableOutcome, ...]
    rows: tuple[TableRow, ...]

    def find(self, answers: Sequence[str]) -> tuple[int, TableOutcome]:
        """Returns the row's number, from 0, and its outcome. Raises StopIteration for a table with a hole."""
        number = next(at for at, row in enumerate(self.rows) if row.answers == tuple(answers))
        return number, self.outcome(self.rows[number].outcome)

    def outcome(self, name: str) -> TableOutcome:
        """Returns an outcome by its name. Raises StopIteration for an unknown one."""
        return next(one for one in self.outcomes if one.name == name)

    def rank(self, row: TableRow) -> int:
        """Returns how urgent a row's outcome is, as its place among the outcomes."""
        return self.outcomes.index(self.outcome(row.outcome))

    @property
    def edition(self) -> str:
        """The version with the beginning of the digest: "1.0.0+3f2a9c01d2e4"."""
        digest = digest_of(self)[:12]
        return f"{self.version}+{digest}" if self.version else digest

    def combinations(self) -> list[tuple[str, ...]]:
        return list(product(*(one.values for one in self.questions)))


@lru_cache(maxsize=32)
def digest_of(value: Any) -> str:
    """Returns the SHA-256 of a dataclass of texts, whole numbers and tuples, as JSON with sorted keys."""
    text = json.dumps(asdict(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
