"""A case with a checklist: steps are ticked on record, a clock that ran out is told once, and finishing says why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.desk.cases.test_act import CASED, CISO, SATO, desk, entries, stamp
from tests.desk.stamps.test_any_order import TEAM, Desk
from threatstamp.config.tracks import usual_tracks
from threatstamp.core.cases.agenda import Concern
from threatstamp.core.cases.case import Case, CaseAct, CaseState, Way, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.moves import WISHES, Denial
from threatstamp.core.ids import TrackName
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.stamps.route import Track
from threatstamp.core.time import SECOND
from threatstamp.desk.cases.act import Acted, Acting, Attempt
from threatstamp.desk.cases.steps import StepClock
from threatstamp.desk.record.compare import compare_records

__all__ = ["desk"]
HOUR = 3_600 * SECOND


def act(desk: Desk, act: CaseAct, *, item: int | None = None, reason: str = "") -> Acted:
    desk.clock.time += SECOND
    wish = Wish(act=act, details=Details(item=item), reason=reason)
    key = f"{act}|{desk.clock.time}"
    return Acting(desk.tools).act(Attempt(case=1, wish=wish, by=SATO, way=Way.COMMAND, key=key))


def case_of(desk: Desk) -> Case:
    with desk.store.reading() as read:
        found = read.cases.get(1)
    assert found is not None
    return found


def investigating(desk: Desk) -> None:
    plans = {one.plan.name: one.plan for one in usual_tracks()}
    route = CASED.routes[0]
    own = replace(route, route=replace(route.route, case=TrackName(Track.INVESTIGATE)))
    desk.tools.in_force.now = replace(CASED, routes=(own,), tracks=plans)
    stamp(desk)
    desk.deliver_all()


def told(desk: Desk) -> list[str]:
    texts = [one.rendered.text for one in desk.slack.messages]
    return [text for text in texts if "時間が過ぎました" in text]


def test_an_investigation_has_the_triage_and_each_clock_that_runs_out_is_told_once(desk: Desk) -> None:
    investigating(desk)
    assert [one.hours for one in case_of(desk).checklist] == [2, 24, 72]
    assert act(desk, CaseAct.TAKE).moved
    assert not StepClock(desk.tools).run()
    desk.clock.time += 2 * HOUR
    for _ in range(2):  # another process, or this one after a crash
        StepClock(desk.tools).run()
        desk.deliver_all()
    [one] = told(desk)
    assert one.startswith(f"<@{SATO}>さん #1 のチェックリスト（1. ")
    with desk.store.reading() as read:
        day = date(2030, 1, 1)
        assert read.cases.agenda(TEAM, day, now=desk.clock.now(), limit=5).counts == {Concern.CLOCK: 1}
    assert act(desk, CaseAct.CHECK, item=1).moved
    with desk.store.reading() as read:
        assert not read.cases.agenda(TEAM, day, now=desk.clock.now(), limit=5).counts
    desk.clock.time += 22 * HOUR
    steps = StepClock(desk.tools)
    assert steps.run()
    act(desk, CaseAct.CHECK, item=2)  # before it is told
    desk.deliver_all()
    assert not steps.run()
    assert len(told(desk)) == 1
    assert compare_records(desk.store).first is None


def test_ticks_count_once_can_be_taken_back_and_steps_that_are_left_need_a_reason(desk: Desk) -> None:
    investigating(desk)
    assert act(desk, CaseAct.CHECK, item=4).denial is Denial.ITEM
    assert act(desk, CaseAct.CHECK).denial is Denial.INCOMPLETE
    assert act(desk, CaseAct.CHECK, item=2).moved
    again = act(desk, CaseAct.CHECK, item=2)
    assert (again.moved, again.denial) == (False, None)
    assert case_of(desk).ticked == (2,)
    assert act(desk, CaseAct.UNCHECK, item=2).moved
    assert act(desk, CaseAct.CHECK, item=3).moved
    desk.deliver_all()
    assert "1/3" in str(next(iter(desk.slack.messages)).rendered.blocks)
    act(desk, CaseAct.TAKE)
    now = replace(WISHES["decide_now"])
    attempt = Attempt(case=1, wish=now, by=CISO, way=Way.COMMAND, key="now")
    assert Acting(desk.tools).act(attempt).moved
    assert act(desk, CaseAct.DONE).denial is Denial.UNTICKED
    assert act(desk, CaseAct.DONE, reason="証拠は残っていません").moved
    assert case_of(desk).state is CaseState.DONE
    assert act(desk, CaseAct.CHECK, item=1).denial is Denial.STATE
    assert entries(desk, Kind.CASE_DENIED) == 4
    assert compare_records(desk.store).first is None
