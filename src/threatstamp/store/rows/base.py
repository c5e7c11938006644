"""What the rows of every subject share: a connection, and queries in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
MANY = 400
"""How many values a query may contain: SQLite before 3.32 allows 999 parameters."""


Note = tuple[str, Mapping[str, object]]
"""What happened, for the process's own log, with its values: ids alone, or a ledger entry's body."""


class Rows:
    """The rows of one subject, on the connection of a transaction or of a reading.

    notes: where a transaction collects what happened in it; it is said once it is committed.
    """

    def __init__(self, connection: Connection, notes: list[Note] | None = None) -> None:
        self.connection = connection
        self._notes = [] if notes is None else notes

    def _note(self, what: str, **values: object) -> None:
        """Notes something that the ledger does not say."""
        self._notes.append((what, values))


def batches(values: Iterable[T], size: int = MANY) -> Iterator[list[T]]:
    """Yields values in lists of the size that one query may contain."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
