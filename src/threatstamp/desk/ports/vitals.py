"""Vital signs: small facts that processes write about themselves and their work, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from threatstamp.core.time import Micros


class ReadVitals(Protocol):
    """Vital signs on record."""

    def get(self, name: str) -> str | None: ...
    def every(self) -> Mapping[str, tuple[str, Micros]]:
        """Returns every vital sign by name, each with the time it was written."""


class Vitals(ReadVitals, Protocol):
    """The same, to write."""

    def put(self, name: str, value: str, *, now: Micros) -> None: ...
