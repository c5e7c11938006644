"""Text in the columns of a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threatstamp.render.columns import cut, pad, width, wrap

TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc")))


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("脆弱性", 6), ("ｶﾞ", 2), ("が", 2), ("か\u3099", 2), ("", 0), ("：", 2), ("①", 1)],
)
def test_a_sign_of_japanese_takes_two_columns(text: str, columns: int) -> None:
    assert width(text) == columns


def test_padded_words_stand_in_a_column() -> None:
    assert {width(pad(text, 14)) for text in ("投稿", "post", "フィード新着")} == {14}
    assert pad("フィード", 4) == "フィード"


@pytest.mark.parametrize(
    ("text", "columns", "expected"),
    [
        ("短い", 4, "短い"),
        ("脆弱性を修正しました", 11, "脆弱性を…"),
        ("製品Xの1.29.9に脆弱性", 12, "製品Xの…"),
        ("version 1.29.9 fixes it", 12, "version…"),
        ("あい", 3, "あ…"),
    ],
)
def test_text_is_cut_between_words(text: str, columns: int, expected: str) -> None:
    assert cut(text, columns) == expected


@given(TEXT, st.integers(2, 60))
def test_what_is_cut_fits(text: str, columns: int) -> None:
    assert width(cut(text, columns)) <= columns


@given(TEXT, st.integers(2, 60))
def test_lines_fit_and_lose_nothing_but_spaces(text: str, columns: int) -> None:
    lines = list(wrap(text, columns))
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_lines_end_with_words() -> None:
    assert list(wrap("Read the source channels back once", 12)) == [
        "Read the",
        "source",
        "channels",
        "back once",
    ]
