"""The database: transactions, the inbox, claims."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from threatstamp.core.departure import Claim
from threatstamp.core.feed import Feed, FeedClaim
from threatstamp.desk.ports.news import News
from threatstamp.desk.ports.record import Facts, Owed, Record, Routing


class Tx(Facts, Routing, Owed, Record, News, Protocol):
    """One short write transaction. Nothing in it waits for the outside world."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An event in the inbox: Slack's own JSON, until it is worked off."""

    id: int
    body: str
    attempts: int


class Inbox(Protocol):
    """Events that were kept before they were acknowledged."""

    def keep(self, event_id: str, body: str, *, team: str, now: int) -> Kept | None:
        """Stores an event durably, taken by the caller; None if it is being worked on already."""

    def take(self, *, now: int, limit: int) -> tuple[Kept, ...]:
        """Claims events that nobody is working on."""

    def put_back(self, event: Kept, *, due_at: int, error: str, failed: bool) -> None:
        """Keeps an event for later; failed: nothing will work it off, it stays to be looked at."""


class Store(Inbox, Protocol):
    """The database."""

    def transaction(self) -> AbstractContextManager[Tx]:
        """One write transaction at a time over all processes; commits unless the block raises."""

    def reading(self) -> AbstractContextManager[Tx]:
        """A transaction that only reads and keeps nobody waiting."""

    def scrub(self) -> None:
        """Leaves nothing of what was deleted beside the tables, as far as that can be done now."""

    def claim(self, *, now: int, lease: float, holder: str) -> Claim | None:
        """Claims the oldest due departure whose destination is free and rested."""

    def renew(self, claim: Claim, *, now: int, lease: float) -> bool:
        """Prolongs a claim; False if it is not ours any more."""

    def next_due(self, *, now: int) -> int | None:
        """When something will be due that can be claimed (microseconds); None if nothing is owed."""

    def claim_feeds(
        self, feeds: Sequence[Feed], *, now: int, lease: float, holder: str, due_only: bool
    ) -> tuple[FeedClaim, ...]:
        """Claims feeds that nobody is asking now and that are not held back; due_only: whose turn it is."""

    def release_feeds(self, claims: Sequence[FeedClaim]) -> None:
        """Ends claims whose feeds were not asked after all."""
