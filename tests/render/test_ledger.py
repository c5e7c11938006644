"""The record as lines for people: each kind in a sentence, in both languages, within the terminal."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.bodies import BODIES, ENTRY, NOON, Body
from threatstamp.core.ledger.entry import LedgerEntry
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.time import Micros
from threatstamp.render.columns import width
from threatstamp.render.ledger import entry_lines
from threatstamp.texts.catalogue import Language, Texts

JA, EN = Texts(Language.JA), Texts(Language.EN)


def line(kind: str, body: Body | None, texts: Texts = JA, columns: int | None = None) -> str:
    written = None if body is None else json.dumps(body, ensure_ascii=False)
    entry = LedgerEntry(sequence=12, at=Micros(NOON), kind=kind, digest="d", hash="h", salt="s", body=written)
    [found] = entry_lines([entry], texts, columns=columns)
    return found


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_name_and_a_sentence(kind: Kind, language: Language) -> None:
    texts = Texts(language)
    assert texts.has(f"cli.kind_{kind}")
    for body in BODIES[kind]:
        found = line(kind, body, texts)
        assert "=" not in found, "a kind without a sentence is shown as names and values"
        assert "{" not in found
        assert found.startswith("   12  2025-11-24T16:00:00Z  ")


def test_a_feeds_entry_says_its_feed_title_and_link() -> None:
    for kind in (Kind.ENTRY, Kind.REVISION):
        assert line(kind, ENTRY).endswith("架空ニュース：  「Gate 3」に脆弱性  https://news.example/1")
    assert line(Kind.ENTRY, {**ENTRY, "title": None}).endswith("架空ニュース：  https://news.example/1")
    assert line(Kind.ENTRY, {**ENTRY, "link": None}, EN).endswith("架空ニュース:  「Gate 3」に脆弱性")


def test_what_was_published_says_its_feed_channel_and_how_many_stories() -> None:
    assert line(Kind.PUBLISHED, BODIES[Kind.PUBLISHED][0]).endswith("F → C1  2.2  記事2件")
    assert line(Kind.UNDELIVERABLE, BODIES[Kind.UNDELIVERABLE][1]).endswith(
        "F → C1  記事1件  アーカイブされたチャンネルです、is_archived"
    )


def test_what_a_line_is_about_stands_in_one_column() -> None:
    shown = [line(kind, BODIES[kind][0], texts) for kind in Kind for texts in (JA, EN)]
    begins = {width(one) - width(re.split(r"Z  \S+(?: \S+)*\s{2,}", one)[1]) for one in shown}
    assert len(begins) == 1


@pytest.mark.parametrize("columns", [80, 100, 140])
def test_a_long_title_is_cut_and_the_link_stays_whole(columns: int) -> None:
    body = {**ENTRY, "feed": "N", "title": "深刻な脆弱性を修正しました。" * 9, "link": "https://n.example/1"}
    found = line(Kind.ENTRY, body, columns=columns)
    assert columns - 30 < width(found) <= max(columns, 90)
    assert "…  https://n.example/1" in found
    assert str(body["title"]) in line(Kind.ENTRY, body)


def test_what_a_post_says_cannot_steer_the_terminal() -> None:
    found = line(Kind.ENTRY, {**ENTRY, "title": "a\x1b[2Jb\nc\u202ed", "feed": "\x1b]0;x\x07"}, columns=80)
    assert found.isprintable()


def test_kinds_and_bodies_of_another_version_are_shown_as_they_are() -> None:
    assert line("case_opened", {"case": 42, "why": ["a", "b"]}).endswith("case_opened      case=42  why=a, b")
    assert line(Kind.STAMP, {"channel": "C1"}).endswith("channel=C1")
    assert line(Kind.STAMP, None).endswith("（墨消し済み）")
