"""The ledger: what happened, in a chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from threatstamp.core.ids import UserId
from threatstamp.core.ledger.entry import LedgerEntry
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.time import Micros


class ReadLedger(Protocol):
    """The record."""

    def last(self) -> LedgerEntry | None: ...
    def get(self, sequence: int) -> LedgerEntry | None: ...
    def entries(
        self,
        *,
        limit: int | None = None,
        newest: bool = False,
        kind: str | None = None,
        after: int | None = None,
    ) -> Iterator[LedgerEntry]:
        """Yields entries in order, without holding them all; `newest`: the last `limit` of them.

        after: only those with a greater sequence number.
        """

    def about(self, user: UserId) -> tuple[LedgerEntry, ...]:
        """Returns the entries that name a person."""


class Ledger(ReadLedger, Protocol):
    """The same, to write."""

    def append(self, kind: Kind, body: Mapping[str, object], *, now: Micros) -> None:
        """Adds an entry. Raises LedgerError for a body that is not of its kind's schema."""

    def redact(self, sequences: Sequence[int]) -> None:
        """Deletes the bodies of these entries for good."""
