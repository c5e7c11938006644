"""Shortens text without breaking a word, a number, or a sign that is written with several characters."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"
_NOT_FIRST = set("、。，．・：；？！）］｝」』】〕〉》ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.!?)]}%")
"""Signs that do not begin a line in Japanese, and so do not follow a cut."""

_JOINERS = {"\u200d", "\ufe0f", "\ufe0e"}


def fit(text: str, length: int) -> str:
    """Returns text of at most `length` characters, with … where something was left out."""
    if len(text) <= length:
        return text
    if length <= 1:
        return ELLIPSIS[:length]
    cut = length - 1
    lowest = max(1, cut - 40)
    while cut > lowest and not _may_cut(text, cut):
        cut -= 1
    if not _may_cut(text, cut):
        cut = length - 1
        while cut > 1 and _is_joined(text, cut):
            cut -= 1
    return text[:cut].rstrip() + ELLIPSIS


def _may_cut(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if _is_joined(text, at) or after in _NOT_FIRST:
        return False
    return not (_is_narrow_word(before) and _is_narrow_word(after))


def _is_joined(text: str, at: int) -> bool:
    after, before = text[at], text[at - 1]
    is_tone = "\U0001f3fb" <= after <= "\U0001f3ff"
    return bool(unicodedata.combining(after)) or after in _JOINERS or before == "\u200d" or is_tone


def _is_narrow_word(char: str) -> bool:
    """Latin letters and digits stay together; kana and kanji may part anywhere."""
    narrow = unicodedata.east_asian_width(char) not in ("W", "F")
    return narrow and (char.isalnum() or char in "-_'’./")
