"""The store: transactions and readings, composed of one protocol per subject; the inbox; claims.

Claims and the inbox are methods of the store and not of a transaction, because each of their calls is a
short transaction of its own, and does not wait for the ledger's lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from threatstamp.core.news.feed import Feed, FeedClaim
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.time import Micros
from threatstamp.desk.ports.calls import Calls, ReadCalls
from threatstamp.desk.ports.cases import Cases, ReadCases, ReadRisks
from threatstamp.desk.ports.copies import Copies, ReadCopies
from threatstamp.desk.ports.feeds import Feeds, ReadFeeds
from threatstamp.desk.ports.forwards import Forwards, ReadForwards
from threatstamp.desk.ports.inbox import Inbox, InboxEvent, ReadInbox
from threatstamp.desk.ports.ledger import Ledger, ReadLedger
from threatstamp.desk.ports.names import Names, ReadNames
from threatstamp.desk.ports.news import (
    Entries,
    Publications,
    ReadClues,
    ReadEntries,
    ReadPublications,
    ReadStories,
    Stories,
)
from threatstamp.desk.ports.outbox import Claims, Outbox, ReadBacklog, ReadOutbox
from threatstamp.desk.ports.persons import Persons, ReadPersons
from threatstamp.desk.ports.posts import Posts, ReadPosts
from threatstamp.desk.ports.priorities import Priorities, ReadPriorities
from threatstamp.desk.ports.records import ReadRecords
from threatstamp.desk.ports.reviews import ReadReviews, Reviews
from threatstamp.desk.ports.routes import ReadRoutes, Routes
from threatstamp.desk.ports.stamps import ReadStamps, Stamps
from threatstamp.desk.ports.tickets import ReadTickets, Tickets
from threatstamp.desk.ports.troubles import ReadTroubles, Troubles
from threatstamp.desk.ports.vitals import ReadVitals, Vitals
from threatstamp.desk.ports.words import ReadWords


class Read(Protocol):
    """A reading of every subject. It has no methods that write, and blocks no writer."""

    @property
    def inbox(self) -> ReadInbox: ...
    @property
    def posts(self) -> ReadPosts: ...
    @property
    def stamps(self) -> ReadStamps: ...
    @property
    def routes(self) -> ReadRoutes: ...
    @property
    def forwards(self) -> ReadForwards: ...
    @property
    def outbox(self) -> ReadOutbox: ...
    @property
    def backlog(self) -> ReadBacklog: ...
    @property
    def feeds(self) -> ReadFeeds: ...
    @property
    def entries(self) -> ReadEntries: ...
    @property
    def stories(self) -> ReadStories: ...
    @property
    def publications(self) -> ReadPublications: ...
    @property
    def clues(self) -> ReadClues: ...
    @property
    def ledger(self) -> ReadLedger: ...
    @property
    def troubles(self) -> ReadTroubles: ...
    @property
    def vitals(self) -> ReadVitals: ...
    @property
    def names(self) -> ReadNames: ...
    @property
    def persons(self) -> ReadPersons: ...
    @property
    def records(self) -> ReadRecords: ...
    @property
    def copies(self) -> ReadCopies: ...
    @property
    def cases(self) -> ReadCases: ...
    @property
    def risks(self) -> ReadRisks: ...
    @property
    def calls(self) -> ReadCalls: ...
    @property
    def tickets(self) -> ReadTickets: ...
    @property
    def priorities(self) -> ReadPriorities: ...
    @property
    def reviews(self) -> ReadReviews: ...
    @property
    def words(self) -> ReadWords: ...


class Tx(Protocol):
    """One short write transaction: all of it is recorded, or nothing. No network call belongs into it."""

    @property
    def inbox(self) -> Inbox: ...
    @property
    def posts(self) -> Posts: ...
    @property
    def stamps(self) -> Stamps: ...
    @property
    def routes(self) -> Routes: ...
    @property
    def forwards(self) -> Forwards: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def backlog(self) -> ReadBacklog: ...
    @property
    def claims(self) -> Claims: ...
    @property
    def feeds(self) -> Feeds: ...
    @property
    def entries(self) -> Entries: ...
    @property
    def stories(self) -> Stories: ...
    @property
    def publications(self) -> Publications: ...
    @property
    def clues(self) -> ReadClues: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def troubles(self) -> Troubles: ...
    @property
    def vitals(self) -> Vitals: ...
    @property
    def names(self) -> Names: ...
    @property
    def persons(self) -> Persons: ...
    @property
    def copies(self) -> Copies: ...
    @property
    def cases(self) -> Cases: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def tickets(self) -> Tickets: ...
    @property
    def priorities(self) -> Priorities: ...
    @property
    def reviews(self) -> Reviews: ...


class Store(Protocol):
    """The database. Every method may raise StoreError."""

    def transaction(self) -> AbstractContextManager[Tx]:
        """One write transaction at a time across all processes; commits unless the block raises."""

    def reading(self, *, whole: bool = False) -> AbstractContextManager[Read]:
        """A reading. On PostgreSQL its queries may see different states; on SQLite it is one snapshot.

        whole: one snapshot everywhere, for what is compared.
        """

    def keep(self, event_id: str, body: str, *, team: str, now: Micros, lease: float) -> InboxEvent | None:
        """Stores an event durably, claimed by the caller; None if it is known: Slack repeats events."""

    def take(self, *, now: Micros, lease: float, limit: int) -> tuple[InboxEvent, ...]:
        """Claims events that no worker has now, at most `limit`, oldest first."""

    def put_back(self, event: InboxEvent, *, due_at: Micros, error: str, failed: bool) -> None:
        """Postpones an event.

        failed: it is not processed again, but kept for an operator until it is purged.
        """

    def claim(self, *, now: Micros, lease: float, holder: str) -> Claim | None:
        """Claims the oldest due departure whose destination has no lease and may be posted to.

        lease: seconds.
        """

    def renew(self, claim: Claim, *, now: Micros, lease: float) -> bool:
        """Extends a claim by `lease` seconds from now; False if it is not ours any more."""

    def next_due(self, *, now: Micros) -> Micros | None:
        """Returns when a departure can be claimed next, not before now; None if nothing is owed."""

    def claim_feeds(
        self,
        of: Sequence[Feed],
        *,
        now: Micros,
        lease: float,
        holder: str,
        due_only: bool,
        insist: bool = False,
    ) -> tuple[FeedClaim, ...]:
        """Claims the feeds that no worker polls now and that are not held back.

        due_only: only those due. insist: neither a back-off nor an end (410) holds a feed back, only the
        server's own Retry-After.
        """

    def release_feeds(self, claims: Sequence[FeedClaim]) -> None:
        """Ends claims on feeds that were not polled after all."""

    def is_calm(self, *, now: Micros, late_before: Micros) -> bool:
        """True if housekeeping has nothing to do: no event or stamp waits, no trouble is open or untold."""

    def purge(self, *, looks_before: Micros, failed_before: Micros) -> None:
        """Deletes looks that ended, and failed events that arrived, before these times."""

    def scrub(self) -> None:
        """Removes what was deleted from the files beside the database, as far as other readers allow now."""
