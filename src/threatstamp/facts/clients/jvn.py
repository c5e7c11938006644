"""JVN iPedia: its feeds year by year at first, then the one of what is new and changed.

That one has about two days. Who was away for longer takes the feed of the year again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from threatstamp.core.facts.document import FetchError
from threatstamp.facts.clients.delivery import Cursor, Delivery
from threatstamp.facts.web import Web, given_in

PACE = 1.0
FIRST_YEAR = 1998
MOST_BYTES = 150_000_000
FEED_HAS = timedelta(hours=36)


class JvnClient:
    """Fetches feeds. Cursor: the last year that is loaded, and when the newest feed was read."""

    def __init__(self, url: str) -> None:
        self._url = url if url.endswith("/") else f"{url}/"

    def deliveries(self, cursor: Cursor, web: Web) -> Iterator[Delivery]:
        """The FactClient port."""
        now = datetime.fromtimestamp(web.now(), UTC)
        done = int(cursor.get("year", FIRST_YEAR - 1))
        read_at = cursor.get("read_at", "")
        if read_at and now - datetime.fromisoformat(read_at) > FEED_HAS:
            done = min(done, datetime.fromisoformat(read_at).year - 1)
            cursor = {}
        for year in range(done + 1, now.year + 1):
            yield from self._year(year, web)
            done, cursor = year, {}
        got = web.get(
            f"{self._url}jvndb.rdf", name="jvn.rdf", most=MOST_BYTES, given=given_in(cursor), pace=PACE
        )
        given = got.given if got is not None else given_in(cursor)
        after = {"year": str(done), "read_at": now.isoformat(), **given.as_cursor}
        yield Delivery(path=got.path if got is not None else None, cursor=after)

    def _year(self, year: int, web: Web) -> Iterator[Delivery]:
        try:
            url = f"{self._url}years/jvndb_{year}.rdf"
            got = web.get(url, name="jvn.rdf", most=MOST_BYTES, pace=PACE)
        except FetchError as error:
            if error.problem.key != "facts.http_404":  # the first years may have none
                raise
            got = None
        yield Delivery(path=got.path if got is not None else None, cursor={"year": str(year)})
