"""Departures' bodies: JSON objects of plain values, which each kind writes and reads itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")
Body = Mapping[str, object]


def write_body(**values: object) -> str:
    """Returns values (text, numbers, booleans, lists and objects of them) as JSON text."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True)


def read_body(text: str) -> Body:
    """Returns a body's values. Raises ValueError unless it is a JSON object."""
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("the body of a departure is no JSON object")
    return found


def text_in(body: Body, name: str) -> str:
    """Returns a value that must be text. Raises ValueError."""
    return _typed(body, name, str)


def number_in(body: Body, name: str) -> int:
    """Returns a value that must be a whole number. Raises ValueError."""
    return _typed(body, name, int)


def flag_in(body: Body, name: str) -> bool:
    """Returns a value that must be true or false. Raises ValueError."""
    return _typed(body, name, bool)


def texts_in(body: Body, name: str) -> tuple[str, ...]:
    """Returns a value that must be a list, its items as text. Raises ValueError."""
    return tuple(map(str, _typed(body, name, list)))


def table_in(body: Body, name: str) -> dict[str, str]:
    """Returns a value that must be an object, its keys and values as text. Raises ValueError."""
    return {str(key): str(value) for key, value in _typed(body, name, dict).items()}


def _typed(body: Body, name: str, kind: type[T]) -> T:
    value = body.get(name)
    if not isinstance(value, kind):
        raise ValueError(f"a departure's {name} is no {kind.__name__}")
    return value
