"""Troubles: conditions that need an operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from threatstamp.core.time import Micros
from threatstamp.core.trouble import Trouble, TroubleKind


class ReadTroubles(Protocol):
    """Troubles on record."""

    def unfixed(self, *kinds: TroubleKind) -> tuple[Trouble, ...]:
        """Returns the open troubles of these kinds, oldest first; of all kinds if none is named."""

    def untold(self) -> tuple[Trouble, ...]:
        """Returns the troubles whose opening, or whose end, has not been reported in alerts yet."""


class Troubles(ReadTroubles, Protocol):
    """The same, to write."""

    def open(self, kind: TroubleKind, subject: str, *, values: Mapping[str, str], now: Micros) -> None:
        """Opens a trouble. Idempotent: nothing happens if it is open already."""

    def fix(self, kind: TroubleKind, subject: str, *, now: Micros) -> None:
        """Closes a trouble. Idempotent: nothing happens if it is not open."""

    def put_told(self, trouble: Trouble) -> None:
        """Notes that a trouble was reported in its present state, open or fixed."""
