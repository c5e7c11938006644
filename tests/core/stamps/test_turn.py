"""Folding facts into turns: a table of cases, and properties of all of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.core.stamps.look import Presence
from threatstamp.core.stamps.turn import Mark, Turn, TurnKind, compare, fold
from threatstamp.core.time import Micros

ON, OFF = TurnKind.STAMP, TurnKind.WITHDRAWAL


def added(at: int) -> Mark:
    return Mark(at=Micros(at), kind=ON)


def removed(at: int) -> Mark:
    return Mark(at=Micros(at), kind=OFF)


def look(started: int, ended: int, *, present: bool) -> Presence:
    return Presence(started=Micros(started), ended=Micros(ended), present=present)


def turns(*facts: Mark | Presence) -> list[tuple[str, int, bool]]:
    marks = [fact for fact in facts if isinstance(fact, Mark)]
    looks = [fact for fact in facts if isinstance(fact, Presence)]
    return [(turn.kind.value, turn.at, turn.exact) for turn in fold(marks, looks)]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([added(1)], [("stamp", 1, True)], id="an event is a stamp"),
        pytest.param(
            [removed(2), added(1)], [("stamp", 1, True), ("withdrawal", 2, True)], id="removed before added"
        ),
        pytest.param([look(5, 6, present=True)], [("stamp", 5, False)], id="seen without an event"),
        pytest.param(
            [look(5, 6, present=True), added(1)], [("stamp", 1, True)], id="a late event is the same"
        ),
        pytest.param([look(5, 9, present=True), added(7)], [("stamp", 7, True)], id="made while it was read"),
        pytest.param(
            [added(1), look(5, 6, present=False)],
            [("stamp", 1, True), ("withdrawal", 5, False)],
            id="gone without an event",
        ),
        pytest.param(
            [added(1), look(5, 9, present=False), removed(7)],
            [("stamp", 1, True), ("withdrawal", 7, True)],
            id="taken back while it was read",
        ),
        pytest.param(
            [added(8), look(5, 6, present=False)],
            [("stamp", 8, True)],
            id="a page knows nothing of what came later",
        ),
        pytest.param(
            [added(1), removed(2), look(5, 6, present=True)],
            [("stamp", 1, True), ("withdrawal", 2, True), ("stamp", 5, False)],
            id="stamped again unseen",
        ),
        pytest.param([look(3, 4, present=False)], [], id="never there"),
        pytest.param([added(1), added(1)], [("stamp", 1, True)], id="the same event twice"),
    ],
)
def test_facts_amount_to_turns(facts: list[Mark | Presence], expected: list[tuple[str, int, bool]]) -> None:
    assert turns(*facts) == expected


times = st.integers(0, 40)
facts = st.lists(
    st.one_of(
        st.builds(Mark, at=times, kind=st.sampled_from([ON, OFF])),
        st.builds(
            lambda at, length, present: Presence(started=at, ended=at + length, present=present),
            times,
            st.integers(0, 5),
            st.booleans(),
        ),
    ),
    max_size=12,
)


@given(facts, st.randoms())
def test_any_order_of_the_same_facts_gives_the_same_turns(
    known: list[Mark | Presence], random: object
) -> None:
    shuffled = [*known, *known[:3]]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert turns(*shuffled) == turns(*known)


@given(facts)
def test_adding_facts_one_by_one_gives_the_same_turns_as_all_at_once(known: list[Mark | Presence]) -> None:
    record: list[Turn] = []
    for count in range(1, len(known) + 1):
        marks = [fact for fact in known[:count] if isinstance(fact, Mark)]
        looks = [fact for fact in known[:count] if isinstance(fact, Presence)]
        change = compare(record, fold(marks, looks))
        settled = dict(change.settled)
        kept = [settled.get(turn, turn) for turn in record if turn not in change.void]
        record = [*kept, *change.new]
    marks = [fact for fact in known if isinstance(fact, Mark)]
    looks = [fact for fact in known if isinstance(fact, Presence)]
    folded = fold(marks, looks)
    assert set(record) == set(folded)


@given(facts)
def test_the_newest_event_decides_who_holds_the_stamp(known: list[Mark | Presence]) -> None:
    marks = [fact for fact in known if isinstance(fact, Mark)]
    if marks:
        at = Micros(max(mark.at for mark in marks) + 1)
        for newest in (ON, OFF):
            turns = fold([*marks, Mark(at=Micros(at), kind=newest)], [])
            assert (bool(turns) and turns[-1].kind is ON) == (newest is ON)
