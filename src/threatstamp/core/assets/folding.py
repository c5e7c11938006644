"""Text as names are compared in it: neither width, case, hyphens nor spaces matter, whole Latin words do.

NFKC and lower case, with the place of each character in the text as written. Latin words stand between
separators, whatever stands between them there: "Windows-Server" and "Ｗindows　Server" are the same, and
"server" is not found in "observer". Between Japanese signs, spaces, middle dots and the sign of a long vowel,
which people set as they like, are left out.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

SEPARATOR = "\x00"
LONGEST = 20_000
"""Characters of a text that are read: what feeds bring is shorter, and hostile text may be of any length."""

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_MARK = re.compile("[\u00a9\u00ae\u2122]")
"""Behind names, without a meaning of its own: ©, ®, ™."""
_ODD = re.compile("[\u00a9\u00ad\u00ae\u200b-\u200f\u2060\u2122\ufeff]")
"""These, and what has no width."""
_CLUSTER = re.compile("(?s:.)[\u0300-\u036f\u3099\u309a\uff9e\uff9f]{0,4}")
_LATIN = "0-9a-z_\u00df-\u00f6\u00f8-\u024f\u0370-\u052f"
_PIECE = re.compile(
    rf"([{_LATIN}]+)|[\s\u2010-\u2015\u2212\-\u30fc\u30fb]+|([^{_LATIN}\s\u2010-\u2015\u2212\-\u30fc\u30fb]+)"
)
_MEMORY = 4_096


@dataclass(frozen=True, slots=True)
class Normal:
    """A text in NFKC and lower case.

    places: where each character begins and ends in the text as written; None: the same as here.
    """

    text: str
    places: tuple[tuple[int, int], ...] | None

    def written(self, start: int, end: int) -> tuple[int, int]:
        """Returns where characters, at least one, are in the text as written."""
        return (start, end) if self.places is None else (self.places[start][0], self.places[end - 1][1])


@dataclass(frozen=True, slots=True)
class Folded:
    """A normal text's form for comparing, and the place in it at which each of its pieces begins."""

    text: str
    pieces: tuple[tuple[int, int], ...]
    """Of each piece where it begins here and there, in order. Separators lie between pieces."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Returns where characters lie in the normal text; separators at their ends do not count."""
        while start < end and self.text[start] == SEPARATOR:
            start += 1
        while end > start and self.text[end - 1] == SEPARATOR:
            end -= 1
        return self._place(start), self._place(end - 1) + 1

    def _place(self, index: int) -> int:
        here, there = next(one for one in reversed(self.pieces) if one[0] <= index)
        return there + index - here


def normal(text: str) -> Normal:
    """Returns a text in NFKC and lower case, as far as it is read."""
    text = text[:LONGEST]
    plain = text if text.isascii() else text.translate(_WIDE)
    lower = plain.lower()
    if plain.isascii() or (
        len(lower) == len(plain) and unicodedata.is_normalized("NFKC", plain) and not _ODD.search(plain)
    ):
        return Normal(lower, None)
    signs: list[str] = []
    places: list[tuple[int, int]] = []
    for cluster in _CLUSTER.finditer(plain):
        form = _form(cluster[0])
        signs.append(form)
        places.extend([cluster.span()] * len(form))
    return Normal("".join(signs), tuple(places))


def folded(plain: str) -> Folded:
    """Returns a normal text as names are compared in it."""
    found: list[str] = []
    pieces: list[tuple[int, int]] = []
    length = 0
    is_open = True  # no separator stands at the end of what was found
    for piece in _PIECE.finditer(plain):
        kind = piece.lastindex
        if kind is None:
            continue
        words = piece[kind]
        if kind == 1:
            words = f"{SEPARATOR if is_open else ''}{words}{SEPARATOR}"
            pieces.append((length + is_open, piece.start()))
        else:
            pieces.append((length, piece.start()))
        is_open = kind != 1
        found.append(words)
        length += len(words)
    return Folded("".join(found), tuple(pieces))


def fold(name: str) -> str:
    """Returns a name as it stands in a folded text."""
    return folded(normal(name).text).text


@lru_cache(_MEMORY)
def _form(cluster: str) -> str:
    if _ODD.fullmatch(cluster):
        return " " if _MARK.fullmatch(cluster) else ""
    return unicodedata.normalize("NFKC", cluster).lower()
