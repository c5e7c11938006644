"""What is wrong with a decision table: it has holes, contradicts itself, or asks what changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

from threatstamp.core.priority.table import MOST_ROWS, DecisionTable, TableRow
from threatstamp.core.priority.urgency import SCALE


class FlawKind(StrEnum):
    """Why a table may decide nothing. Each has a sentence `flaw_…` in the catalogue `config`."""

    LARGE = "large"
    """Its questions have more combinations of answers than anybody can check."""
    WIDTH = "width"
    """A row has not one answer for each question."""
    VALUE = "value"
    """A row has an answer that the question does not know."""
    OUTCOME = "outcome"
    """A row leads to an outcome that there is not."""
    TWICE = "twice"
    """Two rows have the same answers."""
    MISSING = "missing"
    """No row has these answers."""
    ORDER = "order"
    """A more urgent outcome has a lower priority, or more time, than a less urgent one."""
    BACKWARDS = "backwards"
    """A graver answer leads to a less urgent outcome."""
    IDLE = "idle"
    """The answer to a question never changes the outcome."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing that is wrong. row: its number, from 0. values: the placeholders of its sentence."""

    kind: FlawKind
    row: int | None = None
    values: Mapping[str, str] = field(default_factory=dict)


def flaws_of(table: DecisionTable) -> tuple[Flaw, ...]:
    """Returns what is wrong: of the table's form, then of its gaps, then of its sense."""
    for look in (_shape, _gaps, _sense):
        found = tuple(look(table))
        if found:
            return found
    return ()


def said_answers(table: DecisionTable, answers: tuple[str, ...]) -> str:
    """Returns answers as people read them: "kev = yes, exposed = no"."""
    return ", ".join(f"{one.name} = {value}" for one, value in zip(table.questions, answers, strict=True))


def _shape(table: DecisionTable) -> Iterator[Flaw]:
    count = 1
    for one in table.questions:
        count *= len(one.values)
    if count > MOST_ROWS:
        yield Flaw(kind=FlawKind.LARGE, values={"count": str(count), "most": str(MOST_ROWS)})
        return
    names = {one.name for one in table.outcomes}
    for number, row in enumerate(table.rows):
        if len(row.answers) != len(table.questions):
            values = {"answers": str(len(row.answers)), "questions": str(len(table.questions))}
            yield Flaw(kind=FlawKind.WIDTH, row=number, values=values)
            continue
        if row.outcome not in names:
            yield Flaw(kind=FlawKind.OUTCOME, row=number, values={"value": row.outcome})
        for question, answer in zip(table.questions, row.answers, strict=True):
            if answer not in question.values:
                values = {"value": answer, "name": question.name, "choices": ", ".join(question.values)}
                yield Flaw(kind=FlawKind.VALUE, row=number, values=values)


def _gaps(table: DecisionTable) -> Iterator[Flaw]:
    counts = Counter(row.answers for row in table.rows)
    for number, row in enumerate(table.rows):
        first = next(at for at, one in enumerate(table.rows) if one.answers == row.answers)
        if first != number:
            values = {"answers": said_answers(table, row.answers), "other": str(first + 1)}
            yield Flaw(kind=FlawKind.TWICE, row=number, values=values)
    for answers in table.combinations():
        if not counts[answers]:
            yield Flaw(kind=FlawKind.MISSING, values={"answers": said_answers(table, answers)})


def _sense(table: DecisionTable) -> Iterator[Flaw]:
    for less, more in pairwise(table.outcomes):
        sooner = (less.days if less.days is not None else 10**9) < (
            more.days if more.days is not None else 10**9
        )
        if SCALE.index(more.priority) < SCALE.index(less.priority) or sooner:
            yield Flaw(kind=FlawKind.ORDER, values={"less": less.name, "more": more.name})
    rows = {row.answers: row for row in table.rows}
    for at, question in enumerate(table.questions):
        is_idle = True
        for row in table.rows:
            place = question.values.index(row.answers[at])
            if place + 1 == len(question.values):
                continue
            worse = rows[*row.answers[:at], question.values[place + 1], *row.answers[at + 1 :]]
            is_idle = is_idle and row.outcome == worse.outcome
            if table.rank(worse) < table.rank(row):
                yield _backwards(table, row, worse)
        if is_idle:
            yield Flaw(kind=FlawKind.IDLE, values={"name": question.name})


def _backwards(table: DecisionTable, row: TableRow, worse: TableRow) -> Flaw:
    values = {
        "answers": said_answers(table, row.answers),
        "outcome": row.outcome,
        "worse": said_answers(table, worse.answers),
        "worse_outcome": worse.outcome,
    }
    return Flaw(kind=FlawKind.BACKWARDS, row=table.rows.index(worse), values=values)
