"""What a source's client brings: documents one after the other, each with where to go on after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from threatstamp.facts.web import Web

Cursor = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A document to load, None if there is nothing in it. cursor: to be kept once it is loaded."""

    path: Path | None
    cursor: Cursor


class FactClient(Protocol):
    """Knows how a source publishes. An interrupted run begins anew at the last cursor."""

    def deliveries(self, cursor: Cursor, web: Web) -> Iterator[Delivery]:
        """Yields what is new since this cursor; nothing if nothing is. Raises FetchError."""
