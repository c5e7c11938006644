"""Records: the working tables, in the words of the ledger to compare them with it, and in numbers."""

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
    CASES = "desk_cases"
    CASE_MOVES = "desk_case_moves"
    PRIORITIES = "desk_priorities"
    REVIEWS = "desk_reviews"
    EXPOSURES = "desk_exposures"


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


class Figure(StrEnum):
    """What is counted by month, and when each counts."""

    COLLECTED = "collected"
    """Entries of feeds, by feed, when they were read; and stamped posts that display none of them, by the app
    that posted them or by the channel that a person wrote in, when they came on record."""
    STAMPED = "stamped"
    """Stamps, by emoji, when they were made; one that was withdrawn and made again is two, as on record."""
    REVIEWED = "reviewed"
    """Stories that one act said are not ours, when it was done, unless they wait again."""
    UNREVIEWED = "unreviewed"
    """Stories that are posted, and that nobody has stamped or reviewed, when they were told last."""
    UNROUTED = "unrouted"
    """Reactions that no route listens to, by emoji; at the time of the post, since theirs is not kept."""
    FORWARDED = "forwarded"
    """Forwards that Slack has, by route, when they were recorded."""
    UNDELIVERABLE = "undeliverable"
    """Forwards that cannot be delivered as things are, by route, when they were recorded."""
    HANDLED = "handled"
    """Cases that are done, by track, when they were finished."""
    OPENED = "opened"
    """Cases, by track, when they were opened."""
    DECIDED = "decided"
    """Decisions, by what was decided, when they were made; another one after a reopening is another one."""
    RESPONDED = "responded"
    """Responses on record, by track, when they were recorded."""
    OVERDUE = "overdue"
    """Cases that are open, by their due date, which is their name; some may not be due yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So many of one name. at: within the quarter of an hour in which they all are."""

    at: Micros
    name: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSpan:
    """How long a case took. priority: "" without one. decided_at, done_at: None if it is not."""

    track: str
    priority: str
    posted_at: Micros
    opened_at: Micros
    decided_at: Micros | None
    done_at: Micros | None


class ReadRecords(Protocol):
    """The working tables."""

    def rows(self, table: Kept) -> Iterator[KeptRow]:
        """Yields every row of a table, page by page."""

    def counted(self, figure: Figure) -> Iterator[Counted]:
        """Yields how many there are, in no order, without holding them all in memory.

        In a reading of the whole only: it keeps a cursor open.
        """

    def spans(self) -> Iterator[CaseSpan]:
        """Yields how long each case took; under the same condition."""
