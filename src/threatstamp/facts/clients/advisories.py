"""Sources that are asked for one id at a time: OSV, GitHub's advisories; the CVE List and NVD for a CVE."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from threatstamp.core.facts.cve import CveId, cve_of
from threatstamp.core.facts.document import FetchError
from threatstamp.facts.clients.delivery import Cursor, Delivery
from threatstamp.facts.web import Web

MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OneByOne:
    """Asks for each id. address: of an id at its source; "" for one that the source cannot know.

    pace: seconds between two questions. The cursor stays what it is.
    """

    ids: Sequence[CveId]
    address: Callable[[CveId], str]
    name: str
    pace: float = 1.0

    def deliveries(self, cursor: Cursor, web: Web) -> Iterator[Delivery]:
        """The FactClient port."""
        for url in filter(None, map(self.address, self.ids)):
            try:
                got = web.get(url, name=self.name, most=MOST_BYTES, pace=self.pace)
            except FetchError as error:
                if error.problem.key != "facts.http_404":  # it does not know this id, and may know the next
                    raise
                got = None
            if got is not None and got.path.stat().st_size > len(b"[]\n"):
                yield Delivery(path=got.path, cursor=cursor)


def osv_address(base: str) -> Callable[[CveId], str]:
    """Returns where OSV has a record."""
    return lambda one: f"{base.rstrip('/')}/vulns/{one}"


def ghsa_address(base: str) -> Callable[[CveId], str]:
    """Returns where GitHub has the advisories about a CVE, or the one with this id."""

    def address(one: CveId) -> str:
        if cve_of(one):
            return f"{base.rstrip('/')}/advisories?cve_id={one}"
        return f"{base.rstrip('/')}/advisories/{one}" if one.startswith("GHSA-") else ""

    return address


def record_address(base: str) -> Callable[[CveId], str]:
    """Returns where the CVE List's service has a record."""
    return lambda one: f"{base.rstrip('/')}/{one}" if cve_of(one) else ""


def nvd_address(base: str) -> Callable[[CveId], str]:
    """Returns where NVD has a CVE."""
    return lambda one: f"{base}?cveId={one}" if cve_of(one) else ""
