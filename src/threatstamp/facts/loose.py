"""Loosely typed JSON of other people: what is of another type than it should be counts as missing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date

from threatstamp.core.text import one_line, well_formed_json

Loose = Mapping[str, object]
LONGEST = 300
"""Characters of a name or a title. Documents are other people's, and some have whole pages there."""


class BrokenError(ValueError):
    """A record lacks what it cannot be without; the text names the part."""


def read_json(content: bytes) -> object:
    """Returns JSON that any database can hold. Raises ValueError, also for what nests too deep."""
    try:
        found = json.loads(content)
        # Only an escape, or the bytes of a half surrogate pair, can bring what a database cannot hold.
        may_be_ill = any(sign in content for sign in (b"\\u", b"\xed", b"\x00"))
        return well_formed_json(found) if may_be_ill else found
    except RecursionError:
        raise ValueError("nested too deep") from None


def table(value: object) -> Loose:
    return value if isinstance(value, dict) else {}


def tables(value: object) -> Iterator[Loose]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, dict))


def words(value: object) -> str:
    """Returns a short text on one line; "" if it is none."""
    return one_line(value)[:LONGEST] if isinstance(value, str) else ""


def number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(str(value)) if is_number else None


def day(value: object) -> date | None:
    """Returns the date at the beginning of a text; None if there is none."""
    try:
        return date.fromisoformat(words(value)[:10])
    except ValueError:
        return None
