"""Answers of Slack's that are believed for a while, so that a busy channel does not cost a call a stamp."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from threatstamp.desk.ports.time import Clock

T = TypeVar("T")
FRESH = 60.0
"""Seconds that a group's members and a person's organisation are believed."""


class Cache(Generic[T]):
    """Answers that are believed for a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, T]] = {}

    def get(self, name: str, ask: Callable[[str], T]) -> T:
        now = self._clock.steady()
        with self._lock:
            known = self._known.get(name)
        if known is not None and now - known[0] < FRESH:
            return known[1]
        value = ask(name)
        with self._lock:
            self._known[name] = (now, value)
        return value

    def clear(self) -> None:
        with self._lock:
            self._known.clear()
