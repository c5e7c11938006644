"""Hostile text must neither take long to process nor raise an error."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from threatstamp.core.text import composed, shown

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
