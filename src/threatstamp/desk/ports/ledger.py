"""The ledger: an append-only chain of what happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from threatstamp.core.ids import UserId
from threatstamp.core.ledger.entry import LedgerEntry
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.time import Micros


class ReadLedger(Protocol):
    """Entries on record."""

    def last(self) -> LedgerEntry | None:
        """Returns the newest entry without its body, which nothing that follows it needs."""

    def get(self, sequence: int) -> LedgerEntry | None: ...
    def entries(
        self,
        *,
        limit: int | None = None,
        newest: bool = False,
        kind: str | None = None,
        after: int | None = None,
    ) -> Iterator[LedgerEntry]:
        """Yields entries in order, without holding them all in memory, damaged ones included.

        newest: the last `limit` of them instead of the first. after: only greater sequence numbers.
        """

    def stray(self) -> int | None:
        """Returns the lowest sequence number of a body without an entry; None if there is no such body."""

    def about(self, user: UserId) -> tuple[LedgerEntry, ...]:
        """Returns the entries whose bodies name a person."""


class Ledger(ReadLedger, Protocol):
    """The same, to write."""

    def append(self, kind: Kind, body: Mapping[str, object], *, now: Micros) -> None:
        """Appends an entry. Raises LedgerError for a body that does not match a schema of its kind."""

    def redact(self, sequences: Sequence[int]) -> None:
        """Deletes the bodies and salts of these entries for good."""
