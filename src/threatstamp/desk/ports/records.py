"""Records: the working tables, in the words of the ledger, to compare them with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from threatstamp.core.time import Micros

Value = str | int | None


class Kept(StrEnum):
    """The tables whose rows follow from the ledger. The values are the tables' names."""

    POSTS = "desk_posts"
    STAMPS = "desk_turns"
    FORWARDS = "desk_forwards"
    MESSAGES = "desk_departures"
    ENTRIES = "desk_entries"
    STORIES = "desk_stories"
    CONTACTS = "desk_contacts"
    IMPORTS = "desk_imports"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRow:
    """A row of a working table. key: what the ledger calls it by. values: by the names of its bodies.

    at: when it was recorded, which is the time of its entry; None if the row does not say.
    owed: it follows from an entry; otherwise it may be there without one, such as a message not sent yet.
    damaged: the name of a column that cannot be read, "" if all can.
    """

    key: tuple[str, ...]
    values: Mapping[str, Value]
    at: Micros | None = None
    owed: bool = True
    damaged: str = ""


class ReadRecords(Protocol):
    """The working tables."""

    def rows(self, table: Kept) -> Iterator[KeptRow]:
        """Yields every row of a table, page by page."""
