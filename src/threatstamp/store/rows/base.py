"""What the rows of every subject have: a connection, and a way to read JSON that was written here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
MANY = 400
"""So many values at the most in one question: SQLite takes no more than 999 in old versions."""


class Rows:
    """The rows of one subject, on the connection of a transaction or of a reading."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection


def batches(values: Iterable[T], size: int = MANY) -> Iterator[list[T]]:
    """Yields values, so many at a time as one question may hold."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
