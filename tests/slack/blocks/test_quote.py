"""A forward says what the post says: a headline, or somebody's own words, and enough of them on a phone."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.slack.blocks.test_blocks import PERMALINK, RENDERER, rich, saying
from threatstamp.core.stamps.post import Snapshot
from threatstamp.sandbox.blockkit import check_blocks
from threatstamp.slack.blocks.voice import Rendered
from threatstamp.slack.messages import read_snapshot

ARTICLE = "https://news.example/vpn"


def forwarded(message: dict[str, object], *, held: bool = True) -> Rendered:
    snapshot = replace(read_snapshot({"ts": "1.0", **message}), permalink=PERMALINK)
    made = RENDERER.message(saying(snapshot, held=held))
    check_blocks(made.blocks)
    return made


def quote(made: Rendered) -> str:
    """The words of the quote, in order."""
    return "".join(str(one.get("text", "")) for one in rich(made.blocks))


def links(made: Rendered) -> dict[str, str]:
    return {str(one["text"]): str(one["url"]) for one in rich(made.blocks) if one["type"] == "link"}


RSS: dict[str, object] = {
    "subtype": "bot_message",
    "bot_id": "B0RSS",
    "username": "架空ニュース",
    "text": f"<{ARTICLE}|VPN製品に深刻な脆弱性>",
    "attachments": [
        {
            "title": "VPN製品に深刻な脆弱性",
            "title_link": ARTICLE,
            "text": "認証なしで任意のコードを実行される。\n修正版が公開された。\n三行目。\n四行目。",
            "fallback": "VPN製品に深刻な脆弱性",
        }
    ],
}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"これ見て、うちのVPNも？ <{ARTICLE}|記事>", "これ見て、うちのVPNも？ 記事"),
        (f"look at this, our VPN too? <{ARTICLE}>", f"look at this, our VPN too? {ARTICLE}"),
        (f"うちのVPN\n<{ARTICLE}|記事> を見て", "うちのVPN\n記事 を見て"),
        (f"VPN: <{ARTICLE}|a> と <https://n.example/2|b>", "VPN: a と b (https://n.example/2)"),
        (
            f"二つの記事を見てください <{ARTICLE}|a>、<https://n.example/?a=1&amp;b=2|b>",
            "a、b (https://n.example/?a=1&b=2)",
        ),
        (
            f"二つの記事を見てください <{ARTICLE}|a> <{ARTICLE}|a> <https://n.example/2>",
            "a a https://n.example/2",
        ),
    ],
)
def test_a_persons_own_words_are_never_dropped_for_a_link_among_them(text: str, words: str) -> None:
    made = forwarded({"user": "U0SATO", "text": text})
    assert words in quote(made)
    assert ARTICLE in links(made).values()
    assert " ".join(quote(made).split())[:12] in made.text


def test_words_before_a_link_whose_page_slack_previews_are_kept_and_the_preview_is_not_theirs() -> None:
    preview = {"from_url": ARTICLE, "title_link": ARTICLE, "title": "VPN製品に脆弱性", "text": "本文の要約"}
    made = forwarded({"user": "U0SATO", "text": f"うちも？ <{ARTICLE}>", "attachments": [preview]})
    assert "うちも？" in quote(made)
    assert links(made)["VPN製品に脆弱性"] == ARTICLE
    assert "本文の要約" not in json.dumps(made.blocks, ensure_ascii=False)


def test_words_after_a_link_are_kept_whole_and_are_on_the_phone() -> None:
    lines = "\n".join(f"{number}行目です。" for number in range(1, 7))
    made = forwarded({"user": "U0SATO", "text": f"<{ARTICLE}|記事> うちのVPNも？\n{lines}"})
    assert f"うちのVPNも？\n{lines}" in quote(made)
    assert links(made)["記事"] == ARTICLE
    assert "うちのVPNも？" in made.text


def test_a_bare_address_is_displayed_once() -> None:
    made = forwarded({"user": "U0SATO", "text": f"見て <{ARTICLE}>"})
    assert quote(made).count(ARTICLE) == 1
    assert ARTICLE in links(made).values()


def test_a_news_item_is_its_headline_and_the_first_lines_of_its_summary() -> None:
    made = forwarded(RSS)
    said = quote(made)
    assert said.startswith("VPN製品に深刻な脆弱性\n架空ニュース")
    assert said.count("VPN製品に深刻な脆弱性") == 1
    assert said.endswith("認証なしで任意のコードを実行される。\n修正版が公開された。\n三行目。")


@pytest.mark.parametrize("held", [True, False])
def test_a_phone_shows_who_is_called_why_and_which_post_and_its_link_in_this_order(held: bool) -> None:
    lines = forwarded(RSS, held=held).text.split("\n")
    assert "<@U0CISO> 至急" in lines[0]
    assert "VPN製品に深刻な脆弱性" in lines[1]
    assert lines[2] == f"<{PERMALINK.replace('&', '&amp;')}|元の投稿を見る>"
    assert all(line.startswith("~") for line in lines[:2]) is not held


def test_our_own_post_of_a_story_is_no_summary_of_itself() -> None:
    text = "VPN製品に深刻な脆弱性／架空ニュース\nhttps://news.example/vpn"
    snapshot = Snapshot(text=text, title="VPN製品に深刻な脆弱性", link=ARTICLE, source="架空ニュース")
    made = RENDERER.message(saying(snapshot))
    assert quote(made).count("架空ニュース") == 1
    assert ARTICLE not in quote(made)
