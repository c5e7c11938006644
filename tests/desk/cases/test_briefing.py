"""A hand-over to developers: one message with what they need, edited as that changes, acknowledged once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.desk.cases.test_act import CASED, CISO, ITO, SATO, act, desk, entries, stamp
from tests.desk.stamps.test_any_order import Desk
from tests.support.script import fails_afterwards
from threatstamp.app.kinds import departings
from threatstamp.core.assets.product import Product
from threatstamp.core.cases.case import CaseAct, Way, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.moves import WISHES, Denial
from threatstamp.core.cases.track import TrackPlan
from threatstamp.core.errors import SlackError
from threatstamp.core.facts.assessment import CVELIST, Affected, Assessment, ReadAssessment, VersionRange
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.ids import ChannelId, TrackName, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.policy import People
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import Track
from threatstamp.core.stamps.turn import TurnKind
from threatstamp.core.time import DAY, Micros
from threatstamp.desk.cases.act import Acting, Attempt
from threatstamp.desk.cases.briefing import BriefClock
from threatstamp.desk.cases.clock import CaseClock
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.record.compare import compare_records

__all__ = ["desk"]
DEV = ChannelId("C0DEV")
CVE = CveId("CVE-2026-1111")
GATE = Product(name="FortiGate", vendor="Fortinet", version="7.4.3", owner="S0NETTEAM")
PLAN = TrackPlan(name=TrackName("product"), kind=Track.PRODUCT, channel=DEV)
RANGE = VersionRange(first="7.4.0", before="7.4.9")
LISTED = Affected(vendor="Fortinet", product="FortiGate", ranges=(RANGE,))


class Known:
    """Facts of one vulnerability."""

    def __init__(self) -> None:
        self.listed = LISTED

    def known(self, cves: object) -> tuple[Vulnerability, ...]:
        said = Assessment(cve=CVE, source=CVELIST, version="1", affected=(self.listed,))
        read = ReadAssessment(said=said, read_at=Micros(1))
        return (Vulnerability(cve=CVE, said=(read,)),)


@pytest.fixture
def briefed(desk: Desk) -> Desk:
    desk.slack.snapshot = replace(desk.slack.snapshot, title=f"FortiGate の脆弱性 {CVE}")
    desk.tools.in_force.now = replace(CASED, tracks={PLAN.name: PLAN}, products=(GATE,))
    desk.tools = replace(desk.tools, facts=Known())
    desk.deliver = Deliver(desk.tools, departings(desk.tools))
    stamp(desk)
    desk.deliver_all()
    return desk


def said(desk: Desk) -> str:
    [message] = [one for one in desk.slack.messages if one.channel == DEV]
    return f"{message.rendered.text}\n{message.rendered.blocks}"


def test_one_message_has_versions_and_owner_and_follows_the_case_and_the_facts(briefed: Desk) -> None:
    briefed.slack.script.then("post", fails_afterwards(SlackError("timeout", ambiguous=True)))
    assert act(briefed, "brief").moved
    assert not act(briefed, "brief", by=CISO).moved
    briefed.clock.time += 60_000_000
    briefed.deliver_all()
    for part in ("<!subteam^S0NETTEAM>", "7.4.3", "7.4.9", "確認しました"):
        assert part in said(briefed)
    clock = BriefClock(briefed.tools)
    assert not clock.run()
    known = briefed.tools.facts
    assert isinstance(known, Known)
    known.listed = replace(LISTED, ranges=(replace(RANGE, before="7.4.10"),))
    assert clock.run()
    assert not clock.run()
    due = Wish(act=CaseAct.DUE, details=Details(until=date(2026, 12, 24)))
    Acting(briefed.tools).act(Attempt(case=1, wish=due, by=SATO, way=Way.COMMAND, key="due"))
    briefed.deliver_all()
    assert "7.4.10" in said(briefed)
    assert "12/24" in said(briefed)
    assert compare_records(briefed.store).first is None


def test_developers_see_that_the_stamp_was_taken_back_and_that_the_desk_opened_the_case_again(
    briefed: Desk,
) -> None:
    act(briefed, "brief")
    briefed.deliver_all()
    for kind, state in ((TurnKind.WITHDRAWAL, "取り下げ"), (TurnKind.STAMP, "未着手")):
        stamp(briefed, kind=kind)
        briefed.deliver_all()
        assert state in said(briefed)
    until = Details(until=date(2026, 12, 24))
    accepted = replace(WISHES["decide_accept"], reason="小さい", details=until)
    attempt = Attempt(case=1, wish=accepted, by=CISO, way=Way.COMMAND, key="accept")
    assert Acting(briefed.tools).act(attempt).moved
    briefed.deliver_all()
    assert "リスク受容" in said(briefed)
    briefed.clock.time += 100 * 365 * DAY
    assert CaseClock(briefed.tools, changes=lambda since: ()).run()
    briefed.deliver_all()
    assert "確認中" in said(briefed)


def test_a_developer_says_once_that_it_was_seen_and_needs_no_other_right(briefed: Desk) -> None:
    named = People(users=frozenset({SATO}), is_anybody=False)
    briefed.tools.in_force.now = replace(briefed.tools.policy, analysts=named)
    assert act(briefed, "acknowledge", by=UserId("U0DEV")).denial is Denial.STATE
    act(briefed, "brief")
    briefed.deliver_all()
    [message] = [one for one in briefed.slack.messages if one.channel == DEV]
    place = Place(team=CASED.team, channel=DEV, ts=message.ts)
    assert Acting(briefed.tools).find(place) == 1
    for by in (UserId("U0DEV"), ITO):
        wish = WISHES["acknowledge"]
        attempt = Attempt(case=1, wish=wish, by=by, way=Way.EMOJI, key=f"ack|{by}", channel=DEV)
        acted = Acting(briefed.tools).act(attempt)
        assert (acted.moved, acted.denial) == (by == "U0DEV", None)
    briefed.deliver_all()
    assert "U0DEV" in said(briefed)
    assert "case_acknowledge" not in said(briefed)
    assert entries(briefed, Kind.CASE_MOVED) == 2


def test_where_no_developers_are_known_nothing_is_handed_over(briefed: Desk) -> None:
    briefed.tools.in_force.now = replace(briefed.tools.policy, tracks={})
    assert act(briefed, "brief").denial is Denial.NOWHERE
