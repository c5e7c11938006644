"""Hostile text must neither take long to process nor raise an error."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.core.text import composed, shown, well_formed, well_formed_json

ACCENT = "\u0301"


@given(st.text())
def test_text_is_composed_as_unicode_has_it(text: str) -> None:
    assert composed(text) == unicodedata.normalize("NFC", text)


def test_of_a_long_run_of_accents_thirty_are_kept() -> None:
    text = "か\u3099" + "e" + ACCENT * 40_000 + "y"
    assert composed(text) == "がé" + ACCENT * 29 + "y"


def test_long_text_with_ordinary_accents_is_not_changed() -> None:
    text = "ヴィジュアル・é́ 点検 " * 100
    assert composed(text) == unicodedata.normalize("NFC", text)


def test_entities_are_resolved_and_one_with_too_many_digits_is_a_replacement_character() -> None:
    assert shown("A&amp;B &#12354;&#x3042; &lt;") == "A&B ああ <"
    assert shown(f"a&#{'9' * 9_000};b&#x{'F' * 9_000};c") == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cut \ud83d", "cut \ufffd"),
        ("\ude00 cut", "\ufffd cut"),
        ("a\x00b", "a\ufffdb"),
        ("\ud83d\ude00", "😀"),  # two halves that belong together
        ("\ude00\ud83d", "\ufffd\ufffd"),
        ("日本語 👨\u200d👩\u200d👧 \u202e ok\n", "日本語 👨\u200d👩\u200d👧 \u202e ok\n"),
    ],
)
def test_halves_of_characters_and_nul_are_replaced_and_nothing_else(text: str, expected: str) -> None:
    assert well_formed(text) == expected
    assert well_formed_json({text: [text, 1, None, {"x": text}]}) == {
        expected: [expected, 1, None, {"x": expected}]
    }


@given(st.text(st.one_of(st.characters(), st.sampled_from("\ud83d\ude00\x00"))))
def test_whatever_arrives_every_output_and_database_can_hold_it(text: str) -> None:
    found = well_formed(text)
    assert found.encode().decode() == found
    assert "\x00" not in found
    assert well_formed(found) == found
