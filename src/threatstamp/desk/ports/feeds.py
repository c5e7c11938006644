"""Feeds: the state of each, and access to their servers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from threatstamp.core.news.entry import Fetched
from threatstamp.core.news.feed import FeedClaim, FeedState, Request


class ReadFeeds(Protocol):
    """States on record."""

    def states(self) -> tuple[FeedState, ...]:
        """Returns the state of every feed that was ever polled."""


class Feeds(ReadFeeds, Protocol):
    """The same, to write."""

    def holds(self, claim: FeedClaim) -> bool:
        """True if the claim is still ours. Nobody else can get it until this transaction ends."""

    def put(self, claim: FeedClaim, state: FeedState) -> None:
        """Records a feed's state and ends the claim; changes nothing if the claim is not ours any more."""


class Fetching(Protocol):
    """Access to feeds' servers."""

    def fetch_all(self, requests: Sequence[tuple[FeedClaim, Request]]) -> Iterator[tuple[FeedClaim, Fetched]]:
        """Fetches from many servers at once, one document at a time from each; yields results as they come.

        It raises nothing for a server's errors: they are problems in the results.
        """
