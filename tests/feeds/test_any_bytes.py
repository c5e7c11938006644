"""Whatever comes, something is said about it, and nothing is raised."""

from __future__ import annotations

import json
import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.feeds.support import TOKYO, read_body, samples
from threatstamp.core.news.entry import Document
from threatstamp.core.text import is_web_link
from threatstamp.feeds.dates import read_time
from threatstamp.feeds.links import absolute
from threatstamp.feeds.plain import html_lines, one_line, paragraphs, untyped_lines
from threatstamp.feeds.problems import problem_message
from threatstamp.feeds.reading import read_document
from threatstamp.texts.catalogue import Language, Texts

BODIES = [sample.path.read_bytes() for sample in samples()]
WORDS = [
    b"<",
    b">",
    b"&",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"</item>",
    b"<item>",
    b"\xff",
    b"\0",
    b'"',
    b"&#x0;",
    b"{",
    b"]",
]
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def check(document: Document) -> None:
    """What holds of every document, however broken: clean texts, safe links, distinct ids, sayable problems."""
    json.dumps(read_body(document)).encode()
    ids = [entry.entry_id for entry in document.entries]
    assert len(set(ids)) == len(ids)
    for entry in document.entries:
        assert entry.entry_id
        assert len(entry.entry_id.encode()) <= 1_000
        assert entry.link is None or is_web_link(entry.link)
        texts = (entry.entry_id, entry.title or "", entry.summary or "", *entry.authors)
        assert not any(UNSEEN.search(text) for text in texts)
        assert "\n" not in (entry.title or "")
    if document.problem:
        for language in Language:
            assert problem_message(Texts(language), document.problem)


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A document of the corpus with a few pieces cut out, doubled, swapped or put in."""
    body = draw(st.sampled_from(BODIES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 60)))
        piece = draw(st.sampled_from([b"", body[start:end] * 2, *WORDS]) | st.binary(max_size=8))
        body = body[:start] + piece + body[end:]
    return body


def test_halves_of_characters_and_nul_are_in_nothing_that_a_json_feed_says() -> None:
    odd = r'"a\ud83d b\u0000 c"'
    link = odd.replace(" ", "").replace('"a', '"https://n.example/')
    item = f'{{"id": {odd}, "title": {odd}, "content_text": {odd}, "url": {link}, "authors": [{{"name": {odd}}}]}}'
    text = f'{{"version": "https://jsonfeed.org/version/1.1", "title": {odd}, "items": [{item}]}}'
    document = read_document(text.encode(), content_type="application/feed+json", base=None, zone=TOKYO)
    assert len(document.entries) == 1
    check(document)


@given(st.binary(max_size=400))
def test_any_bytes_end_in_a_document(body: bytes) -> None:
    document = read_document(body, zone=TOKYO)
    check(document)
    assert document.entries or document.problem


@given(
    st.text(max_size=200),
    st.sampled_from(["utf-8", "utf-16", "cp932", "iso2022_jp", "euc_jp"]),
    st.text(max_size=40),
)
def test_any_words_in_an_entry_end_in_a_document(words: str, encoding: str, header: str) -> None:
    text = f"<rss><channel><item><title>{words}</title><link>{words}</link></item></channel></rss>"
    check(read_document(text.encode(encoding, "replace"), content_type=header, base=words, zone=TOKYO))


@given(broken())
def test_a_broken_document_ends_in_a_document(body: bytes) -> None:
    check(read_document(body, zone=TOKYO))


@given(broken())
def test_reading_twice_gives_the_same(body: bytes) -> None:
    assert read_document(body, zone=TOKYO) == read_document(body, zone=TOKYO)


@given(st.text(alphabet="0123456789TZ:-+/., 年月日時分秒午前後令和元AMPMjanfebJST()", max_size=40))
def test_any_date_is_a_time_or_unknown(text: str) -> None:
    at = read_time(text, TOKYO)
    assert at is None or -2_300_000_000_000_000 < at < 33_000_000_000_000_000


@given(st.datetimes(min_value=datetime(1901, 1, 1), max_value=datetime(2998, 1, 1)))
def test_a_date_in_rfc_822_and_in_iso_8601_is_the_same_time(at: datetime) -> None:
    iso = read_time(f"{at:%Y-%m-%dT%H:%M:%S}+09:00", TOKYO)
    assert iso is not None
    assert (
        iso
        == read_time(f"{at:%d %b %Y %H:%M:%S} +0900", TOKYO)
        == read_time(f"{at:%Y年%m月%d日 %H時%M分%S秒}", ZoneInfo("Etc/GMT-9"))
    )


@given(st.text(max_size=60), st.none() | st.just("https://news.example/a/"))
def test_a_link_is_safe_or_none(link: str, base: str | None) -> None:
    found = absolute(link, base)
    assert found is None or is_web_link(found)
    assert found is None or absolute(found, base) == found


@given(st.text(max_size=80))
def test_plain_text_stays_as_it_is_when_it_is_read_again(text: str) -> None:
    for reading in (one_line, paragraphs):
        once = reading(text)
        assert reading(once or "") == once
    html_lines(text)
    untyped_lines(text)


@pytest.mark.parametrize("cut", range(0, 1001, 50))
def test_what_is_cut_off_keeps_its_whole_entries(cut: int) -> None:
    items = [f"<item><guid>g{n}</guid><title>題{n}</title></item>" for n in range(20)]
    text = f"<rss version='2.0'><channel><title>F</title>{''.join(items)}</channel></rss>"
    end = len(text) * cut // 1000
    document = read_document(text[:end].encode(), zone=TOKYO)
    assert len(document.entries) == text[:end].count("</item>")
    assert (document.problem is None) == (cut == 1000)
