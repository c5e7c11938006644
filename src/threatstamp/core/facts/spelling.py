"""Spelling: the many ways in which publishers write the same letters, digits and hyphens, made one."""

from __future__ import annotations

import unicodedata

from threatstamp.core.text import composed

_HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043\u02d7\ufe58\ufe63\uff0d\u30fc\uff70"
"""What stands for a hyphen in print and from Japanese keyboards, the long vowel sign among them."""

_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
"""Signs without width, which publishers put where a line may break."""

_NUMBERS = (0xB2, 0xB3, 0xB9, *range(0x2070, 0x208A), *range(0x2460, 0x2500), *range(0x2776, 0x2794))
"""Raised, lowered and circled figures of notes and lists: NFKC would join them to the digits before them."""

_PLAIN = {
    **dict.fromkeys(map(ord, _HYPHENS), "-"),
    **dict.fromkeys(map(ord, _UNSEEN), None),
    **dict.fromkeys(_NUMBERS, " "),
}


def evened(text: str) -> str:
    """Returns text in NFKC, with one hyphen for all and without signs that nobody sees; its case stays.

    The long vowel sign becomes a hyphen, too: a Japanese word is looked for as `evened` returns it.
    """
    if text.isascii():
        return text
    hyphens = composed(text).translate(_PLAIN)  # before NFKC, which makes other signs of some of them
    return unicodedata.normalize("NFKC", hyphens).translate(_PLAIN)
