"""What the rows of every subject share: a connection, and queries in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
MANY = 400
"""How many values a query may contain: SQLite before 3.32 allows 999 parameters."""


class Rows:
    """The rows of one subject, on the connection of a transaction or of a reading."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection


def batches(values: Iterable[T], size: int = MANY) -> Iterator[list[T]]:
    """Yields values in lists of the size that one query may contain."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
