"""Each step at which a story was seen, joined, shown, left out, or waits is told, in order and with its reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.desk.news.newsroom import FEED, NEWS, OTHER, Newsroom, entry
from tests.store.test_trails import told
from tests.support.facts import cvelist_said, known
from threatstamp.core.assets.match import Matcher
from threatstamp.core.assets.product import Product
from threatstamp.core.facts.assessment import CVELIST, Affected, CveState, VersionRange
from threatstamp.core.facts.cve import CveId
from threatstamp.core.news.entry import Fetched
from threatstamp.desk.views.why_not import Circumstances, StepKind, WhyNot, why_not
from threatstamp.render.why_not import why_not_body, why_not_lines
from threatstamp.texts.catalogue import Language, Texts

CVE = CveId("CVE-2099-1234")
NOTHING = Circumstances(silent=frozenset(), loaded=(), known=None, matches=(), products=0)


def asked(room: Newsroom, **around: Any) -> WhyNot:
    return why_not(room.store, CVE, replace(NOTHING, **around))


def steps(found: WhyNot) -> list[tuple[str, str]]:
    return [(one.kind.value, one.why) for one in found.steps]


def of_stories(found: WhyNot) -> list[tuple[str, str]]:
    return [(one.kind.value, one.why) for one in found.steps if one.story is not None]


def test_an_id_that_no_feed_has_brought_is_said_so() -> None:
    found = asked(Newsroom())
    assert found.stories == ()
    assert steps(found) == [
        ("waiting", "nothing_loaded"),
        ("left_out", "no_story"),
        ("left_out", "no_products"),
    ]
    waiting = asked(Newsroom(), loaded=(CVELIST,), products=3)
    assert steps(waiting)[0] == ("waiting", "no_facts")
    assert steps(waiting)[-1] == ("left_out", "no_match")


def test_a_story_that_was_posted_and_not_stamped() -> None:
    room = Newsroom(FEED, OTHER)
    room.servers.answers[OTHER.name] = [Fetched(unchanged=True)] * 3
    room.poll(told(entry(1)))
    room.poll(told(entry(1), entry(2, title="CVE-2099-1234の脆弱性")))
    found = asked(room)
    assert [one.title for one in found.stories] == ["CVE-2099-1234の脆弱性"]
    assert of_stories(found) == [("seen", "seen"), ("shown", "shown_story"), ("left_out", "unstamped")]
    assert found.steps[1].values["channel"] == NEWS


def test_an_entry_that_joined_and_one_that_changed() -> None:
    room = Newsroom(FEED, OTHER)
    room.servers.answers[OTHER.name] = [Fetched(unchanged=True), told(entry(1, summary="CVE-2099-1234"))]
    room.poll(told(entry(1)))
    room.poll(told(entry(1, summary="changed")))
    assert ("joined", "joined") in of_stories(asked(room))
    assert ("seen", "changed") in of_stories(asked(room))


@pytest.mark.parametrize(
    ("feed", "around", "why"),
    [
        (replace(FEED, backlog=0), {}, "left_out_backlog"),
        (replace(FEED, post=False), {"silent": frozenset({FEED.name})}, "left_out_silent"),
    ],
)
def test_a_story_that_is_only_on_record_says_why(feed: Any, around: dict[str, Any], why: str) -> None:
    room = Newsroom(feed)
    room.poll(told(entry(1, title="CVE-2099-1234")))
    assert of_stories(asked(room, **around)) == [("seen", "seen_first"), ("left_out", why)]


def test_facts_are_told_with_the_time_at_which_they_were_read_and_what_is_missing() -> None:
    bare = asked(Newsroom(), loaded=(CVELIST,), known=known(cvelist_said(CVE)))
    assert [one for one in steps(bare) if one[0] in ("fact", "waiting")] == [
        ("fact", "fact"), ("waiting", "no_products_said"), ("waiting", "unscored"),
    ]  # fmt: skip
    assert bare.steps[0].at == 7
    rejected = asked(Newsroom(), loaded=(CVELIST,), known=known(cvelist_said(CVE, state=CveState.REJECTED)))
    assert ("left_out", "rejected") in steps(rejected)


def matched(version: str) -> tuple[WhyNot, Newsroom]:
    room = Newsroom(replace(FEED, backlog=0))
    room.poll(told(entry(1, title="CVE-2099-1234")))
    ranges = (VersionRange(first="0", before="1.4"),)
    said = known(cvelist_said(CVE, affected=(Affected(vendor="Hakobune", product="FTP", ranges=ranges),)))
    product = Product(name="FTP", vendor="Hakobune", version=version)
    matches = Matcher([product]).match([said])
    return asked(room, loaded=(CVELIST,), known=said, matches=matches, products=1), room


def test_a_product_that_is_touched_is_matched_and_one_that_is_not_is_left_out() -> None:
    found, _ = matched("1.3")
    assert steps(found)[-1] == (StepKind.MATCHED, "match")
    found, _ = matched("1.5")
    assert steps(found)[-1] == (StepKind.LEFT_OUT, "match")


@pytest.mark.parametrize("language", Language)
def test_every_step_is_a_sentence_in_both_languages(language: Language) -> None:
    found, _ = matched("1.5")
    texts = Texts(language)
    lines = list(why_not_lines(found, texts, say=lambda at: f"at {at}", call=lambda channel: f"#{channel}"))
    said = "\n".join(lines)
    for words in (CVE, FEED.name, "1.4 ≤ 1.5", "CVE List", "backlog"):
        assert words in said
    assert ("該当なし" if language is Language.JA else "not affected") in said
    body = why_not_body(found, texts, call=str)
    assert list(body) == ["cve", "stories", "steps"]
    assert [one["step"] for one in body["steps"]] == [one.kind for one in found.steps]  # type: ignore[attr-defined]
    assert all(one["text"] for one in body["steps"])  # type: ignore[attr-defined]
