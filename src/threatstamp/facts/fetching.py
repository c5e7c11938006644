"""Each source with what fetches it."""

from __future__ import annotations

from collections.abc import Sequence

from threatstamp.config.facts import FactsSettings
from threatstamp.core.facts.assessment import CVELIST, EPSS, GHSA, JVN, KEV, NVD, OSV, FactSource
from threatstamp.core.facts.cve import CveId
from threatstamp.facts.clients.advisories import (
    OneByOne,
    ghsa_address,
    nvd_address,
    osv_address,
    record_address,
)
from threatstamp.facts.clients.cvelist import CveListClient
from threatstamp.facts.clients.delivery import FactClient
from threatstamp.facts.clients.jvn import JvnClient
from threatstamp.facts.clients.nvd import PACE, PACE_WITH_KEY, NvdClient
from threatstamp.facts.clients.whole import WholeDocument

ASKABLE = (CVELIST, NVD, OSV, GHSA)
"""The sources that can be asked for one id."""


def client_of(
    source: FactSource, settings: FactsSettings, *, key: str = "", ids: Sequence[CveId] = ()
) -> FactClient:
    """Returns what fetches a source: all that is new, or only what it says about these ids.

    key: of NVD's API. Raises KeyError for ids of a source that cannot be asked for them, and for none of one
    that publishes nothing else.
    """
    url = settings.address(source)
    if ids or source in (OSV, GHSA):
        if not ids:
            raise KeyError(source)
        address = {
            CVELIST: lambda _: record_address(settings.record_url),
            NVD: nvd_address,
            OSV: osv_address,
            GHSA: ghsa_address,
        }[source](url)
        pace = (PACE_WITH_KEY if key else PACE) if source == NVD else 1.0
        return OneByOne(ids=ids, address=address, name=f"{source}.json", pace=pace)
    if source == CVELIST:
        return CveListClient(url)
    if source == NVD:
        return NvdClient(url, key=key)
    if source == JVN:
        return JvnClient(url)
    return WholeDocument(url, name={KEV: "kev.json", EPSS: "epss.csv"}[source])
