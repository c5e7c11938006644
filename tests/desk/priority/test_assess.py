"""A story's priority is on record once for each change, replays, and waits for nobody who waits for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.desk.news.newsroom import DAY, Newsroom, entry
from tests.support.facts import CVE, cvelist_said, epss_said, kev_said, known, renamed, score
from tests.support.fakes import tools_of
from tests.support.priority import rule
from tests.support.times import S
from threatstamp.app.matching import lore
from threatstamp.config.tables import built_in
from threatstamp.core.facts.assessment import CVELIST, KEV, Ssvc
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.document import FactLoad
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.entry import Document, Fetched
from threatstamp.core.priority.replay import policy_of, replayed, ruling_body
from threatstamp.core.priority.ruling import PriorityPolicy
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.time import Micros
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.priority.assess import AssessStories

OTHER = CveId("CVE-2099-5678")
BOD, CVSS = PriorityPolicy(table=built_in("bod-26-04")), PriorityPolicy(table=built_in("cvss"))
SSVC = Ssvc(exploitation="none", automatable="no", technical_impact="partial")
MILD = cvelist_said(CVE, score(5.0), ssvc=SSVC)


def load(began_at: int = 1) -> FactLoad:
    return FactLoad(
        source=KEV, edition="", digest="", position=1, broken=0, began_at=Micros(began_at), is_done=True
    )


class Room:
    """A newsroom whose stories are assessed."""

    def __init__(self) -> None:
        self.news = Newsroom()
        self.loads: list[FactLoad] = [load()]
        self.use(BOD)

    def use(self, policy: PriorityPolicy | None) -> None:
        self.policy = policy
        self.step = AssessStories(self.tools(), loads=lambda: self.loads, lore=lore)

    def tools(self) -> Tools:
        news = self.news
        policy = replace(news.policy, priority=self.policy)
        return tools_of(policy, store=news.store, slack=news.slack, clock=news.clock, facts=news.facts)

    def report(self, *titles: str) -> None:
        entries = tuple(entry(number, title=title) for number, title in enumerate(titles, 1))
        self.news.poll(Fetched(document=Document(entries=entries)))

    def know(self, *said: Any) -> None:
        """Says what is known of a CVE, and that it was loaded just now."""
        self.news.facts.vulnerabilities[said[0].cve] = known(*said)
        self.loads = [load(self.loads[0].began_at + 1)]

    def bodies(self, kind: Kind = Kind.ASSESSED) -> list[dict[str, Any]]:
        with self.news.store.reading() as read:
            return [json.loads(one.body or "") for one in read.ledger.entries() if one.kind == kind]

    def priorities(self) -> list[str]:
        return [one["priority"] for one in self.bodies()]


@pytest.fixture
def room() -> Iterator[Room]:
    made = Room()
    yield made
    made.news.store.close()


def test_a_story_is_assessed_once_and_again_when_its_priority_changes(room: Room) -> None:
    room.know(MILD)
    room.report(f"「箱舟FTP」の脆弱性（{CVE}）")
    assert [room.step.run() for _ in range(3)] == [1, 0, 0]
    room.know(MILD, kev_said())
    assert [room.step.run() for _ in range(2)] == [1, 0]
    assert room.priorities() == ["medium", "high"]
    room.know(MILD, kev_said(), epss_said())
    assert room.step.run() == 0  # a number of the day changes nothing
    with room.news.store.reading() as read:
        (story,) = read.stories.told_since(Micros(0), most=5)
        last = read.priorities.of([story.id])[story.id]
    assert (last.priority, last.cve, last.outcome) == (Priority.HIGH, CVE, "14 days")


def test_each_ruling_on_record_follows_again_from_the_record(room: Room) -> None:
    room.use(PriorityPolicy(table=BOD.table, rules=(rule(Priority.CRITICAL, cvss_above="9"),)))
    room.know(cvelist_said(CVE, score(9.8)))
    room.report(f"A flaw ({CVE})")
    room.step.run()
    room.use(CVSS)
    room.step.run()
    room.know(MILD)
    room.step.run()
    contents = [json.loads(one["content"]) for one in room.bodies(Kind.PRIORITIES)]
    policies = {policy.digest: policy for policy in map(policy_of, contents)}
    assert list(policies) == [one["digest"] for one in room.bodies(Kind.PRIORITIES)]
    assert len(policies) == 2
    bodies = room.bodies()
    assert [one["priority"] for one in bodies] == ["critical", "critical", "medium"]
    for body in bodies:
        assert body.pop("story")
        assert body.pop("matches") == []
        assert ruling_body(CveId(body["cve"]), replayed(body, policies)) == body


def test_of_several_cves_the_most_urgent_one_counts(room: Room) -> None:
    room.know(MILD)
    room.know(renamed(MILD, OTHER), renamed(kev_said(), OTHER))
    room.report(f"Two flaws ({CVE}, {OTHER})")
    room.step.run()
    assert [(one["cve"], one["priority"]) for one in room.bodies()] == [(OTHER, "high")]


def test_nothing_is_recorded_where_nothing_is_known_or_nobody_wants_it(room: Room) -> None:
    room.report(f"A flaw ({CVE})", "News without an id")
    assert room.step.run() == 0
    room.know(MILD)
    room.use(None)
    assert room.step.run() == 0
    assert room.bodies(Kind.PRIORITIES) == []
    room.use(BOD)
    assert room.step.run() == 1


def test_a_single_cve_that_a_source_was_asked_about_counts_before_any_source_is_loaded(room: Room) -> None:
    room.report(f"A flaw ({CVE})", "箱舟FTPの脆弱性")
    room.loads = []
    assert room.step.run() == 0
    room.news.facts.vulnerabilities[CVE] = known(MILD)
    room.step.look_again(Micros(0))
    assert room.step.run() == 1
    (body,) = room.bodies()
    assert body["cve"] == CVE


def test_what_nobody_scored_is_on_record_as_not_assessed(room: Room) -> None:
    room.use(CVSS)
    room.know(cvelist_said(CVE))
    room.report(f"A flaw ({CVE})")
    room.step.run()
    (body,) = room.bodies()
    assert (body["priority"], body["outcome"], body["row"], body["open"]) == (
        "not_assessed",
        None,
        None,
        ["severity"],
    )


def test_old_stories_keep_the_priority_that_they_had(room: Room) -> None:
    room.know(MILD)
    room.report(f"A flaw ({CVE})")
    room.step.run()
    room.news.clock.time += 91 * DAY
    room.know(MILD, kev_said())
    assert room.step.run() == 0


def test_two_processes_record_a_change_once(room: Room) -> None:
    room.know(MILD)
    room.report(f"A flaw ({CVE})")
    other = AssessStories(room.tools(), loads=lambda: room.loads, lore=lore)
    assert (room.step.run(), other.run()) == (1, 0)


def test_a_new_story_is_seen_without_looking_at_all_again(room: Room) -> None:
    room.know(MILD)
    room.report(f"A flaw ({CVE})")
    room.step.run()
    room.news.clock.time += 3600 * S
    room.step.run()
    room.news.facts.asked.clear()
    assert room.step.run() == 0
    assert room.news.facts.asked == []
    room.news.poll(
        Fetched(
            document=Document(
                entries=(entry(7, title=f"A month of flaws: {CVE}, CVE-2099-8001, CVE-2099-8002"),)
            )
        )
    )
    assert room.step.run() == 1


def test_after_a_load_older_stories_are_looked_at_again(room: Room) -> None:
    room.know(MILD)
    room.report(f"A flaw ({CVE})")
    room.step.run()
    room.news.clock.time += 20 * DAY
    room.step.run()
    room.know(MILD, kev_said())
    assert room.step.run() == 1


def test_what_was_asked_about_a_cve_of_an_older_story_is_seen_once(room: Room) -> None:
    begun = room.news.clock.now()
    room.report(f"A flaw ({CVE})")
    assert room.step.run() == 0
    room.news.clock.time += DAY // 2
    room.step.run()
    room.news.facts.vulnerabilities[CVE] = known(MILD)  # asked for by its id, which is no load of a source
    assert room.step.run() == 0
    room.step.look_again(begun)
    assert [room.step.run() for _ in range(2)] == [1, 0]


def test_a_catalogue_that_is_loaded_in_part_says_of_nothing_that_it_is_not_in_it(room: Room) -> None:
    room.know(MILD)
    room.loads = [replace(load(), is_done=False), replace(load(), source=CVELIST)]
    room.report(f"A flaw ({CVE})")
    room.step.run()
    assert room.bodies()[0]["open"] == ["kev", "exposed"]
