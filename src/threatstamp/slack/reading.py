"""Slack's loosely typed JSON, read into strict types in one place; what is not there is empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from threatstamp.core.text import well_formed_json

Loose = Mapping[str, object]


def well_formed_body(body: object) -> Loose:
    """Returns an event or an answer as it came, with well-formed texts: see `well_formed` in `core/text.py`.

    Everything of Slack's passes here once, before anything reads or keeps it.
    """
    return cast(Loose, well_formed_json(body))


def table_in(value: Loose, name: str) -> Loose:
    """Returns a table, {} if there is none."""
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def tables_in(value: Loose, name: str) -> list[Loose]:
    """Returns a list of tables; whatever else is in it is left out."""
    found = value.get(name)
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def text_in(value: object, name: str) -> str:
    """Returns a text, "" if there is none."""
    found = value.get(name) if isinstance(value, Mapping) else None
    return found if isinstance(found, str) else ""


def texts_in(value: Loose, name: str) -> list[str]:
    """Returns a list of texts; whatever else is in it is left out."""
    found = value.get(name)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def number_in(value: Loose, name: str) -> int | None:
    """Returns a whole number, None if there is none."""
    found = value.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def next_cursor(answer: Loose) -> str:
    """Returns where the next page begins; "" on the last one."""
    return text_in(table_in(answer, "response_metadata"), "next_cursor")
