"""The line beneath a title: what is known of a CVE, in few words, and never more than there is room for."""

from __future__ import annotations

import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.facts.test_vulnerability import assessments
from tests.slack.blocks.test_blocks import rich, saying
from tests.support.facts import CVE, cvelist_said, epss_said, kev_said, known, renamed, score
from threatstamp.app.kinds import renderer
from threatstamp.core.facts.assessment import Assessment, CveState
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.ids import StoryId
from threatstamp.core.news.story import Story
from threatstamp.core.stamps.post import Snapshot
from threatstamp.desk.news.publishing import StorySaying
from threatstamp.desk.ports.slack import Saying
from threatstamp.sandbox.blockkit import check_blocks
from threatstamp.slack.messages import read_snapshot
from threatstamp.texts.catalogue import Language, Texts
from threatstamp.texts.facts import fact_line
from threatstamp.texts.numbers import say_percentile, say_share

JA, EN = Texts(Language.JA), Texts(Language.EN)
ALL = known(cvelist_said(CVE, score(9.8)), kev_said(), epss_said())


def sayings(*facts: Vulnerability) -> tuple[Saying, Saying]:
    """A post and a forward that know this."""
    story = Story(
        id=StoryId("0"), title="Fixed", link="https://news.example/1", source="s", published_at=None
    )
    snapshot = Snapshot(text="Fixed", title="Fixed", link="https://news.example/1")
    return StorySaying(story=story, facts=facts), replace(saying(snapshot), facts=facts)


def words_after_title(said: Saying, language: Language = Language.EN) -> list[str]:
    """The lines right after the title in the message's rich text."""
    message = renderer(Texts(language), ZoneInfo("UTC")).message(said)
    check_blocks(message.blocks)
    second = list(rich(message.blocks))[1]
    return str(second["text"]).strip("\n").split("\n")


def test_one_line_says_score_exploitation_and_probability_with_who_says_so() -> None:
    assert fact_line(ALL, EN) == (
        "CVE-2099-1234: CVSS 9.8 (cisa-adp) · KEV since 2099-11-20 · EPSS 0.94 (99th percentile)"
    )
    assert fact_line(ALL, JA) == (
        "CVE-2099-1234：CVSS 9.8（cisa-adp）／悪用を確認（KEV掲載：2099-11-20）／EPSS 0.94（99パーセンタイル）"
    )


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((cvelist_said(),), "CVSS not scored"),
        ((cvelist_said(), epss_said(percentile=None)), "CVSS not scored · EPSS 0.94"),
        (
            (epss_said(),),
            "EPSS 0.94 (99th percentile)",
        ),  # its record is not loaded: nothing is said of a score
        ((cvelist_said(CVE, score(0.0)),), "CVSS 0.0 (cisa-adp)"),
        ((cvelist_said(state=CveState.REJECTED), kev_said()), "rejected, the ID is no longer used"),
    ],
)
def test_what_is_not_known_is_left_out_and_not_scored_is_said(
    said: tuple[Assessment, ...], expected: str
) -> None:
    assert fact_line(known(*said), EN) == f"CVE-2099-1234: {expected}"


def test_post_and_forward_have_the_line_beneath_the_title() -> None:
    for said in sayings(ALL):
        assert words_after_title(said)[0] == fact_line(ALL, EN)


def test_where_nothing_is_known_nothing_is_added() -> None:
    silent = known(cvelist_said(state=None))
    for with_, without in zip(sayings(silent), sayings(), strict=True):
        made = renderer(EN, ZoneInfo("UTC"))
        assert made.message(with_) == made.message(without)


@pytest.mark.parametrize(("count", "last"), [(4, "and 1 more"), (6, "and 3 more")])
def test_of_several_the_three_most_urgent_are_named(count: int, last: str) -> None:
    found = [
        known(renamed(cvelist_said(CVE, score(float(number))), f"CVE-2099-100{number}"))
        for number in range(count)
    ]
    for said in sayings(*found):
        lines = words_after_title(said)
        assert [line[:13] for line in lines[:3]] == [f"CVE-2099-100{count - place}" for place in (1, 2, 3)]
        assert lines[3:4] == [last]


def test_a_notification_says_what_it_said_before_and_the_desk_quotes_no_facts_as_a_posts_words() -> None:
    post, _ = sayings(ALL)
    message = renderer(EN, ZoneInfo("UTC")).message(post)
    assert "CVSS" not in message.text
    snapshot = read_snapshot({"ts": "1.0", "text": message.text, "blocks": message.blocks, "bot_id": "B0"})
    assert "CVSS" not in json.dumps([snapshot.text, snapshot.title])


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, "0.00"), (0.00043, "<0.01"), (0.01, "0.01"), (0.9999, "1.00"), (0.944, "0.94")],
)
def test_a_small_probability_is_not_none(share: float, expected: str) -> None:
    assert say_share(share) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, "0th"), (0.019, "1st"), (0.02, "2nd"), (0.039, "3rd"), (0.11, "11th"), (0.129, "12th"), (0.22, "22nd"), (1.0, "99th")],
)  # fmt: skip
def test_percentiles_are_said_as_people_say_them(share: float, expected: str) -> None:
    assert say_percentile(share, Language.EN) == expected
    assert say_percentile(share, Language.JA) == expected[:-2]


@given(st.lists(assessments, min_size=1, max_size=5), st.sampled_from(Language))
def test_whatever_is_known_a_message_can_be_made_of_it(found: list[Assessment], language: Language) -> None:
    made = renderer(Texts(language), ZoneInfo("UTC"))
    for said in sayings(*map(known, found)):
        check_blocks(made.message(said).blocks)
