"""Access to feeds' servers, opened when the first feed is polled.

A desk without feeds then does not import the HTTP client and the parsers.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from threatstamp.core.news.entry import Fetched
from threatstamp.core.news.feed import FeedClaim, Request

if TYPE_CHECKING:
    from threatstamp.feeds.fetch import Fetcher


class LazyFetching:
    """The Fetching port. allow_private: networks that are allowed although they are not public."""

    def __init__(self, allow_private: tuple[str, ...]) -> None:
        self._allow_private = allow_private
        self._lock = threading.Lock()
        self._fetcher: Fetcher | None = None
        self._closed = False

    def fetch_all(self, requests: Sequence[tuple[FeedClaim, Request]]) -> Iterator[tuple[FeedClaim, Fetched]]:
        fetcher = self._open() if requests else None
        return iter(()) if fetcher is None else fetcher.fetch_all(requests)

    def allow(self, networks: tuple[str, ...]) -> None:
        """Changes the allowed private networks; requests that began under the old ones end at once."""
        with self._lock:
            if networks == self._allow_private:
                return
            self._allow_private = networks
            fetcher, self._fetcher = self._fetcher, None
        if fetcher is not None:
            fetcher.close()

    def close(self) -> None:
        """Ends all requests at once."""
        with self._lock:
            self._closed = True
            if self._fetcher is not None:
                self._fetcher.close()

    def _open(self) -> Fetcher | None:
        with self._lock:
            if self._fetcher is None and not self._closed:
                from threatstamp.feeds.fetch import Fetcher

                self._fetcher = Fetcher(allow_private=self._allow_private)
            return None if self._closed else self._fetcher
