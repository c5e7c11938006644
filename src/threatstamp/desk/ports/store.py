"""The database: transactions composed of subjects, the inbox, claims."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from threatstamp.core.news.feed import Feed, FeedClaim
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.time import Micros
from threatstamp.desk.ports.feeds import Feeds, ReadFeeds
from threatstamp.desk.ports.forwards import Forwards, ReadForwards
from threatstamp.desk.ports.inbox import Inbox, InboxEvent, ReadInbox
from threatstamp.desk.ports.ledger import Ledger, ReadLedger
from threatstamp.desk.ports.news import Entries, ReadEntries, ReadStories, Stories
from threatstamp.desk.ports.outbox import Claims, Outbox, ReadOutbox
from threatstamp.desk.ports.persons import Persons, ReadPersons
from threatstamp.desk.ports.posts import Posts, ReadPosts
from threatstamp.desk.ports.routes import ReadRoutes, Routes
from threatstamp.desk.ports.stamps import ReadStamps, Stamps
from threatstamp.desk.ports.troubles import ReadTroubles, Troubles
from threatstamp.desk.ports.vitals import ReadVitals, Vitals


class Read(Protocol):
    """One reading: each subject as it is now. It has no writers, and keeps nobody waiting."""

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
    def feeds(self) -> ReadFeeds: ...
    @property
    def entries(self) -> ReadEntries: ...
    @property
    def stories(self) -> ReadStories: ...
    @property
    def ledger(self) -> ReadLedger: ...
    @property
    def troubles(self) -> ReadTroubles: ...
    @property
    def vitals(self) -> ReadVitals: ...
    @property
    def persons(self) -> ReadPersons: ...


class Tx(Protocol):
    """One short write transaction: all of it is recorded, or nothing. It waits for nobody outside."""

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
    def claims(self) -> Claims: ...
    @property
    def feeds(self) -> Feeds: ...
    @property
    def entries(self) -> Entries: ...
    @property
    def stories(self) -> Stories: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def troubles(self) -> Troubles: ...
    @property
    def vitals(self) -> Vitals: ...
    @property
    def persons(self) -> Persons: ...


class Store(Protocol):
    """The database. Every method raises StoreError."""

    def transaction(self) -> AbstractContextManager[Tx]:
        """One write transaction at a time over all processes; commits unless the block raises."""

    def reading(self) -> AbstractContextManager[Read]:
        """A transaction that only reads and keeps nobody waiting."""

    def keep(self, event_id: str, body: str, *, team: str, now: Micros) -> InboxEvent | None:
        """Stores an event durably, taken by the caller; None if it is known already."""

    def take(self, *, now: Micros, limit: int) -> tuple[InboxEvent, ...]:
        """Claims events that nobody is working on."""

    def put_back(self, event: InboxEvent, *, due_at: Micros, error: str, failed: bool) -> None:
        """Keeps an event for later; failed: nothing will process it, it stays to be looked at."""

    def claim(self, *, now: Micros, lease: float, holder: str) -> Claim | None:
        """Claims the oldest due departure whose destination is free and rested."""

    def renew(self, claim: Claim, *, now: Micros, lease: float) -> bool:
        """Prolongs a claim; False if it is not ours any more."""

    def next_due(self, *, now: Micros) -> Micros | None:
        """When something will be due that can be claimed; None if nothing is owed."""

    def claim_feeds(
        self, feeds: Sequence[Feed], *, now: Micros, lease: float, holder: str, due_only: bool
    ) -> tuple[FeedClaim, ...]:
        """Claims feeds that nobody is asking now and that are not held back; due_only: whose turn it is."""

    def release_feeds(self, claims: Sequence[FeedClaim]) -> None:
        """Ends claims whose feeds were not asked after all."""

    def is_calm(self, *, now: Micros, late_before: Micros) -> bool:
        """True if no event and no stamp waits, and no operator needs to be told anything."""

    def purge(self, *, looks_before: Micros, failed_before: Micros) -> None:
        """Deletes looks that no late event can concern, and failed events whose time is up."""

    def scrub(self) -> None:
        """Leaves nothing of what was deleted beside the tables, as far as that can be done now."""
