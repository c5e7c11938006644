"""Text in the columns of a terminal, where a sign of Japanese takes two."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from threatstamp.texts.fit import ELLIPSIS, fit


def width(text: str) -> int:
    """Returns how many columns a text takes."""
    return sum(map(_width_of, text))


def pad(text: str, columns: int) -> str:
    """Returns text that fills at least so many columns."""
    return text + " " * (columns - width(text))


def cut(text: str, columns: int) -> str:
    """Returns text of at most so many columns, with … where something was left out."""
    if width(text) <= columns:
        return text
    return _begin(text, columns - 1) + ELLIPSIS


def wrap(text: str, columns: int) -> Iterator[str]:
    """Yields lines of at most so many columns; they end with a phrase or a word where that is possible."""
    left = text.strip()
    while width(left) > columns:
        line = _begin(left, columns) or left[0]
        yield line
        left = left[len(line) :].lstrip()
    if left:
        yield left


def _width_of(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _begin(text: str, columns: int) -> str:
    """Returns the beginning of a longer text up to a good place to cut, in so many columns at most."""
    return fit(text + " ", _reach(text, columns) + 1).removesuffix(ELLIPSIS)


def _reach(text: str, columns: int) -> int:
    """Returns how many signs of a text, from its beginning on, fit into so many columns."""
    for count, char in enumerate(text):
        columns -= _width_of(char)
        if columns < 0:
            return count
    return len(text)
