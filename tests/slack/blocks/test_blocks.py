"""No text from a post can mention, link or break out, whatever it says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.app.kinds import renderer
from threatstamp.core.ids import ChannelId, Emoji, RouteId, StoryId, TeamId, Ts, UserId
from threatstamp.core.news.story import Story
from threatstamp.core.stamps.forward import Holders, Holding, Order
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.stamps.route import OnWithdraw
from threatstamp.core.text import plain, quoted
from threatstamp.core.time import Micros
from threatstamp.desk.news.publishing import DigestSaying, StorySaying
from threatstamp.desk.stamps.confirming import ThreadLine
from threatstamp.desk.stamps.forwarding import ForwardSaying
from threatstamp.desk.troubles.alerting import Alert
from threatstamp.sandbox.blockkit import check_blocks
from threatstamp.slack.blocks.forward import operator_text
from threatstamp.slack.messages import read_snapshot
from threatstamp.texts.catalogue import Language, Texts

PERMALINK = "https://x.slack.com/archives/C0NEWS/p1?thread_ts=1.0&cid=C0NEWS"
RENDERER = renderer(Texts(Language.JA), ZoneInfo("Asia/Tokyo"))
TOKEN = re.compile(r"<([^<>]*)>")
PIECES = [
    "<!channel>", "<!here>", "<!everyone|x>", "<!subteam^S0SEC|@sec>", "<@U0CISO>", "<#C0NEWS|n>", "@here", "@channel",
    "<https://evil.example|ok>", "https://evil.example/", "mailto:a@b.example", "&lt;!channel&gt;", "&amp;lt;", "*", "_",
    "~", "`", "```", "&gt; ", "> ", "\n", ":rotating_light:", "<!date^1^{date}|x>", "\u202e", "\x00", "日本語", "<", ">", "|", "&",
]  # fmt: skip
hostile = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=8).map("".join)


def strings(value: object) -> Iterator[str]:
    """Every mrkdwn text of a message."""
    if isinstance(value, dict):
        if value.get("type") == "mrkdwn":
            yield str(value["text"])
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def rich(value: object) -> Iterator[dict[str, object]]:
    """Every element of rich text."""
    if isinstance(value, dict):
        if value.get("type") in ("rich_text_quote", "rich_text_section"):
            yield from value["elements"]
        for inner in value.values():
            yield from rich(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from rich(inner)


def saying(snapshot: Snapshot | None, *, held: bool = True, text: str = "至急") -> ForwardSaying:
    holder = Holding(
        since=Micros(5_000_000), user=UserId("U0YAMADA"), until=None if held else Micros(9_000_000)
    )
    return ForwardSaying(
        order=Order(
            route=RouteId("ciso"),
            route_name="ciso",
            reaction=Emoji("rotating_light"),
            text=text,
            mention=("<@U0CISO>",),
            on_withdraw=OnWithdraw.MARK,
            thread=False,
            external=False,
            delay=0.0,
        ),
        place=Place(team=TeamId("T1"), channel=ChannelId("C0NEWS"), ts=Ts("1.0")),
        holders=Holders(now=(holder,) if held else (), last=None if held else holder),
        snapshot=snapshot,
    )


def allowed(token: str) -> bool:
    target = token.partition("|")[0]
    return target in ("@U0CISO", "@U0YAMADA", PERMALINK.replace("&", "&amp;")) or target.startswith(
        ("!date^5^", "!date^9^")
    )


@given(hostile, hostile, hostile, hostile, st.booleans())
def test_a_quoted_post_can_mention_nobody_and_link_nowhere_but_to_itself(
    title: str, text: str, source: str, link: str, held: bool
) -> None:
    message = {
        "ts": "1.0",
        "text": text,
        "username": source,
        "attachments": [{"title": title, "title_link": "https://news.example/" + link, "text": text}],
    }
    from dataclasses import replace

    snapshot = replace(read_snapshot(message), permalink=PERMALINK)
    shown = RENDERER.message(saying(snapshot, held=held))
    for words in (shown.text, *strings(shown.blocks)):
        assert all(allowed(token) for token in TOKEN.findall(words)), words
        assert not re.search(r"<(?![^<>]*>)", words)
    for element in rich(shown.blocks):
        assert element["type"] in ("text", "link", "date")
        if element["type"] == "link":
            assert element["url"] in (PERMALINK, snapshot.link)
    check_blocks(shown.blocks)
    assert len(shown.text) < 4_000


@given(hostile)
def test_names_in_alerts_and_confirmations_mention_nobody(name: str) -> None:
    for value in (
        Alert(kind="lost", values={"name": name}, fixed=False),
        Alert(kind="undeliverable", values={"channel": name or "x", "error": name}, fixed=False),
        ThreadLine(route_name=name, to=(ChannelId("C1"),)),
    ):
        shown = RENDERER.message(value)
        tokens = [token for token in TOKEN.findall(shown.text) if not re.fullmatch(r"#[CG][A-Z0-9]+", token)]
        assert tokens == [], shown.text


@given(hostile)
def test_quoting_keeps_the_words_that_a_person_reads(text: str) -> None:
    clean = quoted(text).replace("\u200b", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    unseen = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
    assert clean == unseen.sub("", text)


def test_an_operators_own_text_keeps_its_mentions_and_escapes_the_rest() -> None:
    assert operator_text("A & B <@U0A1> <!here> <x> *b*") == "A &amp; B <@U0A1> <!here> &lt;x&gt; *b*"


def test_text_from_the_api_is_unescaped_once() -> None:
    assert (
        plain("a &lt;b&gt; &amp;amp; <https://x.example|label> <@U1> <!here>")
        == "a <b> &amp; label @U1 @here"
    )


def test_a_forward_without_its_post_says_so() -> None:
    shown = RENDERER.message(saying(None))
    assert "元の投稿は削除されています" in json.dumps(shown.blocks, ensure_ascii=False)
    check_blocks(shown.blocks)


def test_five_hundred_people_fit_into_a_message() -> None:
    from dataclasses import replace

    many = tuple(Holding(since=Micros(n), user=UserId(f"U{n:04d}")) for n in range(500))
    one = replace(saying(Snapshot(text="x" * 9000)), holders=Holders(now=many, last=None))
    shown = RENDERER.message(one)
    check_blocks(shown.blocks)
    assert "ほか480名" in json.dumps(shown.blocks, ensure_ascii=False)


def story(title: str, link: str, source: str = "架空ニュース") -> Story:
    return Story(
        id=StoryId("0" * 32),
        title=title,
        link=link,
        source=source,
        published_at=Micros(1_764_000_000_000_000),
    )


def check_quiet(blocks: object, text: str, *, link: str) -> None:
    """Nothing mentions anybody, and nothing links anywhere but to the story's own page."""
    check_blocks(blocks)
    for element in rich(blocks):
        assert element["type"] in ("text", "link")
        assert element["type"] == "text" or element["url"] == link
    for words in (text, *strings(blocks)):
        for token in TOKEN.findall(words):
            assert token == link.replace("&", "&amp;") or token.startswith("!date^1764000000^")


@given(hostile, hostile)
def test_a_story_mentions_nobody_and_links_only_to_its_own_page(title: str, source: str) -> None:
    link = "https://news.example/?a=1&b=2"
    message = RENDERER.message(StorySaying(story=story(title, link, source)))
    check_quiet(message.blocks, message.text, link=link)


@given(st.lists(hostile, min_size=1, max_size=40), hostile)
def test_a_digest_mentions_nobody_and_links_only_to_its_lines_pages(titles: list[str], source: str) -> None:
    link = "https://news.example/1"
    stories = tuple(story(title, link) for title in titles)
    message = RENDERER.message(DigestSaying(source=source, stories=stories))
    check_quiet(message.blocks, message.text, link=link)
    assert len(message.text) < 4_000


@given(hostile)
def test_a_link_that_is_none_is_not_shown(link: str) -> None:
    message = RENDERER.message(StorySaying(story=story("題", link)))
    check_blocks(message.blocks)
    assert all(element["type"] == "text" for element in rich(message.blocks)) or link.startswith(
        "https://evil"
    )


def test_what_is_too_long_for_slack_is_shortened_and_a_link_left_out() -> None:
    long = story("長" * 5_000, "https://news.example/" + "x" * 5_000)
    message = RENDERER.message(StorySaying(story=long))
    assert len(message.text) < 1_000
    assert all(element["type"] == "text" for element in rich(message.blocks))
    many = RENDERER.message(DigestSaying(source="架空", stories=(long,) * 495))
    assert len(json.dumps(many.blocks, ensure_ascii=False)) < 13_000
    assert "ほかの465件" in json.dumps(many.blocks, ensure_ascii=False)
    heavy = tuple(story("題" * 150, "https://news.example/" + "x" * 900) for _ in range(40))
    assert len(str(RENDERER.message(DigestSaying(source="架空", stories=heavy)).blocks)) < 13_000


def test_a_digest_has_no_headline_of_its_own() -> None:
    stories = tuple(story(f"題{n}", f"https://news.example/{n}") for n in range(3))
    message = RENDERER.message(DigestSaying(source="架空", stories=stories))
    snapshot = read_snapshot({"ts": "1.0", "text": message.text, "blocks": message.blocks})
    assert (snapshot.title, snapshot.link) == ("", "")
    assert snapshot.text == "架空：新着3件をまとめてお知らせします。"


def test_our_own_post_is_read_back_with_its_title_and_link() -> None:
    message = RENDERER.message(
        StorySaying(story=story("CVE-2099-1: *重要* <注意>", "https://news.example/?a=1&b=2"))
    )
    snapshot = read_snapshot({"ts": "1.0", "text": message.text, "blocks": message.blocks})
    assert snapshot.title == "CVE-2099-1: *重要* <注意>"
    assert snapshot.link == "https://news.example/?a=1&b=2"


@pytest.mark.parametrize(
    "name", ["#sec-alert", "@suzuki_ichiro", "www.news.example", "*見出し*", "JPCERT/CC", "@here"]
)
def test_what_people_copy_from_an_alert_is_as_it_stands_in_the_settings_file(name: str) -> None:
    line = f'threatstamp.toml:8: routes[1].reaction = "rotating_light" ({name})'
    for alert in (
        Alert(kind="lost", values={"name": name}, fixed=False),
        Alert(kind="feed_silent", values={"name": name}, fixed=True),
        Alert(kind="sweep", values={"channel": name, "error": "x"}, fixed=False),
        Alert(kind="settings", values={"problem": f"{line}\n{line}"}, fixed=False),
        Alert(kind="feed", values={"name": name, "reason": "address_not_public", "host": name}, fixed=False),
    ):
        [words] = strings(RENDERER.message(alert).blocks)
        assert "\u200b" not in words
        assert name in words
        assert alert.kind != "settings" or words.count(f"`{line}`") == 2
        assert alert.kind != "feed" or "[fetch] の allow_private" in words


@given(hostile)
def test_a_name_in_an_alert_stays_within_its_code(name: str) -> None:
    for alert in (
        Alert(kind="lost", values={"name": name}, fixed=False),
        Alert(kind="settings", values={"problem": name}, fixed=False),
    ):
        [block] = RENDERER.message(alert).blocks
        assert block["text"]["verbatim"] is True  # type: ignore[index]
        [words] = strings(block)
        outside = "".join(words.split("`")[::2])
        assert words.count("`") % 2 == 0
        assert not re.search(
            r"[<>@#]|https?:|:rotating_light:", outside.replace("&lt;", "").replace("&gt;", "")
        ), words
