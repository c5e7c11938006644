"""Troubles: what an operator must know."""

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
        """Returns troubles, and fixed ones, that alerts do not know of yet."""


class Troubles(ReadTroubles, Protocol):
    """The same, to write."""

    def open(self, kind: TroubleKind, subject: str, *, values: Mapping[str, str], now: Micros) -> None:
        """Opens a trouble; nothing happens if it is open already."""

    def fix(self, kind: TroubleKind, subject: str, *, now: Micros) -> None:
        """Closes a trouble; nothing happens if it is not open."""

    def put_told(self, trouble: Trouble) -> None:
        """Alerts know of it as it is now."""
