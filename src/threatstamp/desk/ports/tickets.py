"""Tickets on record, and the trackers of developers in which they are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from threatstamp.core.cases.ticket import Ticket
from threatstamp.core.ids import Key, TrackerName
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.time import Micros


class ReadTickets(Protocol):
    """Tickets on record."""

    def of(self, case: int) -> Ticket | None:
        """Returns the ticket of a case, made or owed."""

    def is_due(self, of: Sequence[TrackerName], *, now: Micros) -> bool:
        """True if a ticket in these trackers can be claimed now."""


class Tickets(ReadTickets, Protocol):
    """The same, to write."""

    def owe(self, ticket: Ticket) -> bool:
        """Records a ticket that is to be made; False if its case has one already.

        One that was withheld, or ordered in shadow, counts as none.
        """

    def claim(self, of: Sequence[TrackerName], *, now: Micros, until: Micros) -> Ticket | None:
        """Claims the ticket in these trackers that has been due longest, and returns it with its new token.

        Only those of open cases are asked for; what is owed is made in any case. `unsure` is as it was
        before; on record it is true from now on, as long as the ticket is not made. Nobody else claims it
        before `until`.
        """

    def put(self, ticket: Ticket) -> bool:
        """Records what came of a claim; False, and nothing is, if somebody has claimed the ticket since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketDraft:
    """What a ticket says, as plain text in the language of the settings; each tracker escapes it.

    key: what it is found by. lines: what the developers need. post: the address of the post, "" if it is not
    known. priority: None while nobody has said any, and no table has.
    """

    key: Key
    case: int
    title: str
    lines: tuple[str, ...]
    post: str
    post_words: str
    due_on: date | None
    priority: Priority | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeTicket:
    """A ticket as its tracker has it. number, link: "" where it does not say."""

    number: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLook:
    """What a tracker says of a ticket. mark: to be given back with the next question. is_gone: not found."""

    is_closed: bool
    is_gone: bool = False
    mark: str = ""


class Tracker(Protocol):
    """One tracker. Each method is a few calls, and may raise TrackerError."""

    @property
    def can_be_asked(self) -> bool:
        """False for one that says nothing of its tickets: they are neither found again nor followed."""

    def make(self, draft: TicketDraft) -> MadeTicket:
        """Makes a ticket. After an error that is `ambiguous` it may be there, or still come."""

    def find(self, key: Key, *, since: Micros) -> MadeTicket | None:
        """Looks for a ticket with this key that was made since then."""

    def look(self, number: str, mark: str) -> TicketLook:
        """Asks whether a ticket is closed. mark: of the last look, "" for the first."""
