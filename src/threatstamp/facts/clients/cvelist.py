"""The CVE List: the archive of all records once, then what was changed since, day by day and hour by hour.

GitHub lists the releases; each has the archive of midnight and one of what has changed since then. The last
one of a day has all of its changes. Shape: https://docs.github.com/en/rest/releases/releases
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from threatstamp.core.facts.document import FetchError
from threatstamp.facts.clients.delivery import Cursor, Delivery
from threatstamp.facts.files import content_of
from threatstamp.facts.loose import read_json, tables, words
from threatstamp.facts.web import Web, discard, given_in, host_of

MOST_LIST = 20_000_000
MOST_BYTES = 4_000_000_000
_ASSET = re.compile(r"(\d{4}-\d\d-\d\d)_(all|delta)_CVEs_at_([A-Za-z0-9_]+)\.zip(?:\.zip)?")
LAST = "end_of_day"


class CveListClient:
    """Fetches what of the CVE List is new. Cursor: the last change of which day is loaded."""

    def __init__(self, url: str) -> None:
        self._url = url

    def deliveries(self, cursor: Cursor, web: Web) -> Iterator[Delivery]:
        """The FactClient port."""
        got = web.get(self._url, name="cvelist-releases.json", most=MOST_LIST, given=given_in(cursor))
        if got is None:
            return
        wholes, changes = self._assets(content_of(got.path))
        discard(got.path)
        if not wholes:
            raise FetchError("facts.no_release", host=host_of(self._url))
        loaded = {name: said for name, said in cursor.items() if name in ("day", "at")}
        if not _is_covered(loaded.get("day", ""), max(wholes), changes):
            loaded = {"day": max(wholes)}
            yield Delivery(path=_download(web, wholes[loaded["day"]]), cursor=loaded)
        for day in sorted(one for one in changes if one >= loaded["day"]):
            at, url = max(changes[day], key=_order)
            if loaded != {"day": day, "at": at}:
                loaded = {"day": day, "at": at}
                yield Delivery(path=_download(web, url), cursor=loaded)
        yield Delivery(path=None, cursor={**loaded, **got.given.as_cursor})

    def _assets(self, content: bytes) -> tuple[dict[str, str], dict[str, list[tuple[str, str]]]]:
        """Returns the archives by day, and the changes by day, each with its time."""
        try:
            releases = read_json(content)
        except ValueError as error:
            raise FetchError("facts.no_release", host=host_of(self._url)) from error
        wholes: dict[str, str] = {}
        changes: dict[str, list[tuple[str, str]]] = {}
        for release in tables(releases if isinstance(releases, list) else [releases]):
            for asset in tables(release.get("assets")):
                found, url = (
                    _ASSET.fullmatch(words(asset.get("name"))),
                    words(asset.get("browser_download_url")),
                )
                if found and url and found[2] == "all":
                    wholes[found[1]] = url
                elif found and url:
                    changes.setdefault(found[1], []).append((found[3], url))
        return wholes, changes


def _is_covered(loaded: str, newest: str, changes: dict[str, list[tuple[str, str]]]) -> bool:
    """True if what has changed since the day that is loaded can be had day by day."""
    try:
        day, end = date.fromisoformat(loaded), date.fromisoformat(newest)
    except ValueError:
        return False
    while day < end:
        if not any(at == LAST for at, _ in changes.get(day.isoformat(), ())):
            return False
        day += timedelta(days=1)
    return True


def _order(change: tuple[str, str]) -> tuple[bool, str]:
    return change[0] == LAST, change[0]


def _download(web: Web, url: str) -> Path:
    got = web.get(url, name="cvelist.zip", most=MOST_BYTES)
    if got is None:  # it was not asked conditionally
        raise FetchError("facts.http_status", host=host_of(url), status="304")
    return got.path
