"""The register of accepted risks is what the ledger and the cases say, and what nobody looked at is overdue."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date

import pytest

from tests.desk.stamps.test_any_order import ALARM, USERS, Desk, Event
from tests.support.times import at
from threatstamp.core.cases.case import CaseState, Way, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.moves import WISHES, Denial
from threatstamp.core.cases.risk import Risk, RiskLevel, due_risks
from threatstamp.core.ids import TrackName, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.stamps.route import Track
from threatstamp.core.stamps.turn import Mark, TurnKind
from threatstamp.desk.cases.act import Acting, Attempt
from threatstamp.desk.cases.register import RiskWords, add_risk, review_risk
from threatstamp.desk.record.redact import redact_person
from threatstamp.render.risks import risk_body, risk_lines, risk_rows
from threatstamp.texts.catalogue import Language, Texts

SUZUKI, ITO = UserId("U0SUZUKI"), UserId("U0ITO")
TODAY = date(2026, 11, 26)
WORDS = RiskWords(
    by=SUZUKI, owner=ITO, after=RiskLevel.MEDIUM, accepted_until=date(2027, 3, 31), reason="予算待ち"
)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.store.close()


def add(
    desk: Desk, title: str = "古いVPN装置", words: RiskWords = WORDS, case: int | None = None
) -> str | None:
    now = desk.clock.now()
    return add_risk(desk.store, title, words, before=RiskLevel.HIGH, case=case, today=TODAY, now=now)


def review(desk: Desk, key: str, words: RiskWords, *, today: date, closed: bool = False) -> bool:
    return review_risk(desk.store, key, words, is_closed=closed, today=today, now=desk.clock.now())


def risks(desk: Desk) -> dict[str, Risk]:
    with desk.store.reading() as read:
        return {one.key: one for one in read.risks.every(UTC)}


def test_a_risk_is_added_reviewed_and_closed_and_its_history_stays(desk: Desk) -> None:
    assert (add(desk), add(desk, "別のリスク")) == ("R1", "R2")
    assert not review(desk, "R3", WORDS, today=TODAY)
    later = date(2027, 3, 30)
    assert review(desk, "R1", RiskWords(by=ITO, accepted_until=date(2027, 9, 30)), today=later)
    one = risks(desk)["R1"]
    assert (one.owner, one.before, one.after) == (ITO, RiskLevel.HIGH, RiskLevel.MEDIUM)
    assert (one.accepted_until, one.reviewed_on) == (date(2027, 9, 30), later)
    assert review(desk, "R1", RiskWords(by=ITO, reason="交換済み"), today=later, closed=True)
    one = risks(desk)["R1"]
    assert one.is_closed
    assert [step.what for step in one.history] == ["add", "review", "close"]
    assert not one.is_overdue(date(2030, 1, 1))
    assert list(risks(desk)) == ["R1", "R2"]


def test_what_is_over_or_was_not_reviewed_for_a_year_is_overdue(desk: Desk) -> None:
    add(desk)
    add(desk, "期限のないもの", RiskWords(by=SUZUKI))
    dated, open_ended = risks(desk).values()
    assert not dated.is_overdue(date(2027, 3, 31))
    assert dated.is_overdue(date(2027, 4, 1))
    assert not open_ended.is_overdue(date(2027, 11, 26))
    assert open_ended.is_overdue(date(2027, 11, 27))
    assert review(desk, "R2", RiskWords(by=SUZUKI), today=date(2027, 11, 27))
    assert not risks(desk)["R2"].is_overdue(date(2028, 11, 26))


def test_what_ends_soon_is_said_before_its_last_day_and_what_is_overdue_after_it(desk: Desk) -> None:
    add(desk)  # until 2027-03-31
    add(desk, "期限のないもの", RiskWords(by=SUZUKI))
    register = risks(desk).values()
    before, from_then, last, after = (
        due_risks(register, day, days=7)
        for day in (date(2027, 3, 23), date(2027, 3, 24), date(2027, 3, 31), date(2027, 4, 1))
    )
    assert not before
    assert [one.key for one in from_then.ending] == ["R1"] == [one.key for one in last.ending]
    assert (after.ending, [one.key for one in after.overdue]) == ((), ["R1"])
    assert not due_risks(register, date(2027, 3, 31), days=0)
    review(desk, "R1", RiskWords(by=ITO), today=date(2027, 3, 30), closed=True)
    assert not due_risks(risks(desk).values(), date(2027, 4, 1), days=7)


def test_what_a_case_accepted_is_in_the_register_until_it_is_reopened(desk: Desk) -> None:
    first = desk.tools.policy.routes[0]
    cased = replace(first, route=replace(first.route, case=TrackName(Track.PRODUCT)))
    desk.tools.in_force.now = replace(desk.tools.policy, routes=(cased,))
    desk.learn(Event(USERS[0], ALARM, Mark(at=at(11), kind=TurnKind.STAMP)))
    assert risks(desk) == {}
    assert add(desk, case=7) is None
    accept: Wish = replace(WISHES["decide_accept"], reason="停止できない")
    acting = Acting(desk.tools)
    acting.act(Attempt(case=1, wish=accept, by=SUZUKI, way=Way.COMMAND, key="a"))
    one = risks(desk)["C1"]
    assert (one.case, one.history[0].what, one.history[0].who) == (1, "accept", SUZUKI)
    assert review(desk, "C1", WORDS, today=TODAY)
    assert risks(desk)["C1"].accepted_until == date(2027, 3, 31)
    reopen = replace(WISHES["reopen"], reason="KEVに掲載")
    acting.act(Attempt(case=1, wish=reopen, by=SUZUKI, way=Way.COMMAND, key="b"))
    assert risks(desk) == {}
    assert not review(desk, "C1", WORDS, today=TODAY)


def test_what_a_case_leaves_is_put_there_once_by_whoever_may_act(desk: Desk) -> None:
    first = desk.tools.policy.routes[0]
    cased = replace(first, route=replace(first.route, case=TrackName(Track.PRODUCT)))
    desk.tools.in_force.now = replace(desk.tools.policy, routes=(cased,))
    desk.learn(Event(USERS[0], ALARM, Mark(at=at(11), kind=TurnKind.STAMP)))
    wish = replace(
        WISHES["risk"],
        reason="旧機種が残る",
        details=Details(risk=Priority.LOW, until=date(2027, 3, 31)),
    )
    take = Attempt(case=1, wish=WISHES["take"], by=ITO, way=Way.BUTTON, key="t")
    acting = Acting(desk.tools)
    acting.act(take)
    for _ in range(2):  # the event comes twice
        acting.act(Attempt(case=1, wish=wish, by=SUZUKI, way=Way.DIALOG, key="r"))
    [one] = risks(desk).values()
    with desk.store.reading() as read:
        case = read.cases.get(1)
        assert case is not None
        post = read.posts.get(case.place)
    assert post is not None
    assert post.snapshot is not None
    assert (one.key, one.case, one.title) == ("R1", 1, post.snapshot.title)
    assert (one.owner, one.after, one.accepted_until) == (ITO, RiskLevel.LOW, date(2027, 3, 31))
    assert (one.history[0].who, one.history[0].reason) == (SUZUKI, "旧機種が残る")
    assert (case.state, case.owner, case.due_on) == (CaseState.ASSESSING, ITO, None)
    refused = acting.act(Attempt(case=1, wish=WISHES["risk"], by=SUZUKI, way=Way.DIALOG, key="n"))
    assert refused.denial is Denial.REASON


def test_a_person_who_is_forgotten_is_forgotten_here_too_and_numbers_are_not_used_again(desk: Desk) -> None:
    add(desk)
    redact_person(SUZUKI, reason="本人の求め", store=desk.store, clock=desk.clock)
    with desk.store.reading() as read:
        assert SUZUKI not in str([one.body for one in read.ledger.entries(kind=Kind.RISK.value)])
    assert add(desk) == "R2"
    assert SUZUKI not in str(risks(desk))


@pytest.mark.parametrize("language", Language)
def test_the_register_as_table_page_and_json(desk: Desk, language: Language) -> None:
    add(desk, "装置A")
    add(desk, "装置B", RiskWords(by=SUZUKI, accepted_until=date(2026, 1, 1)))
    texts, found = Texts(language), tuple(risks(desk).values())
    head, first, second = risk_rows(found, texts, today=TODAY)
    assert "R2" in first  # overdue
    assert "装置A" in second
    assert head
    page = "\n".join(risk_lines(found[0], texts, today=TODAY, say=str))
    assert "予算待ち" in page
    assert "2027-03-31" in page
    body = json.loads(json.dumps(risk_body(found[1], today=TODAY)))
    assert (body["risk"], body["overdue"], body["open"], body["owner"]) == ("R2", True, True, None)
