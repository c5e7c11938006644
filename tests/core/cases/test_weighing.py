"""The table of recommendations, who has to agree, and what efforts came to."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product

import pytest

from tests.core.cases.test_moves import NEW
from threatstamp.config.recommending import built_in
from threatstamp.core.assets.product import Criticality
from threatstamp.core.cases.case import CaseState, Choice, Move, Way
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.moves import WISHES
from threatstamp.core.cases.weighing import (
    CHOICES,
    CaseCard,
    CaseRules,
    Spent,
    advise,
    is_below,
    needs_second,
    spent_on,
)
from threatstamp.core.ids import UserId
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.time import Micros

RULES = CaseRules(recommending=built_in(), second_approver=Priority.HIGH)


def test_the_table_of_the_package_answers_everything_and_more_risk_never_recommends_less() -> None:
    table = built_in()
    for criticality, effort in product([None, *Criticality], ["S", "M", "L", "1h", "8h", "9h", "41h"]):
        ranks = [CHOICES.index(table.choice(table.risk(priority, criticality), effort)) for priority in SCALE]
        assert all(less <= more for less, more in pairwise(ranks))
    assert [table.size(effort) for effort in ("8h", "9h", "40h", "41h", "M")] == ["S", "M", "M", "L", "M"]


def test_nothing_is_recommended_while_risk_or_effort_is_not_known() -> None:
    assert advise(CaseCard(case=NEW), RULES) is None
    known = CaseCard(case=replace(NEW, priority=Priority.HIGH))
    assert advise(known, RULES) is None
    advice = advise(replace(known, estimate="S"), RULES)
    assert advice is not None
    assert (advice.choice, advice.risk) == (Choice.NOW, Priority.HIGH)
    wish = replace(WISHES["decide_plan"], details=Details(risk=Priority.LOW))
    found = advise(replace(known, estimate="S"), RULES, wish=wish)
    assert found is not None
    assert found.choice is Choice.PLAN
    assert is_below(Choice.PLAN, advice)
    assert not is_below(Choice.NOT_AFFECTED, advice)
    assert not is_below(Choice.ACCEPT, None)


@pytest.mark.parametrize(
    ("said", "risk", "needs"),
    [
        (None, None, False),
        (Priority.MEDIUM, None, False),
        (Priority.MEDIUM, Priority.HIGH, True),
        (Priority.CRITICAL, Priority.LOW, True),
    ],
)
def test_a_second_decider_is_needed_by_the_graver_of_priority_and_risk(
    said: Priority | None, risk: Priority | None, needs: bool
) -> None:
    card = CaseCard(case=replace(NEW, priority=said))
    wish = replace(WISHES["decide_now"], details=Details(risk=risk))
    assert needs_second(card, RULES, wish) is needs
    assert not needs_second(card, replace(RULES, second_approver=None), wish)


def moves(estimate: str | None, took: str | None) -> tuple[Move, ...]:
    def made(number: int, name: str, effort: str | None) -> Move:
        return Move(
            number=number,
            wish=replace(WISHES[name], details=Details(effort=effort)),
            by=UserId("U0SATO"),
            way=Way.BUTTON,
            before=CaseState.NEW,
            after=CaseState.DONE,
            at=Micros(1),
        )

    return (made(1, "decide_now", estimate), made(2, "done", took))


def test_estimates_are_compared_with_what_it_took_where_both_are_hours() -> None:
    done = [moves("6h", "9h"), moves("4h", "4h"), moves("8h", "20h"), moves("M", "9h"), moves("6h", None)]
    assert spent_on(done) == Spent(cases=3, estimated=6, took=9)
    assert spent_on([moves("S", "3h")]) is None
