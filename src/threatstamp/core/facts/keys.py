"""Ids as keys: one and the same, however a text or a person writes it."""

from __future__ import annotations

from threatstamp.core.facts.ids import ids_in

MOST_KEYS = 100
"""Ids of one entry that are kept. A list of a year's CVEs is about none of them."""


def id_key(value: str) -> str:
    """Returns an id's key: publishers write the same id in small letters and in capitals."""
    return value.upper()


def id_keys(*texts: str) -> tuple[str, ...]:
    """Returns the keys of the ids that texts and links name, each once, in order."""
    return tuple(dict.fromkeys(id_key(one.value) for one in ids_in(*texts)))[:MOST_KEYS]
