"""A table decides only if it is complete, monotone, and asks nothing in vain; each flaw is named."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.priority import monotone_tables
from threatstamp.config.tables import TABLES, built_in
from threatstamp.core.priority.flaws import FlawKind, flaws_of
from threatstamp.core.priority.table import DecisionTable, TableRow

BOD = built_in("bod-26-04")


def changed(number: int, **values: object) -> DecisionTable:
    """Returns CISA's table with another row."""
    rows = list(BOD.rows)
    rows[number] = replace(rows[number], **values)  # type: ignore[arg-type]
    return replace(BOD, rows=tuple(rows))


def kinds(table: DecisionTable) -> set[FlawKind]:
    return {one.kind for one in flaws_of(table)}


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_of_the_package_have_no_flaw(name: str) -> None:
    assert flaws_of(built_in(name)) == ()


def test_a_missing_row_is_spelled_out() -> None:
    (flaw,) = flaws_of(replace(BOD, rows=BOD.rows[:-1]))
    assert flaw.kind is FlawKind.MISSING
    assert flaw.values["answers"] == "kev = yes, exposed = yes, automatable = yes, technical_impact = total"


def test_rows_that_contradict_each_other_are_both_named() -> None:
    (flaw, *_) = flaws_of(changed(15, outcome="60 days"))
    assert (flaw.kind, flaw.row) == (FlawKind.BACKWARDS, 15)
    assert flaw.values["worse_outcome"] == "60 days"
    assert "kev = no" in flaw.values["answers"]
    assert "kev = yes" in flaw.values["worse"]


def test_a_question_that_never_changes_anything_is_named() -> None:
    rows = tuple(row for row in BOD.rows if row.answers[1] == "no")
    both = tuple(
        replace(row, answers=(row.answers[0], value, *row.answers[2:]))
        for row in rows
        for value in ("no", "yes")
    )
    (flaw,) = flaws_of(replace(BOD, rows=both))
    assert (flaw.kind, flaw.values) == (FlawKind.IDLE, {"name": "exposed"})


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (changed(3, answers=("no", "yes")), FlawKind.WIDTH),
        (changed(3, answers=("no", "no", "perhaps", "partial")), FlawKind.VALUE),
        (changed(3, outcome="soon"), FlawKind.OUTCOME),
        (
            replace(BOD, rows=(*BOD.rows, TableRow(answers=BOD.rows[4].answers, outcome="60 days"))),
            FlawKind.TWICE,
        ),
        (replace(BOD, outcomes=(BOD.outcomes[1], BOD.outcomes[0], *BOD.outcomes[2:])), FlawKind.ORDER),
        (replace(BOD, questions=BOD.questions * 4), FlawKind.LARGE),
    ],
)
def test_each_flaw_is_found(table: DecisionTable, kind: FlawKind) -> None:
    assert kind in kinds(table)


@given(table=monotone_tables(), data=st.data())
def test_a_table_with_one_row_less_or_out_of_order_is_refused(
    table: DecisionTable, data: st.DataObject
) -> None:
    number = data.draw(st.integers(0, len(table.rows) - 1))
    rest = (*table.rows[:number], *table.rows[number + 1 :])
    assert kinds(replace(table, rows=rest)) == {FlawKind.MISSING}
    worst = max(table.rows, key=table.rank)
    best = min(table.rows, key=table.rank)
    swapped = {worst.answers: best.outcome, best.answers: worst.outcome}
    rows = tuple(replace(row, outcome=swapped.get(row.answers, row.outcome)) for row in table.rows)
    assert FlawKind.BACKWARDS in kinds(replace(table, rows=rows))


def test_editions_differ_with_the_content() -> None:
    assert BOD.edition.startswith("1.0.0+")
    assert changed(0, outcome="60 days").edition != BOD.edition
