"""Answers of Slack that are kept for a while, so that a busy channel does not cost one call per stamp."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from threatstamp.desk.ports.time import Clock

T = TypeVar("T")
FRESH = 60.0
"""Seconds that a group's members and a person's organisation are kept."""


class Cache(Generic[T]):
    """Answers that are kept for a minute, by name."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, T]] = {}

    def get(self, name: str, fetch: Callable[[str], T]) -> T:
        """Returns the answer that is kept, or fetches it. Two threads may fetch the same at once."""
        now = self._clock.steady()
        with self._lock:
            known = self._known.get(name)
        if known is not None and now - known[0] < FRESH:
            return known[1]
        value = fetch(name)
        with self._lock:
            self._known[name] = (now, value)
        return value

    def clear(self) -> None:
        with self._lock:
            self._known.clear()
