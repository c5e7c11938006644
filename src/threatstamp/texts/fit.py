"""Shortens text without breaking a word, a number, or a sign that is written with several characters."""

from __future__ import annotations

import unicodedata

ELLIPSIS = "…"
_NOT_FIRST = frozenset(
    "、。，．・：；？！）］｝」』】〕〉》ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ,.;:!?)]}%％"
)
"""Signs that do not begin a line in Japanese, and so do not follow a cut."""

_NOT_LAST = frozenset("（［｛「『【〔〈《([{#@$＃＠￥")
_INNER = frozenset("-_'’.,/:@&=+#~")
"""Signs that belong to a word or number if they are inside it: 1,234 / 9.8 / CVE-2026-1 / a.example."""

_JOINERS = frozenset("\u200d\ufe0e\ufe0f\uff9e\uff9f")


def fit(text: str, length: int) -> str:
    """Returns text of at most `length` characters, with … where something was left out.

    It ends with a phrase if one ends nearby, else with a word; a word is broken only where it is longer than
    most of what fits, a sign (an emoji, a letter with its accents) never.
    """
    if len(text) <= length:
        return text
    if length <= 1:
        return ELLIPSIS if length == 1 else ""
    return text[: _cut(text, length - 1)].rstrip() + ELLIPSIS


def _cut(text: str, most: int) -> int:
    for reach, ends in (
        (min(most // 4, 24), _ends_phrase),
        (most * 3 // 4, _ends_word),
        (most - 1, _ends_sign),
    ):
        for at in range(most, most - reach - 1, -1):
            if ends(text, at):
                return at
    return 0


def _ends_sign(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if after in _JOINERS or before == "\u200d" or unicodedata.category(after).startswith("M"):
        return False
    if "\U0001f3fb" <= after <= "\U0001f3ff" or "\U000e0020" <= after <= "\U000e007f":  # skin tones, tags
        return False
    return not (_is_flag_half(after) and _flag_halves_before(text, at) % 2)


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flag_halves_before(text: str, at: int) -> int:
    start = at
    while start and _is_flag_half(text[start - 1]):
        start -= 1
    return at - start


def _ends_word(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if not _ends_sign(text, at) or after in _NOT_FIRST or before in _NOT_LAST:
        return False
    if _is_inner(text, at) or _is_inner(text, at - 1):
        return False
    kinds = _kind(before), _kind(after)
    if kinds[0] == kinds[1]:
        return kinds[0] in ("sign", "space")
    return kinds != ("kanji", "hiragana") and not (before.isdecimal() and kinds[1] in ("kanji", "katakana"))


def _is_inner(text: str, at: int) -> bool:
    """True for a sign with a letter or digit on either side of it."""
    if not 0 < at < len(text) - 1 or text[at] not in _INNER:
        return False
    return _kind(text[at - 1]) == "latin" and _kind(text[at + 1]) == "latin"


def _ends_phrase(text: str, at: int) -> bool:
    """True after a space, a mark, or where Japanese goes on with a new word after its particle."""
    if not _ends_word(text, at):
        return False
    before, after = _kind(text[at - 1]), _kind(text[at])
    return before in ("sign", "space") or after == "space" or (before == "hiragana" != after)


def _kind(char: str) -> str:
    if char.isspace():
        return "space"
    if "\u3041" <= char <= "\u309f":
        return "hiragana"
    if "\u30a1" <= char <= "\u30ff" or "\uff66" <= char <= "\uff9f":
        return "katakana"
    if not char.isalnum():
        return "sign"
    is_wide = unicodedata.east_asian_width(char) == "W"
    return "kanji" if is_wide else "latin"
