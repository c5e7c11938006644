"""What hides in a text is shown in exports, and what a word needs is left alone."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.bodies import ENTRY, NOON
from threatstamp.core.ledger.entry import LedgerEntry, canonical
from threatstamp.core.time import Micros
from threatstamp.render.ledger import csv_lines, entry_lines, json_lines
from threatstamp.render.unseen import revealed
from threatstamp.texts.catalogue import Language, Texts


@pytest.mark.parametrize(
    "text",
    [
        "👨\u200d👩\u200d👧\u200d👦 家族",
        "❤\ufe0f\u200d🔥 🏳\ufe0f\u200d🌈 🧑🏽\u200d💻 1\ufe0f\u20e3",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # England
        "می\u200cخواهم",  # Persian: "I want"
        "ه\u200d",  # Arabic abbreviation
        "क्\u200dष क्\u200cष",  # Hindi: half and whole forms
        "ภาษา\u200bไทย",  # Thai: where a line may break
        "葛\U000e0100 神\ufe00",  # variants of ideographs
        "日本語 English é ﻻ",
    ],
)
def test_what_a_word_needs_is_kept(text: str) -> None:
    assert revealed(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("evil\u200b.example", r"evil\u200b.example"),
        ("pay\u200dpal", r"pay\u200dpal"),
        ("pay\u200cpal", r"pay\u200cpal"),
        ("\ufeff=1+1", r"\ufeff=1+1"),
        ("\u200b=1+1", r"\u200b=1+1"),
        ("製品\u200bX", r"製品\u200bX"),
        ("👨\u200dx x\u200d👨", r"👨\u200dx x\u200d👨"),
        ("👨\u200d", r"👨\u200d"),
        ("a\u00adb\u2060c\u180ed\u3164e", r"a\u00adb\u2060c\u180ed\u3164e"),
        ("a\ufe0fb 👍\ufe0f\ufe0f\ufe01", "a\\ufe0fb 👍\ufe0f\\ufe0f\\ufe01"),  # data in selectors
        ("x\U000e0041\U000e0042", r"x\udb40\udc41\udb40\udc42"),  # an instruction in tags
        ("\u202eabc\u2066d", r"\u202eabc\u2066d"),
        ("\u200d", r"\u200d"),
    ],
)
def test_what_hides_something_is_shown(text: str, shown: str) -> None:
    assert revealed(text) == shown
    assert json.loads(f'"{shown}"') == text


@given(st.text())
def test_json_stays_the_same_json(text: str) -> None:
    assert json.loads(revealed(json.dumps([text], ensure_ascii=False))) == [text]


def test_exports_and_lists_show_it_and_the_json_is_exact() -> None:
    family, hidden = "👨\u200d👩\u200d👧", "evil\u200b.example\ufeff"
    text = canonical({**ENTRY, "title": f"{family} {hidden}", "feed": "\u200b=cmd"})
    entry = LedgerEntry(sequence=1, at=Micros(NOON), kind="entry", digest="d", hash="h", salt="s", body=text)
    exported = "".join(json_lines([entry]))
    assert "\u200b" not in exported
    assert "\ufeff" not in exported
    assert json.loads(exported)["entries"][0]["body_text"] == text
    _, row = csv.reader(io.StringIO("".join(csv_lines([entry]))))
    body = row[10]
    assert r"evil\u200b.example\ufeff" in body
    assert family in body
    assert json.loads(body) == json.loads(text)
    [line] = entry_lines([entry], Texts(Language.EN))
    assert family in line
    assert r"evil\u200b.example\ufeff" in line
