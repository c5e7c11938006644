"""Feeds: how each is, and the way to their servers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from threatstamp.core.news.entry import Fetched
from threatstamp.core.news.feed import FeedClaim, FeedState, Request


class ReadFeeds(Protocol):
    """How feeds are."""

    def states(self) -> tuple[FeedState, ...]:
        """Returns the state of every feed that was ever asked."""


class Feeds(ReadFeeds, Protocol):
    """The same, to write."""

    def holds(self, claim: FeedClaim) -> bool:
        """True if nobody has taken over; nobody can until this transaction ends."""

    def put(self, claim: FeedClaim, state: FeedState) -> None:
        """Records how a feed is now, and ends the claim."""


class Fetching(Protocol):
    """The way to feeds' servers."""

    def fetch_all(self, requests: Sequence[tuple[FeedClaim, Request]]) -> Iterator[tuple[FeedClaim, Fetched]]:
        """Asks many servers at once, each for one document at a time; yields answers as they come."""
