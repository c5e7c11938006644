"""Finds a person's id in JSON, and replaces it."""

from __future__ import annotations

import re
from typing import Any

from threatstamp.core.ids import UserId

_WORDS = ("text", "title", "source", "blocks", "attachments", "files", "permalink", "audience")
"""Keys of what a person wrote, in a snapshot of ours or in an event from Slack."""

_BY = ("user", "author")
"""Keys of who wrote it, in the same object."""


def names(value: object, user: UserId) -> bool:
    """True if JSON contains a person's id, as a key or value of its own or within text."""
    if isinstance(value, dict):
        return any(names(inner, user) for inner in (*value.keys(), *value.values()))
    if isinstance(value, list):
        return any(names(inner, user) for inner in value)
    return isinstance(value, str) and bool(_mention(user).search(value))


def without(value: Any, user: UserId, alias: UserId) -> Any:
    """Returns JSON with a person's id replaced by an alias, and with everything they wrote emptied.

    What others wrote stays, with the alias in place of a mention.
    """
    if isinstance(value, dict):
        is_theirs = any(value.get(name) == user for name in _BY)
        kept = {
            name: _emptied(inner) if is_theirs and name in _WORDS else inner for name, inner in value.items()
        }
        return {without(name, user, alias): without(inner, user, alias) for name, inner in kept.items()}
    if isinstance(value, list):
        return [without(inner, user, alias) for inner in value]
    if isinstance(value, str):
        return _mention(user).sub(alias, value)
    return value


def _emptied(value: object) -> object:
    if isinstance(value, str):
        return ""
    return [] if isinstance(value, list) else None


def _mention(user: UserId) -> re.Pattern[str]:
    """Matches an id as a whole word, because one id may be the beginning of another."""
    return re.compile(rf"(?<![A-Z0-9]){re.escape(user)}(?![A-Z0-9])")
