"""Characters without a shape of their own: kept where a word needs them, shown where they hide something.

A zero-width space in an address or a name deceives whoever reads an export, and whoever searches it. But the
same kind of character joins the parts of an emoji, and letters in Persian or Hindi are wrong without it.
Which characters these are: https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point
"""

from __future__ import annotations

import re
import unicodedata

ZERO_WIDTH_SPACE, NON_JOINER, JOINER = "\u200b", "\u200c", "\u200d"
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f"
"""The flag of a part of a country: a black flag, with its name in tags that only this sequence may have."""

_PATTERN = re.compile(f"({_FLAG})|[{_UNSEEN}]")
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_EMOJI = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u27bf\u2934\u2935\u2b00-\u2bff\u3030\u303d"
    "\u3297\u3299\U0001f000-\U0001faff]"
)
_AFTER_EMOJI = re.compile("[\ufe0f\u20e3\U000e007f]")
_CURSIVE = re.compile("[\u0600-\u07ff\u0840-\u085f\u0860-\u08ff\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefc]")
"""Arabic, Syriac, N'Ko, Mandaic, Mongolian: letters that join."""

_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf]"
)
"""Thai, Lao, Tibetan, Burmese, Khmer, Tai: a zero-width space is where a line may break."""

_OWN = {
    "\u115f": re.compile("[\u1100-\u11ff]"),
    "\u1160": re.compile("[\u1100-\u11ff]"),
    "\u17b4": re.compile("[\u1780-\u17ff]"),
    "\u17b5": re.compile("[\u1780-\u17ff]"),
    **dict.fromkeys("\u180b\u180c\u180d\u180e\u180f", re.compile("[\u1800-\u18af]")),
}
"""Characters of one script, which belong beside its letters."""

_VIRAMA = 9
"""The combining class of the sign that takes a consonant its vowel."""


def revealed(text: str) -> str:
    r"""Returns text in which characters that hide something are shown as in JSON: "\u200b".

    JSON stays the same JSON by that: the escape is read as the character.
    """
    if text.isascii():
        return text
    return _PATTERN.sub(lambda match: match[0] if match[1] or _belongs(match) else _escape(match[0]), text)


def is_unseen(char: str) -> bool:
    """True for a character without a shape of its own."""
    return _PATTERN.fullmatch(char) is not None


def _belongs(match: re.Match[str]) -> bool:
    """True if the word around needs the character: see RFC 5892, A.1 and A.2, and UTS 51, 2.3 (ZWJ)."""
    text, sign = match.string, match[0]
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    if not before:
        return False
    if _SELECTOR.fullmatch(sign):
        is_visible = not before.isspace() and not is_unseen(before)
        return is_visible and not (before.isascii() and before not in "0123456789#*")
    if sign in _OWN:
        return bool(_OWN[sign].match(before))
    if sign == ZERO_WIDTH_SPACE:
        return bool(_WITHOUT_SPACES.match(before) and _WITHOUT_SPACES.match(after))
    if sign not in (NON_JOINER, JOINER):
        return False
    if unicodedata.combining(before) == _VIRAMA:
        return True
    letter = _letter_before(text, match.start())
    if sign == JOINER and (_EMOJI.match(before) or _AFTER_EMOJI.match(before)):
        return bool(_EMOJI.match(after))
    return bool(_CURSIVE.match(letter) and (sign == JOINER or _CURSIVE.match(after)))


def _letter_before(text: str, at: int) -> str:
    """Returns the letter before a place, past its accents."""
    while at > 0 and unicodedata.combining(text[at - 1]):
        at -= 1
    return text[at - 1 : at]


def _escape(char: str) -> str:
    units = char.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def clean(value: object) -> str:
    """Returns a value without control characters: nothing from a post may steer the terminal.

    What is unseen and still there belongs to its word, such as the joiner in an emoji.
    """
    return "".join(
        char if char.isprintable() or is_unseen(char) else " " if char.isspace() else "�"
        for char in revealed(str(value))
    )
