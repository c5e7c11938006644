"""A story's priority knows the company's products in it, says so in its messages, and tells what changes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.desk.news.newsroom import FEED, OTHER, Newsroom, entry
from tests.desk.news.test_joining import agrees
from tests.desk.priority.test_assess import BOD, CVSS, MILD, Room, load
from tests.support.facts import CVE, cvelist_said, epss_said, kev_said, known, renamed, score
from tests.support.priority import rule
from threatstamp.app.matching import lore
from threatstamp.config.reading import NOTHING_OWN, ReadingSettings
from threatstamp.core.assets.finding import FindingState, ScannerFinding
from threatstamp.core.assets.product import Criticality, Product, Where
from threatstamp.core.cases.case import Way
from threatstamp.core.facts.assessment import CVELIST, EPSS, KEV, NVD, Affected, VersionRange
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.score import USUAL, Scorer, ranking_of
from threatstamp.core.facts.subject import OwnWord, StoryKind
from threatstamp.core.ids import StoryId, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.entry import Document, Fetched
from threatstamp.core.priority.replay import StoryPriority, replayed, ruling_body
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.time import DAY, Micros
from threatstamp.desk.news.moving import MoveOrder, name_kind
from threatstamp.desk.news.reviewing import ReviewOrder, review_rest
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.priority.assess import AssessStories
from threatstamp.desk.priority.recording import MOST_TOLD
from threatstamp.desk.priority.showing import AT_ONCE

HAKOBUNE = Product(
    name="箱舟FTP", aliases=("Hakobune FTP",), vendor="Hakobune", version="1.2.4", where=Where.SERVER
)
LISTED = replace(
    MILD,
    affected=(
        Affected(vendor="Hakobune", product="Hakobune FTP", ranges=(VersionRange(first="0", before="1.3"),)),
    ),
)


ALL_LOADED = [load(), replace(load(), source=CVELIST)]
"""What is said of a source counts as news only where all of it was loaded before."""


class Desk(Room):
    """A room that has products, and whose messages go out."""

    def __init__(self) -> None:
        self.products: tuple[Product, ...] = (HAKOBUNE,)
        super().__init__()

    def tools(self) -> Tools:
        tools = super().tools()
        tools.in_force.now = replace(tools.policy, products=self.products)
        return tools

    def have(self, *products: Product) -> None:
        self.products = products
        self.step = AssessStories(self.tools(), loads=lambda: self.loads, lore=lore)

    def run(self) -> int:
        """Assesses, and sends what is owed then."""
        count = self.step.run()
        while self.news.deliver.one():
            self.news.clock.time += 1_000_000
        return count

    def last(self) -> StoryPriority:
        with self.news.store.reading() as read:
            (story,) = read.stories.told_since(Micros(0), most=5)
            return read.priorities.of([story.id])[story.id]

    @property
    def posts(self) -> list[str]:
        """What the messages in the channel show."""
        return [
            json.dumps(one.rendered.blocks, ensure_ascii=False)
            for one in self._messages()
            if not one.thread_ts
        ]

    @property
    def thread(self) -> list[str]:
        return [one.rendered.text for one in self._messages() if one.thread_ts]

    def _messages(self) -> Sequence[Any]:
        return self.news.slack.messages


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.news.store.close()


def test_a_product_that_a_source_lists_is_in_the_record_and_in_the_post(desk: Desk) -> None:
    desk.know(LISTED)
    desk.report(f"A flaw ({CVE})")
    assert "優先度" not in desk.posts[0]
    assert (desk.run(), desk.run()) == (1, 0)
    (body,) = desk.bodies()
    assert [(one["product"], one["standing"], one["late"]) for one in body["matches"]] == [
        ("箱舟FTP", "affected", False)
    ]
    assert {"product", "where"} <= {one["name"] for one in body["facts"]}
    assert "🟡 優先度：中　CVSS 5.0／該当製品：箱舟FTP（サーバー）" in desk.posts[0]


def test_what_is_not_affected_is_said_with_its_comparison_and_rules_nothing(desk: Desk) -> None:
    desk.have(replace(HAKOBUNE, version="1.4", exposed=True))
    desk.know(LISTED)
    desk.report(f"A flaw ({CVE})")
    desk.run()
    assert "exposed" in desk.bodies()[0]["open"]
    assert "該当なし：箱舟FTP（サーバー、1.3 ≤ 1.4）" in desk.posts[0]


def test_what_the_product_s_entry_says_answers_the_table_and_the_rules(desk: Desk) -> None:
    desk.use(replace(BOD, rules=(rule(Priority.CRITICAL, tag="core", kind="vulnerability"),)))
    desk.have(replace(HAKOBUNE, exposed=True, criticality=Criticality.HIGH, tags=("core",)))
    desk.know(LISTED)
    desk.report(f"「箱舟FTP」に脆弱性（{CVE}）")
    desk.run()
    (body,) = desk.bodies()
    assert (body["priority"], body["open"]) == ("critical", [])
    assert [one["reason"] for one in body["rules"]] == ["because of critical"]


def test_of_several_products_the_one_that_matters_most_counts(desk: Desk) -> None:
    desk.have(replace(HAKOBUNE, exposed=False), replace(HAKOBUNE, name="表の箱舟", exposed=True))
    desk.know(LISTED)
    desk.report(f"A flaw ({CVE})")
    desk.run()
    (body,) = desk.bodies()
    assert [one["value"] for one in body["facts"] if one["name"] == "product"] == ["表の箱舟"]


def test_a_product_that_is_named_without_any_cve_is_assessed_by_the_rules(desk: Desk) -> None:
    desk.use(replace(BOD, rules=(rule(Priority.HIGH, tag="core"),)))
    desk.have(replace(HAKOBUNE, tags=("core",)))
    desk.report("「箱舟FTP」に脆弱性、修正版を公開", "箱舟FTPの新製品発表会", "ほかの製品に脆弱性")
    assert desk.run() == 1
    (body,) = desk.bodies()
    assert (body["cve"], body["priority"]) == ("", "high")
    assert [one["name"] for one in body["facts"] if one["name"] == "kev" and one["value"]] == []


def test_a_product_that_is_listed_later_is_found_then_and_says_so(desk: Desk) -> None:
    desk.have()
    desk.know(LISTED)
    desk.report(f"A flaw ({CVE})")
    desk.run()
    desk.have(HAKOBUNE)
    assert desk.run() == 1
    assert "箱舟FTP（サーバー、後から判明）" in desk.posts[0]
    assert desk.thread == ["後から判明：自社の 箱舟FTP に関係します。"]
    desk.know(LISTED, epss_said(CVE, 0.1))
    desk.run()
    assert desk.last().touches is not None
    assert [one.late for one in desk.last().touches or ()] == [True]
    assert len(desk.thread) == 1


def test_stories_without_any_match_so_far_say_so_too_but_not_all_of_them(desk: Desk) -> None:
    desk.have()
    for number in range(MOST_TOLD + 2):
        told = entry(number + 1, title=f"「箱舟FTP」に脆弱性、その{number}")
        desk.news.poll(Fetched(document=Document(entries=(told,))))
    desk.news.clock.time += DAY
    assert desk.run() == 0
    desk.news.clock.time += 60 * DAY
    tools = desk.step._tools
    tools.in_force.now = replace(tools.policy, products=(HAKOBUNE,))  # while it runs
    assert desk.run() == MOST_TOLD + 2
    assert desk.thread == ["後から判明：自社の 箱舟FTP に関係します。"] * MOST_TOLD
    assert [one["matches"][0]["late"] for one in desk.bodies()] == [True] * (MOST_TOLD + 2)
    assert desk.run() == 0


def test_a_scanner_s_finding_is_a_match_and_stories_are_assessed_anew_when_the_list_changes(
    desk: Desk,
) -> None:
    tools = desk.tools()
    desk.step = AssessStories(tools, loads=lambda: desk.loads, lore=lore)

    def have(*states: FindingState) -> int:
        found = tuple(ScannerFinding(cve=CveId(CVE), state=one, scanner="Nessus") for one in states)
        tools.in_force.now = replace(tools.policy, products=(replace(HAKOBUNE, findings=found),))
        return desk.run()

    desk.know(MILD)
    desk.report(f"A flaw ({CVE})")
    assert (have(), have()) == (1, 0)
    assert "箱舟FTP" not in desk.posts[0]
    assert (have(FindingState.OPEN), have(FindingState.OPEN)) == (1, 0)
    assert "該当製品：箱舟FTP（サーバー、スキャナ検出済み、後から判明）" in desk.posts[0]
    [match] = desk.bodies()[-1]["matches"]
    assert (match["ground"], match["source"], match["scan"]) == ("scanner", "Nessus", "open")
    assert have(FindingState.FIXED) == 1
    assert "該当なし：箱舟FTP（サーバー、スキャナでは対応済み" in desk.posts[0]
    desk.know(LISTED)
    assert desk.run() == 1
    assert "該当製品：箱舟FTP（サーバー、スキャナでは対応済み" in desk.posts[0]


def test_what_is_new_says_nothing_of_later(desk: Desk) -> None:
    desk.run()
    desk.news.clock.time += DAY
    desk.report("「箱舟FTP」に脆弱性")
    assert desk.run() == 1
    assert desk.thread == []
    assert [one.late for one in desk.last().touches or ()] == [False]


def test_a_cve_that_joins_a_story_later_is_assessed(desk: Desk) -> None:
    desk.news = news = Newsroom(FEED, OTHER)
    desk.have(HAKOBUNE)
    desk.know(LISTED)
    nothing = Fetched(document=Document())
    news.servers.answers[OTHER.name] = [nothing, nothing]
    desk.report("「箱舟FTP」に脆弱性")
    desk.run()
    assert desk.last().cve == ""
    news.clock.time += 3_600_000_000
    later = entry(9, title="Hakobune FTP", summary=f"About {CVE}", link="https://news.example/1")
    news.servers.answers[FEED.name] = [nothing]
    news.poll(Fetched(document=Document(entries=(later,))), feed=OTHER)
    desk.run()
    assert desk.last().cve == CVE
    news.store.close()


def test_a_listing_and_the_priority_that_follows_are_told_once_in_the_thread(desk: Desk) -> None:
    desk.know(LISTED)
    desk.report(f"A flaw ({CVE})")
    desk.run()
    assert desk.thread == []
    desk.know(LISTED, kev_said())
    assert [desk.run(), desk.run()] == [1, 0]
    (line,) = desk.thread
    assert line == (
        f"🔺 {CVE} の悪用が確認され、KEVに掲載されました。\n優先度が「中」から「高」に変わりました。"
    )
    desk.know(LISTED, kev_said())
    desk.run()
    assert len(desk.thread) == 1


def test_a_score_that_is_another_one_is_told(desk: Desk) -> None:
    desk.loads = [load(), replace(load(), source=cvelist_said().source)]
    desk.news.facts.vulnerabilities[CVE] = known_of(LISTED)
    desk.report(f"A flaw ({CVE})")
    desk.run()
    desk.news.facts.vulnerabilities[CVE] = known_of(replace(LISTED, scores=(score(9.1),)))
    desk.loads = [load(2), replace(load(2), source=cvelist_said().source)]
    desk.run()
    assert desk.thread == [f"{CVE} のCVSSスコアが変わりました（5.0 → 9.1）。"]


def known_of(*said: Any) -> Any:
    from tests.support.facts import known

    return known(*said)


def test_epss_is_told_if_it_rises_much_within_one_model_however_slowly(desk: Desk) -> None:
    desk.loads = [load(), replace(load(), source=EPSS)]

    def rise(to: float, model: str = "v9") -> None:
        said = epss_said(CVE, to)
        assert said.epss is not None
        said = replace(said, epss=replace(said.epss, model=model))
        desk.news.facts.vulnerabilities[CVE] = known_of(LISTED, said)
        desk.loads = [replace(one, began_at=Micros(one.began_at + 1)) for one in desk.loads]
        desk.run()

    desk.report(f"A flaw ({CVE})")
    rise(0.01)
    rise(0.07)
    assert desk.thread == []
    rise(0.12)
    assert desk.thread == [f"🔺 {CVE} が悪用される可能性が高まりました（EPSS 0.01 → 0.12）。"]
    rise(0.9, model="v10")
    assert len(desk.thread) == 1


def test_the_first_load_of_a_source_tells_nothing(desk: Desk) -> None:
    desk.loads = [replace(load(), source=cvelist_said().source)]
    desk.news.facts.vulnerabilities[CVE] = known_of(LISTED)
    desk.report(f"A flaw ({CVE})")
    desk.run()
    first = replace(load(), source=KEV, is_done=False)
    for is_done in (False, True):
        desk.news.facts.vulnerabilities[CVE] = known_of(LISTED, kev_said())
        desk.loads = [
            desk.loads[0],
            replace(first, is_done=is_done),
            replace(load(), source=NVD, is_done=False),
        ]
        desk.run()
    assert desk.thread == []
    assert "KEV掲載" in desk.posts[0]


def test_a_source_that_is_loaded_again_changes_nothing_meanwhile(desk: Desk) -> None:
    desk.know(LISTED)
    desk.report(f"A flaw ({CVE})")
    desk.run()
    desk.loads = [replace(load(9), is_done=False)]
    assert desk.run() == 0


def test_few_messages_are_edited_at_once_the_newest_first(desk: Desk) -> None:
    count = AT_ONCE + 2
    for number in range(count):
        cve = f"CVE-2099-700{number}"
        desk.know(renamed(LISTED, cve))
        one = entry(number, title=f"欠陥{number}（{cve}）")
        desk.news.poll(Fetched(document=Document(entries=(one,))))
    assert desk.run() == count
    assert ["優先度" in one for one in desk.posts] == [False] * 2 + [True] * AT_ONCE
    desk.run()
    assert all("優先度" in one for one in desk.posts)


def test_a_fault_in_what_is_stored_stops_no_message(desk: Desk) -> None:
    tools = desk.tools()
    assert tools.priority_of(StoryId("none")) is None


def reviewed(desk: Desk) -> tuple[bool, list[str]]:
    """Whether the story is reviewed, and why it was reopened so far."""
    with desk.news.store.reading() as read:
        (story,) = read.stories.told_since(Micros(0), most=5)
        review = read.reviews.of([story.id]).get(story.id)
    return review is not None and review.ended_at is None, [one["why"] for one in desk.bodies(Kind.REOPENED)]


def say_not_ours(desk: Desk) -> None:
    desk.news.clock.time += 1_000_000
    order = ReviewOrder(by=UserId("U0ITO"), way=Way.BUTTON, until=desk.news.clock.now())
    assert review_rest(desk.news.store, order, now=desk.news.clock.now()).count == 1


def test_what_was_not_ours_waits_again_once_it_is_exploited_graver_or_ours_after_all(desk: Desk) -> None:
    desk.have(replace(HAKOBUNE, name="Kazaguruma", aliases=(), vendor=""))
    desk.report(f"A flaw ({CVE})")
    say_not_ours(desk)
    desk.know(MILD)
    desk.run()
    assert reviewed(desk) == (True, [])  # a first priority that is not high is nothing new
    desk.know(MILD, kev_said())
    desk.run()
    assert reviewed(desk) == (False, ["listed"])
    desk.run()
    say_not_ours(desk)
    desk.have(HAKOBUNE)
    desk.know(LISTED, kev_said())
    desk.run()
    assert reviewed(desk) == (False, ["listed", "touched"])
    say_not_ours(desk)
    desk.know(replace(LISTED, scores=(score(9.9),)), kev_said())
    desk.run()
    assert len(desk.bodies(Kind.REVIEWED)) == 3
    assert agrees(desk.news)


def test_words_of_the_company_s_own_count_as_soon_as_they_change_and_nobody_is_told_story_by_story(
    desk: Desk,
) -> None:
    desk.use(replace(BOD, rules=(rule(Priority.CRITICAL, kind="exploited"),)))
    own = [NOTHING_OWN]
    desk.step = AssessStories(desk.tools(), loads=lambda: desk.loads, lore=lambda: lore(own[0]))
    desk.know(LISTED)
    desk.loads = ALL_LOADED
    desk.report(f"「箱舟FTP」に脆弱性、社内警報レベル3（{CVE}）")
    assert (desk.run(), desk.run(), desk.last().priority) == (1, 0, Priority.MEDIUM)
    words = (OwnWord(said="社内警報", weight=20, of=StoryKind.EXPLOITED),)
    own[0] = ReadingSettings(words=words, digest="1")
    assert (desk.run(), desk.run(), desk.last().priority) == (1, 0, Priority.CRITICAL)
    assert desk.thread == []
    assert [one["value"] for one in desk.bodies()[-1]["facts"] if one["name"] == "kind"] == ["exploited"]


def test_another_order_of_scores_counts_at_once_is_told_to_nobody_and_each_ruling_replays(desk: Desk) -> None:
    desk.have()
    desk.use(CVSS)
    order = [USUAL]
    desk.step = AssessStories(
        desk.tools(), loads=lambda: desk.loads, lore=lambda: lore(NOTHING_OWN, order[0])
    )
    desk.know(cvelist_said(CVE, score(9.8), score(5.0, "vendor", scorer=Scorer.CNA)))
    desk.loads = ALL_LOADED
    desk.report(f"A flaw ({CVE})")
    assert (desk.run(), desk.run()) == (1, 0)
    assert "CVSS 5.0" in desk.posts[0]
    order[0] = ranking_of(["cisa-adp"])
    facts = desk.news.facts.vulnerabilities
    facts[CVE] = replace(facts[CVE], ranking=order[0])
    assert (desk.run(), desk.run()) == (1, 0)
    assert "CVSS 9.8" in desk.posts[0]
    assert desk.thread == []
    assert desk.priorities() == ["medium", "critical"]
    facts[CVE] = replace(
        known(cvelist_said(CVE, score(9.1), score(5.0, "vendor", scorer=Scorer.CNA))), ranking=order[0]
    )
    desk.step.look_again(Micros(0))
    desk.run()
    assert [("9.8" in one, "9.1" in one) for one in desk.thread] == [(True, True)]  # that is news
    for body in desk.bodies():
        assert body.pop("story")
        assert body.pop("matches") == []
        assert ruling_body(CveId(body["cve"]), replayed(body, {CVSS.digest: CVSS})) == body


def test_the_policy_goes_by_the_kind_that_a_person_said(desk: Desk) -> None:
    desk.use(replace(BOD, rules=(rule(Priority.CRITICAL, kind="incident"),)))
    desk.know(LISTED)
    desk.report(f"「箱舟FTP」に脆弱性（{CVE}）")
    assert (desk.run(), desk.last().priority) == (1, Priority.MEDIUM)
    with desk.news.store.reading() as read:
        [story] = read.stories.told_since(Micros(0), most=5)

    def say(kind: StoryKind | None) -> None:
        order = MoveOrder(by=UserId("U0ITO"), reason="", now=desk.news.clock.now())
        assert name_kind(desk.news.store, story.id, kind, order) is None

    say(StoryKind.INCIDENT)
    assert (desk.run(), desk.run(), desk.last().priority) == (1, 0, Priority.CRITICAL)
    kind, layer = (one for one in desk.bodies()[-1]["facts"] if one["name"] in ("kind", "layer"))
    assert (kind["value"], kind["source"], layer["value"]) == ("incident", "person", "operational")
    desk.news.clock.time += 1_000_000
    say(None)
    assert (desk.run(), desk.last().priority) == (1, Priority.MEDIUM)
