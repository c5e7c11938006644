"""Whoever asks why a story has its priority is told, alone, from what is on record."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tests.support.priority import story_priority, touch
from threatstamp.app.kinds import renderer
from threatstamp.core.news.marking import Tlp
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.text import ZERO_WIDTH_SPACE
from threatstamp.desk.priority.explaining import PriorityWhy
from threatstamp.sandbox.blockkit import check_blocks
from threatstamp.slack.blocks.why import WHY
from threatstamp.slack.why import read_asked
from threatstamp.texts.catalogue import Language, Texts


def click(**more: object) -> dict[str, object]:
    return {
        "type": "block_actions",
        "user": {"id": "U1"},
        "container": {"channel_id": "C1", "message_ts": "1.1"},
        "actions": [{"action_id": WHY, "value": "s1"}],
        **more,
    }


def test_a_click_says_who_asks_about_which_story() -> None:
    asked = read_asked(click())
    assert asked is not None
    assert (asked.story, asked.user, asked.channel, asked.thread_ts) == ("s1", "U1", "C1", None)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "view_submission"},
        click(actions=[{"action_id": "case_take", "value": "3"}]),
        click(user={}),
        click(container={}),
        click(actions=[{"action_id": WHY}]),
    ],
)
def test_anything_else_is_no_question(body: dict[str, object]) -> None:
    assert read_asked(body) is None


def test_the_answer_has_table_facts_rules_and_products_with_their_reasons() -> None:
    said = story_priority(
        Priority.CRITICAL,
        touch("箱舟FTP"),
        touch("nginx", "not_affected", scan="fixed"),
        touch("社内Wiki", ground="scanner", source="Nessus", comparison="", scan="open"),
    )
    message = renderer(Texts(Language.JA), ZoneInfo("Asia/Tokyo")).message(PriorityWhy(said=said))
    check_blocks(message.blocks)
    for words in (
        "🔴 優先度：緊急*　CVE-2099-1234",
        "判定表：bod-26-04、行番号 14",
        "• KEVカタログに掲載：いいえ（kev、読み込み：",
        "• インターネットから届くか：不明",
        "• 自社ルール「ブラウザは全社員が使うため」：高 → 緊急",
        "• 箱舟FTP 1.2.4：該当　CVE List（CVE-2099-1234）の該当製品に 箱舟FTP があります",
        "• nginx 1.2.4：該当なし（1.2.4 &lt; 1.3）",
        "nginx があります（スキャナでは対応済み）",
        "• 社内Wiki 1.2.4：該当　スキャナが CVE-2099-1234 を検出しています",
    ):
        assert words in message.text.replace(ZERO_WIDTH_SPACE, "")


@pytest.mark.parametrize("language", Language)
def test_the_answer_says_how_far_a_label_lets_the_story_go(language: Language) -> None:
    voice, said = renderer(Texts(language), ZoneInfo("Asia/Tokyo")), story_priority(Priority.LOW)
    amber = voice.message(PriorityWhy(said=said, marking=Tlp.AMBER)).text
    assert "TLP:AMBER" in amber
    assert "`amber`" in amber
    for marking in (None, Tlp.GREEN):
        assert "TLP" not in voice.message(PriorityWhy(said=said, marking=marking)).text


def test_hostile_words_mention_nobody_and_fit() -> None:
    hostile = "<!channel> *x* <https://evil.example|y>" * 100
    said = story_priority(Priority.LOW, *(touch(f"{n}{hostile}", "named", ground="text") for n in range(9)))
    message = renderer(Texts(Language.EN), ZoneInfo("Asia/Tokyo")).message(PriorityWhy(said=said))
    check_blocks(message.blocks)
    assert "<!channel>" not in str(message.blocks)
