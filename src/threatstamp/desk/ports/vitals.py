"""Signs of life: small facts that processes write down of themselves, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from threatstamp.core.time import Micros


class ReadVitals(Protocol):
    """What was written down."""

    def get(self, name: str) -> str | None: ...
    def every(self) -> Mapping[str, tuple[str, Micros]]:
        """Returns every sign of life with the time it was written."""


class Vitals(ReadVitals, Protocol):
    """The same, to write."""

    def put(self, name: str, value: str, *, now: Micros) -> None: ...
