"""Decisions against a recommendation, with a second decider, and by the clock; fakes and a store in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.desk.cases.test_act import CARD, CASED, CISO, GROUP, ITO, SATO, entries, stamp, texts
from tests.desk.stamps.test_any_order import POLICY, TEAM, Desk
from threatstamp.config.recommending import built_in
from threatstamp.core.assets.product import Criticality, Product
from threatstamp.core.cases.case import Case, CaseState, Way
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.moves import WISHES, Denial
from threatstamp.core.cases.weighing import CaseRules
from threatstamp.core.facts.change import ChangeKind, FactChange
from threatstamp.core.facts.cve import CveId
from threatstamp.core.ids import UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.policy import People
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.stamps.post import Snapshot
from threatstamp.core.time import DAY, Micros
from threatstamp.desk.cases.act import Acted, Acting, Attempt
from threatstamp.desk.cases.clock import CaseClock
from threatstamp.desk.record.compare import compare_records
from threatstamp.desk.views.cases import read_case

RULES = CaseRules(recommending=built_in(), second_approver=Priority.HIGH)
CVE = CveId("CVE-2026-0001")


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    made.tools.in_force.now = replace(CASED, cases=RULES)
    made.slack.groups = {GROUP: frozenset({ITO})}
    made.slack.snapshot = Snapshot(text=f"製品Xに深刻な脆弱性 {CVE}")
    with made.store.transaction() as tx:
        for channel, route in POLICY.contacts():
            body = {"team": TEAM, "channel": channel, "route": route}
            tx.ledger.append(Kind.CONTACT, body, now=made.clock.now())
    stamp(made)
    made.deliver_all()
    yield made
    made.store.close()


def act(
    desk: Desk, name: str, *, by: UserId = CISO, reason: str = "", details: Details | None = None
) -> Acted:
    desk.clock.time += 1_000_000
    wish = replace(WISHES[name], reason=reason, details=details or Details())
    key = f"{name}|{desk.clock.time}"
    return Acting(desk.tools).act(
        Attempt(case=1, wish=wish, by=by, way=Way.BUTTON, key=key, channel=CARD, is_answered=True)
    )


def case_of(desk: Desk) -> Case:
    with desk.store.reading() as read:
        case = read.cases.get(1)
    assert case is not None
    return case


def watch(desk: Desk, *changes: FactChange) -> int:
    def since(at: Micros) -> Sequence[FactChange]:
        return [one for one in changes if one.at >= at]

    return CaseClock(desk.tools, changes=since).run()


def accept(desk: Desk, *, days: int) -> date:
    until = desk.tools.policy.calendar.day_of(desk.clock.now()) + timedelta(days=days)
    details = Details(until=until, risk=Priority.LOW, effort="L")
    acted = act(desk, "decide_accept", reason="影響は小さい", details=details)
    assert acted.moved
    return until


def test_less_than_is_recommended_needs_a_reason_and_what_is_recommended_does_not(desk: Desk) -> None:
    act(desk, "take", by=SATO)
    act(desk, "priority", by=SATO, reason="外部公開", details=Details(priority=Priority.MEDIUM))
    act(desk, "assess", by=SATO, details=Details(effort="6h"))
    assert act(desk, "decide_mitigate").denial is Denial.BELOW
    found = read_case(desk.store, 1, desk.tools.policy.scales)
    assert found is not None
    assert found.card.advice is not None
    assert (found.card.advice.choice, found.card.advice.risk) == ("plan", Priority.MEDIUM)
    desk.deliver_all()
    assert "推奨：計画対応" in texts(desk)
    assert act(desk, "decide_plan").moved
    assert compare_records(desk.store).first is None


def test_the_criticality_of_a_named_product_raises_the_risk(desk: Desk) -> None:
    product = Product(name="製品X", criticality=Criticality.HIGH)
    desk.tools.in_force.now = replace(desk.tools.policy, products=(product,))
    act(desk, "priority", by=SATO, reason="外部公開", details=Details(priority=Priority.MEDIUM))
    act(desk, "take", by=SATO)
    act(desk, "assess", by=SATO, details=Details(effort="S"))
    found = read_case(desk.store, 1, desk.tools.policy.scales)
    assert found is not None
    assert found.card.advice is not None
    assert (found.card.advice.choice, found.card.advice.risk) == ("now", Priority.HIGH)


def test_a_grave_decision_waits_for_somebody_else_who_may_decide(desk: Desk) -> None:
    details = Details(risk=Priority.CRITICAL, until=date(2099, 12, 24), effort="6h")
    assert act(desk, "decide_plan", reason="次の保守", details=details).is_pending
    waiting = case_of(desk)
    assert (waiting.state, waiting.decision, waiting.pending) == (CaseState.WAITING, None, 1)
    assert waiting.due_on is None
    desk.deliver_all()
    assert "承認待ち" in texts(desk)
    assert "case_approve" in texts(desk)
    assert act(desk, "approve").denial is Denial.SECOND
    assert act(desk, "approve", by=SATO).denial is Denial.RIGHT
    assert act(desk, "approve", by=ITO).moved
    decided = case_of(desk)
    assert (decided.state, decided.decision, decided.pending) == (CaseState.RESPONDING, 1, None)
    assert decided.due_on == date(2099, 12, 24)
    assert act(desk, "approve", by=CISO).denial is Denial.STATE
    found = read_case(desk.store, 1)
    assert found is not None
    assert found.approved is not None
    assert found.approved.by == ITO
    assert compare_records(desk.store).first is None


def test_deciders_are_called_once_a_decision_waits_for_them_and_nobody_is_called_in_vain(desk: Desk) -> None:
    act(desk, "take", by=SATO)
    act(desk, "priority", by=SATO, reason="外部公開", details=Details(priority=Priority.CRITICAL))
    act(desk, "assess", by=SATO, details=Details(effort="6h"))
    act(desk, "note", by=SATO, reason="確認中です")  # it waits as before
    desk.deliver_all()
    [call] = called(desk)
    assert f"<@{CISO}> <!subteam^{GROUP}> #1 の判断をお願いします。" in call
    assert "推奨：即時対応" in call
    act(desk, "decide_now", reason="重大")
    desk.deliver_all()
    approve = called(desk)[1]
    assert f"<!subteam^{GROUP}> #1 の「即時対応」の承認をお願いします（判断：<@{CISO}>さん）。" in approve
    assert f"<@{CISO}> <!sub" not in approve
    act(desk, "approve", by=ITO)
    act(desk, "done", by=SATO)
    act(desk, "reopen", by=SATO, reason="再発")
    act(desk, "assess", by=SATO)
    act(desk, "decide_not_affected", reason="対象外")  # before anybody could be called
    desk.tools.in_force.now = replace(desk.tools.policy, deciders=People())
    desk.deliver_all()
    assert len(called(desk)) == 2


def called(desk: Desk) -> list[str]:
    return [
        str(one.rendered.blocks[0]["text"]) for one in desk.slack.messages if "お願い" in one.rendered.text
    ]


def test_an_accepted_risk_reminds_once_before_its_end_and_is_reopened_once_after_it(desk: Desk) -> None:
    act(desk, "take", by=SATO)
    until = accept(desk, days=30)
    with desk.store.reading() as read:
        [risk] = read.risks.every(desk.tools.policy.calendar.zone)
    assert (risk.accepted_until, str(risk.before)) == (until, "low")
    assert watch(desk) == 0
    desk.clock.time += 24 * DAY
    assert (watch(desk), watch(desk)) == (1, 0)
    desk.deliver_all()
    [said] = [str(one.rendered.text) for one in desk.slack.messages if "期日は" in str(one.rendered.text)]
    assert f"<@{SATO}>" in said
    assert f"<@{CISO}>" in said
    desk.clock.time += 90 * DAY  # nobody ran meanwhile
    assert (watch(desk), watch(desk)) == (1, 0)
    case = case_of(desk)
    assert (case.state, case.decision, case.owner) == (CaseState.ASSESSING, None, SATO)
    desk.deliver_all()
    assert sum("期日を過ぎました" in str(one.rendered.text) for one in desk.slack.messages) == 1
    assert entries(desk, Kind.CASE_MOVED) == 3
    assert compare_records(desk.store).first is None


@pytest.mark.parametrize(
    ("kind", "before", "after", "reopens"),
    [
        (ChangeKind.LISTED, None, None, True),
        (ChangeKind.SCORED, 7.5, 9.8, True),
        (ChangeKind.SCORED, 9.8, 7.5, False),
        (ChangeKind.LIKELIER, 0.1, 0.9, False),
        (ChangeKind.FIXED, None, None, True),
    ],
)
def test_graver_facts_reopen_what_was_accepted(
    desk: Desk, kind: ChangeKind, before: float | None, after: float | None, reopens: bool
) -> None:
    accept(desk, days=300)
    older = FactChange(cve=CVE, kind=kind, at=Micros(desk.clock.time - 1), before=before, after=after)
    other = replace(older, cve=CveId("CVE-2026-0002"), at=Micros(desk.clock.time + 1))
    newer = replace(older, at=Micros(desk.clock.time + 1))
    assert watch(desk, older, other) == 0
    assert watch(desk, newer) == reopens
    assert watch(desk, newer) == 0
    assert (case_of(desk).state is CaseState.ASSESSING) is reopens
    if reopens:
        accept(desk, days=300)
        assert watch(desk, replace(newer, at=Micros(desk.clock.time - 1))) == 0  # known as it was decided


def test_what_efforts_came_to_is_said_beside_the_next_estimate(desk: Desk) -> None:
    act(desk, "decide_now", details=Details(effort="6h"))
    act(desk, "done", details=Details(effort="9h"))
    found = read_case(desk.store, 1)
    assert found is not None
    assert found.spent is None  # its own does not count
    assert found.card.estimate == "6h"
