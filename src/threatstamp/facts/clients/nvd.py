"""NVD's API: all records page by page at first, then what was changed, in windows of 120 days at most.

It lets itself be asked 5 times in 30 seconds, and 50 times with a key
(https://nvd.nist.gov/developers/start-here).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from threatstamp.core.facts.document import DocumentError, FetchError
from threatstamp.facts.clients.delivery import Cursor, Delivery
from threatstamp.facts.loose import number
from threatstamp.facts.streaming import JsonList
from threatstamp.facts.web import Web, host_of

PACE, PACE_WITH_KEY = 6.0, 0.6
PAGE = 2_000
MOST_BYTES = 200_000_000
LONGEST = timedelta(days=119)
OVERLAP = timedelta(hours=1)
"""A change is found a little later than its time says."""


class NvdClient:
    """Fetches pages. Cursor: since = all changes up to then are loaded; until, start = the window under way.

    key: of the API, "" for none.
    """

    def __init__(self, url: str, *, key: str = "") -> None:
        self._url = url
        self._key = key

    def deliveries(self, cursor: Cursor, web: Web) -> Iterator[Delivery]:
        """The FactClient port."""
        now = datetime.fromtimestamp(web.now(), UTC)
        since, until, start = cursor.get("since", ""), cursor.get("until", ""), int(cursor.get("start", "0"))
        while True:
            if not until:
                end = now if not since else min(now, datetime.fromisoformat(since) + LONGEST)
                until, start = end.isoformat(), 0
            page = self._page(since, until, start, web)
            total, at, size = (int(number(page.head.get(name)) or 0) for name in _COUNTS)
            start = at + max(size, 1)
            is_last = start >= total
            cursor = {"since": until} if is_last else {"since": since, "until": until, "start": str(start)}
            yield Delivery(path=page.path if size else None, cursor=cursor)
            if is_last:
                since, until = until, ""
                if datetime.fromisoformat(since) >= now:
                    return

    def _page(self, since: str, until: str, start: int, web: Web) -> JsonList:
        query = {"resultsPerPage": str(PAGE), "startIndex": str(start)}
        if since:
            first = datetime.fromisoformat(since) - OVERLAP
            query |= {
                "lastModStartDate": _time(first),
                "lastModEndDate": _time(datetime.fromisoformat(until)),
            }
        asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        got = web.get(
            f"{self._url}?{asked}",
            name="nvd.json",
            most=MOST_BYTES,
            headers=((b"apiKey", self._key.encode("ascii", "replace")),) if self._key else (),
            pace=PACE_WITH_KEY if self._key else PACE,
        )
        if got is None:
            raise FetchError("facts.http_status", host=host_of(self._url), status="304")
        try:
            return JsonList(got.path, "vulnerabilities")
        except DocumentError as error:
            raise FetchError("facts.foreign", host=host_of(self._url)) from error


_COUNTS = ("totalResults", "startIndex", "resultsPerPage")


def _time(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
