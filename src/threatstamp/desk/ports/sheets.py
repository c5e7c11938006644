"""The spreadsheet, as the steps need it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from threatstamp.core.news.marking import Tlp
from threatstamp.core.time import Micros


class RowStatus(StrEnum):
    """What came of a forward."""

    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """One row of the record: what came of a forward.

    key: unique in the tab; the same for the same outcome of the same forward, whenever it is made. link: the
    post's permalink, None if it is not known. people: who stamped, oldest first. stamped_at: the first of
    their stamps, None if it is not on record any more. delivered_at: only for DELIVERED. marking: of the
    post, whose words are in no column.
    """

    key: str
    link: str | None
    reaction: str
    people: tuple[str, ...]
    stamped_at: Micros | None
    route: str
    destination: str
    delivered_at: Micros | None
    outcome: RowStatus
    marking: Tlp | None = None


class RecordSheet(Protocol):
    """The tab with the record. Each method is one call or a few, and may raise SheetError."""

    @property
    def name(self) -> str:
        """Which tab of which spreadsheet it is."""

    def look(self) -> None:
        """Finds the columns and writes nothing. Raises SheetError if the tab is not fit for the record."""

    def keys(self) -> frozenset[str]:
        """Returns the key of every row, wherever people moved it; writes the headings into an empty tab."""

    def append(self, rows: Sequence[RecordRow]) -> None:
        """Adds rows below the last one, all of them or none.

        After an error without an answer they may be there, or still come. `keys` was called before.
        """
