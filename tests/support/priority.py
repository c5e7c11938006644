"""Decision tables and facts to try priorities with."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from tests.support.bodies import RULING
from threatstamp.core.facts.cve import CveId
from threatstamp.core.priority.fact import Fact
from threatstamp.core.priority.flaws import flaws_of
from threatstamp.core.priority.house import Condition, EffectKind, HouseRule, Operator
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.priority.table import (
    DecisionTable,
    Question,
    TableOutcome,
    TableRow,
    Unknown,
    Wording,
)
from threatstamp.core.priority.touching import Touch
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.time import Micros

TEXT = Wording(ja="いつか", en="some day")


def facts(**values: str | None) -> list[Fact]:
    return [Fact(name=name, value=value, source="kev") for name, value in values.items()]


def rule(
    to: Priority, *, effect: EffectKind = EffectKind.RAISE_TO, steps: int = 0, **when: str | tuple[str, ...]
) -> HouseRule:
    """Returns a rule; a condition's name may end in _above or _below."""
    conditions: list[Condition] = []
    for name, value in when.items():
        fact, _, ending = name.rpartition("_")
        is_number = ending in ("above", "below")
        conditions.append(
            Condition(
                fact=fact if is_number else name,
                operator=Operator(ending) if is_number else Operator.IS,
                values=(value,) if isinstance(value, str) else value,
            )
        )
    return HouseRule(when=tuple(conditions), effect=effect, reason=f"because of {to}", to=to, steps=steps)


def touch(product: str, standing: str = "affected", **more: Any) -> Touch:
    """Returns a product that a story concerns."""
    values: dict[str, Any] = {
        "version": "1.2.4",
        "where": "staff",
        "ground": "listed",
        "source": "cvelist",
        "vulnerability": "CVE-2099-1234",
        "named": product,
        "comparison": "1.2.4 < 1.3",
    }
    return Touch(product=product, standing=standing, **(values | more))


def story_priority(priority: Priority, *touches: Touch, cve: str = "CVE-2099-1234") -> StoryPriority:
    return StoryPriority(
        cve=CveId(cve),
        priority=priority,
        outcome=None,
        gist="g",
        assessed_at=Micros(7),
        touches=touches,
        ruling=json.dumps(RULING),
    )


@st.composite
def monotone_tables(draw: st.DrawFn) -> DecisionTable:
    """Tables without flaws: answers have weights, and an outcome needs so much of them."""
    sizes = draw(st.lists(st.integers(2, 4), min_size=1, max_size=3))
    questions = tuple(
        Question(
            name=f"q{number}",
            values=tuple(f"v{value}" for value in range(size)),
            unknown=draw(st.sampled_from(Unknown)),
        )
        for number, size in enumerate(sizes)
    )
    weights = [draw(st.integers(1, 3)) for _ in questions]
    bounds = sorted(draw(st.lists(st.integers(1, 9), min_size=1, max_size=4)))
    priorities = sorted((draw(st.sampled_from(SCALE)) for _ in range(len(bounds) + 1)), key=SCALE.index)
    outcomes = tuple(
        TableOutcome(name=f"o{number}", priority=priority, text=TEXT)
        for number, priority in enumerate(priorities)
    )
    rows = []
    for places in product(*(range(size) for size in sizes)):
        total = sum(weight * place for weight, place in zip(weights, places, strict=True))
        answers = tuple(one.values[place] for one, place in zip(questions, places, strict=True))
        rows.append(TableRow(answers=answers, outcome=f"o{sum(total >= bound for bound in bounds)}"))
    table = DecisionTable(
        name="drawn", version="", about="", questions=questions, outcomes=outcomes, rows=tuple(rows)
    )
    assume(not flaws_of(table))
    return table
