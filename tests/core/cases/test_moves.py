"""The table of moves: complete where it has to be, and nothing moves that it does not name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.times import at
from threatstamp.core.cases.case import CLOSED, Case, CaseAct, CaseState, Choice, Move, Way, Wish
from threatstamp.core.cases.details import Details, read_effort
from threatstamp.core.cases.moves import BY_EMOJI, RULES, WISHES, Actor, Denial, is_plain, move, wishes_of
from threatstamp.core.ids import ChannelId, TeamId, TrackName, Ts, UserId
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import Track

PLACE = Place(team=TeamId("T1"), channel=ChannelId("C0NEWS"), ts=Ts("1.000000"))
NEW = Case(
    number=1,
    place=PLACE,
    track=TrackName(Track.PRODUCT),
    kind=Track.PRODUCT,
    opened_at=at(1),
    opened_by=UserId("U0YAMADA"),
)
SATO, SUZUKI = UserId("U0SATO"), UserId("U0SUZUKI")

details = st.builds(
    Details,
    to=st.sampled_from([None, UserId("U0ITO")]),
    until=st.sampled_from([None, date(2026, 12, 24)]),
    effort=st.sampled_from([None, "6h"]),
    priority=st.sampled_from([None, Priority.HIGH]),
)
wishes = st.builds(
    lambda name, reason, more: replace(WISHES[name], reason=reason, details=more),
    st.sampled_from(sorted(WISHES)),
    st.sampled_from(["", "更新済み"]),
    details,
)
attempts = st.tuples(wishes, st.sampled_from([SATO, SUZUKI]))


def act(case: Case, name: str, *, by: UserId = SATO, decider: bool = True, reason: str = "") -> Case | Denial:
    return move(case, replace(WISHES[name], reason=reason), by=Actor(user=by, is_decider=decider), last=None)


def through(*names: str) -> Case:
    case = NEW
    for name in names:
        moved = act(case, name, reason="理由")
        assert isinstance(moved, Case), (name, moved)
        case = moved
    return case


def test_a_case_goes_from_new_to_done_and_can_be_opened_again() -> None:
    assert through("take").state is CaseState.ASSESSING
    assert through("take", "assess").state is CaseState.WAITING
    case = through("take", "assess", "decide_now")
    assert (case.state, case.owner, case.decision, case.version) == (CaseState.RESPONDING, SATO, 3, 3)
    assert through("take", "decide_plan", "done").state is CaseState.DONE
    again = through("take", "decide_plan", "done", "reopen")
    assert (again.state, again.owner, again.decision) == (CaseState.ASSESSING, SATO, None)


@pytest.mark.parametrize(
    ("before", "name", "by", "decider", "reason", "denial"),
    [
        (("take",), "take", SUZUKI, True, "", Denial.TAKEN),
        (("take",), "decide_now", SUZUKI, False, "", Denial.RIGHT),
        (("take",), "decide_accept", SUZUKI, True, " ", Denial.REASON),
        (("take",), "done", SATO, True, "", Denial.STATE),
        (("decide_now",), "decide_plan", SUZUKI, True, "", Denial.STATE),
        (("decide_now", "done"), "take", SUZUKI, True, "", Denial.STATE),
        ((), "assess", SATO, True, "", Denial.STATE),
        ((), "reopen", SATO, True, "x", Denial.STATE),
    ],
)
def test_what_does_not_count_says_why(
    before: tuple[str, ...], name: str, by: UserId, decider: bool, reason: str, denial: Denial
) -> None:
    assert act(through(*before), name, by=by, decider=decider, reason=reason) is denial


def test_a_decision_before_anybody_took_the_case_leaves_it_to_be_taken() -> None:
    case = through("decide_now")
    taken = act(case, "take", by=SUZUKI)
    assert isinstance(taken, Case)
    assert (taken.state, taken.owner, taken.decision) == (CaseState.RESPONDING, SUZUKI, 1)


@given(st.lists(attempts, max_size=12))
def test_whatever_people_do_only_moves_of_the_table_happen_and_twice_is_once(
    history: list[tuple[Wish, UserId]],
) -> None:
    case, last = NEW, None
    for wish, by in history:
        decider = by == SUZUKI
        moved = move(case, wish, by=Actor(user=by, is_decider=decider), last=last)
        if isinstance(moved, Denial) or moved is case:
            continue
        rule = next(
            one
            for one in RULES
            if one.wish.name == wish.name
            and case.state in one.before
            and one.is_owned in (None, case.owner is not None)
        )
        assert moved.state is (rule.after or case.state)
        assert decider or not rule.by_decider
        assert wish.reason or not rule.with_reason
        assert not rule.needs or getattr(wish.details, rule.needs) is not None
        assert moved.owner is not None or moved.state is not CaseState.ASSESSING or not case.owner
        assert moved.version == case.version + 1
        assert (moved.decision is not None) or moved.state not in (CaseState.RESPONDING, CaseState.ACCEPTED)
        last = Move(
            number=moved.version,
            wish=wish,
            by=by,
            way=Way.BUTTON,
            before=case.state,
            after=moved.state,
            at=at(2),
        )
        assert move(moved, wish, by=Actor(user=by, is_decider=decider), last=last) is moved
        case = moved


def test_every_state_is_reached_and_every_closed_one_can_be_left() -> None:
    assert {rule.after for rule in RULES if rule.after} | {CaseState.NEW} == set(CaseState)
    reopen, of_desk = [rule for rule in RULES if rule.wish.act is CaseAct.REOPEN]
    assert of_desk.by_desk
    assert set(reopen.before) == CLOSED
    assert {rule.wish.choice for rule in RULES} == {None, *Choice}


def test_what_can_be_done_is_listed_and_what_a_click_says_is_plain() -> None:
    def offered(case: Case) -> list[str]:
        return [one.name for one in wishes_of(case) if is_plain(one)]

    decisions, handed = ["decide_now", "decide_plan", "decide_mitigate"], ["brief", "acknowledge", "ticket"]
    assert offered(NEW) == ["take", *decisions, *handed]
    assert offered(through("take")) == ["assess", *decisions, *handed]
    assert offered(through("take", "assess")) == [*decisions, *handed]
    assert offered(through("decide_now")) == ["take", "done", *handed]
    assert [one.name for one in wishes_of(through("decide_now", "done"))] == ["reopen", "risk", "note"]
    assert "decide_accept" not in BY_EMOJI


def test_a_withdrawn_case_comes_back_as_it_can_be_taken_up_again() -> None:
    assert through("withdraw").state is CaseState.WITHDRAWN
    assert through("withdraw", "return").state is CaseState.NEW
    assert through("take", "withdraw", "return").state is CaseState.ASSESSING
    assert act(through("decide_now"), "withdraw") is Denial.STATE
    assert through("withdraw", "reopen").state is CaseState.ASSESSING


def test_a_case_is_handed_over_gets_a_priority_and_a_due_date_and_each_needs_its_detail() -> None:
    for name, found, field in (
        ("hand_over", Details(to=SUZUKI), "owner"),
        ("priority", Details(priority=Priority.HIGH), "priority"),
        ("due", Details(until=date(2026, 12, 24)), "due_on"),
    ):
        assert act(NEW, name, reason="理由") is Denial.INCOMPLETE
        wish = replace(WISHES[name], reason="理由", details=found)
        moved = move(NEW, wish, by=Actor(user=SATO, is_decider=False), last=None)
        assert isinstance(moved, Case)
        assert getattr(moved, field) == next(value for value in vars_of(found) if value)


def vars_of(found: Details) -> tuple[object, ...]:
    return (found.to, found.priority, found.until)


def test_a_plan_sets_the_due_date_and_an_accepted_risk_does_not() -> None:
    for choice, due_on in (("decide_plan", date(2026, 12, 24)), ("decide_accept", None)):
        wish = replace(WISHES[choice], reason="理由", details=Details(until=date(2026, 12, 24)))
        moved = move(NEW, wish, by=Actor(user=SATO, is_decider=True), last=None)
        assert isinstance(moved, Case)
        assert moved.due_on == due_on


@pytest.mark.parametrize(
    ("said", "kept"),
    [("m", "M"), ("6", "6h"), (" 6 H ", "6h"), ("0012h", "12h"), ("0", None), ("XL", None), ("12345", None)],
)
def test_an_effort_is_a_size_or_hours(said: str, kept: str | None) -> None:
    assert read_effort(said) == kept
