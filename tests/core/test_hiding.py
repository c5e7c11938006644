"""The filter for everything that leaves: what is secret by its form is "***", the rest can still be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.feeds.cost import TRIES, spent
from threatstamp.core.secrets import hide, hide_path

HIDDEN = [
    ("xoxb-1234567890-abcdef", "***"),
    ("xoxe.xoxp-1-Mi0yLTAtNzY1", "***"),
    ("(xapp-1-A0-123-abc)", "(***)"),
    ("wss://wss.example/link/?ticket=abc-1&app_id=2", "wss://wss.example/link/?ticket=***&app_id=***"),
    ("https://hooks.slack.com/services/T0/B0/abcdef", "https://hooks.slack.com/***"),
    ("https://user:pass@feed.example/x", "https://***@feed.example/x"),
    ("postgresql://desk:p@ss/w?rd@db.example/desk", "postgresql://***@db.example/desk"),
    ("https://user:12/ab@host/feed", "https://***@host/feed"),
    ("https://user:12345?ab@feed.example", "https://***@feed.example"),
    ("https://first.last:12/ab@feed.example/rss", "https://***@feed.example/rss"),
    ("https://a.example:80/xxhttps://user:geheim@b", "https://a.example:80/xxhttps://***@b"),
    ("redis://:p@ss@cache.example", "redis://***@cache.example"),
    ("host=db password=geheim dbname=desk", "host=db password=*** dbname=desk"),
    ("https://feed.example/?key=abc1&lang=ja", "https://feed.example/?key=***&lang=***"),
    ("https://feed.example/a;key=abc1/rss", "https://feed.example/a;key=***"),
    ("https://feed.example/#token=abc", "https://feed.example/#token=***"),
    ("https://feed.example/?ABCDEFGHIJ", "https://feed.example/?***"),
    ("GET /feed?key=abc1&lang=ja HTTP/1.1", "GET /feed?key=***&lang=*** HTTP/1.1"),
    ("「feed.example/rss?key=abc1」は", "「feed.example/rss?key=***」は"),
    ("/rss?key=a;b+c%20d", "/rss?key=***"),
]

KEPT = [
    "https://feed.example/rss?rss",
    "https://feed.example/?rss2",
    "https://feed.example:8000/@team/feed",
    "https://feed.example:443/a@b",
    "http://localhost:8000/@team",
    "https://feed.example:8000/feed",
    "https://user@feed.example/feed",
    "https://feed.example/a; b",
    "https://docs.example/page#errors",
    "どうしますか？ key=値 です。",
    "Why? x = 1",
    "#sec-alert @ciso :rotating_light:",
    "2026-11-26T09:00:00+09:00",
]


@pytest.mark.parametrize(("text", "shown"), HIDDEN)
def test_what_may_be_secret_is_hidden_and_its_name_kept(text: str, shown: str) -> None:
    assert hide(text) == shown
    assert hide(f"（{text} ") == f"（{shown} "


@pytest.mark.parametrize("text", KEPT)
def test_what_is_no_secret_can_be_read(text: str) -> None:
    assert hide(text) == text


@given(st.text())
def test_what_was_hidden_once_does_not_change_any_more(text: str) -> None:
    assert hide(hide(text)) == hide(text)


def test_of_an_address_that_is_secret_as_a_whole_the_server_is_kept() -> None:
    assert hide_path("https://u:p@feed.example/secret/feed?x") == "https://***@feed.example/***"
    assert hide_path("secret") == "***"


PLAIN = "2026-11-26 feed https://feed.example:8000/@team/rss?key=abc1&lang=ja and user@host: 12 entries\n"
CRAFTED = (
    "://",
    "a://",
    "a://b:1/",
    "a://b.c:1/x@",
    "a://?",
    "a://b;",
    "?a=",
    "://a:@",
    "a" * 21 + "://",
    "@:",
)
DEAREST = 12.0
"""Plain texts of the same length that a crafted one may cost."""


@pytest.mark.parametrize("part", CRAFTED)
@pytest.mark.parametrize("end", ["", "@", "@x.y", '"', "?a"])
def test_a_crafted_text_costs_no_more_than_a_few_plain_ones(part: str, end: str) -> None:
    length = 60_000
    plain = PLAIN * (length // len(PLAIN))
    crafted = part * (length // len(part)) + end
    tries = (spent(lambda: hide(crafted)) / spent(lambda: hide(plain)) for _ in range(TRIES))
    assert any(one < DEAREST for one in tries)
