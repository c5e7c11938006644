"""Loosely typed JSON of other people: what is of another type than it should be counts as missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

import orjson

from threatstamp.core.text import well_formed

Loose = Mapping[str, object]
LONGEST = 300
"""Characters of a name or a title. Documents are other people's, and some have whole pages there."""

_MUCH = 4 * LONGEST
"""So much of a page is enough to find that many characters on one line, unless most of it is space."""


class BrokenError(ValueError):
    """A record lacks what it cannot be without; the text names the part."""


def read_json(content: bytes) -> object:
    """Returns JSON as it is: what a database could not hold, `words` replaces. Raises ValueError.

    What the quick parser refuses, such as half a surrogate pair and NaN, the standard library's may take.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(content)
    except RecursionError:
        raise ValueError("nested too deep") from None


def table(value: object) -> Loose:
    return value if isinstance(value, dict) else {}


def tables(value: object) -> list[Loose]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def words(value: object) -> str:
    """Returns a short text on one line, as any database can hold it; "" if it is none."""
    if not isinstance(value, str):
        return ""
    if len(value) > _MUCH:
        begin = words(value[:_MUCH])
        if len(begin) >= LONGEST:
            return begin
    if not value.isascii() or "\x00" in value:
        value = well_formed(value)
    return " ".join(value.split())[:LONGEST]


def number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(str(value)) if is_number else None


def day(value: object) -> date | None:
    """Returns the date at the beginning of a text; None if there is none."""
    try:
        return date.fromisoformat(words(value)[:10])
    except ValueError:
        return None
