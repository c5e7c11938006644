"""Sources that publish one document at one address: CISA's catalogue, and EPSS of the day."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.facts.clients.delivery import Cursor, Delivery
from threatstamp.facts.web import Web, given_in

MOST_BYTES = 100_000_000


class WholeDocument:
    """Fetches a document that replaces the one before. name: of its file."""

    def __init__(self, url: str, *, name: str) -> None:
        self._url = url
        self._name = name

    def deliveries(self, cursor: Cursor, web: Web) -> Iterator[Delivery]:
        """The FactClient port."""
        got = web.get(self._url, name=self._name, most=MOST_BYTES, given=given_in(cursor))
        if got is not None:
            yield Delivery(path=got.path, cursor=got.given.as_cursor)
