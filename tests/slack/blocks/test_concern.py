"""The line that says how urgent a story is: short, in words, never low for what is not known."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from zoneinfo import ZoneInfo

import pytest

from tests.slack.blocks.test_blocks import saying
from tests.slack.blocks.test_facts import sayings
from tests.support.facts import CVE, cvelist_said, epss_said, kev_said, known, renamed, score
from tests.support.priority import story_priority, touch
from threatstamp.app.kinds import renderer
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.priority.fact import Fact
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.priority.touching import MOST
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.stamps.post import Snapshot
from threatstamp.sandbox.blockkit import check_blocks
from threatstamp.slack.blocks.concern import known_words
from threatstamp.slack.blocks.voice import Voice
from threatstamp.texts.catalogue import Language, Texts

ALL = known(cvelist_said(CVE, score(9.6)), kev_said(), epss_said())
CHROME = touch("Google Chrome")


def lines(
    priority: StoryPriority, *facts: Vulnerability, language: Language = Language.JA, title: str = CVE
) -> list[str]:
    voice = Voice(Texts(language), ZoneInfo("Asia/Tokyo"))
    (words,) = known_words(facts, priority, title, voice)
    return str(words["text"]).removeprefix("\n").split("\n")


def test_a_line_says_priority_facts_and_products() -> None:
    urgent = story_priority(Priority.CRITICAL, CHROME)
    assert lines(urgent, ALL) == [
        "🔴 優先度：緊急　CVSS 9.6／悪用を確認（KEV掲載、ランサムウェア）／該当製品：Google Chrome（社員PC）"
    ]
    assert lines(urgent, ALL, language=Language.EN) == [
        "🔴 Priority: critical  CVSS 9.6 · exploited (KEV, ransomware) · "
        "our products: Google Chrome (on the staff's computers)"
    ]


def test_the_id_stands_where_the_title_has_none() -> None:
    said = lines(story_priority(Priority.LOW), known(cvelist_said(CVE, score(2.0))), title="A flaw")
    assert said == [f"🔵 優先度：低　{CVE}／CVSS 2.0"]


def test_a_kind_is_said_that_the_rest_of_the_line_does_not_tell() -> None:
    for kind, said in (
        ("malware", "マルウェア／"),
        ("update", "アップデート／"),
        ("exploited", ""),
        ("vulnerability", ""),
    ):
        fact = asdict(Fact(name="kind", value=kind, source="story"))
        ruled = replace(story_priority(Priority.LOW), ruling=json.dumps({"facts": [fact]}))
        assert lines(ruled, known(cvelist_said(CVE, score(2.0)))) == [f"🔵 優先度：低　{said}CVSS 2.0"]


def test_what_is_not_known_is_said_and_is_never_low() -> None:
    said = lines(story_priority(Priority.NOT_ASSESSED), known(cvelist_said(CVE)))
    assert said == ["⚪ 優先度：未評価　CVSSスコア未公表"]
    assert lines(story_priority(Priority.NOT_ASSESSED)) == ["⚪ 優先度：未評価"]  # facts cannot be read


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (touch("nginx", "ours_unknown", where=""), "該当製品：nginx"),
        (touch("nginx", "named", where="server"), "該当の可能性：nginx（サーバー）"),
        (touch("nginx", "not_affected", where=""), "該当なし：nginx（1.2.4 < 1.3）"),
        (touch("nginx", where="", late=True), "該当製品：nginx（後から判明）"),
        (touch("nginx", where="", scan="open"), "該当製品：nginx（スキャナ検出済み）"),
        (touch("nginx", where="", scan="fixed"), "該当製品：nginx（スキャナでは対応済み）"),
    ],
)
def test_products_are_said_as_surely_as_they_are_known(made: object, expected: str) -> None:
    assert lines(story_priority(Priority.HIGH, made)) == [f"🟠 優先度：高　{expected}"]  # type: ignore[arg-type]


def test_what_is_sure_comes_before_what_may_be_and_what_is_not() -> None:
    touches = (CHROME, touch("nginx", "named"), touch("Postfix", "not_affected"))
    assert lines(story_priority(Priority.HIGH, *touches)) == [
        "🟠 優先度：高　該当製品：Google Chrome（社員PC）"
    ]
    many = [touch(f"P{number}", where="") for number in range(4)]
    assert lines(story_priority(Priority.HIGH, *many)) == ["🟠 優先度：高　該当製品：P0、P1、ほか2件"]


def test_other_cves_have_one_line_together() -> None:
    others = [renamed(cvelist_said(CVE, score(5.0)), CveId(f"CVE-2099-700{number}")) for number in range(3)]
    said = lines(story_priority(Priority.HIGH), ALL, *map(known, others))
    assert said[1:] == ["CVE-2099-7000：CVSS 5.0（cisa-adp）／ほか2件"]


@pytest.mark.parametrize("language", Language)
def test_the_longest_line_fits_into_a_message_and_mentions_nobody(language: Language) -> None:
    hostile = "<!channel> <https://evil.example|x>\n" + "長い名前" * 500
    touches = tuple(touch(f"{number}{hostile}", "not_affected", comparison=hostile) for number in range(MOST))
    others = [known(renamed(cvelist_said(CVE, score(5.0)), f"CVE-2099-{n}")) for n in range(8000, 8300)]
    priority = story_priority(Priority.CRITICAL, *touches)
    title = "題" * 3_000
    post, _ = sayings(ALL, *others)
    forward = saying(Snapshot(text=title, title=title, link="https://news.example/1"))
    made = [
        replace(post, priority=priority, story=replace(post.story, title=title)),  # type: ignore[attr-defined,type-var]
        replace(forward, facts=(ALL, *others), priority=priority),
    ]
    for one in made:
        message = renderer(Texts(language), ZoneInfo("Asia/Tokyo")).message(one)
        check_blocks(message.blocks)
        written = json.dumps(message.blocks, ensure_ascii=False)
        assert len(written) < 9_000
        assert "優先度：緊急" in written or "Priority: critical" in written
