"""Invented facts about the invented vulnerabilities of the demo, loaded as documents would be."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import partial

from threatstamp.core.facts.assessment import (
    CVELIST,
    EPSS,
    KEV,
    Affected,
    Assessment,
    CveState,
    Epss,
    Exploited,
    Ssvc,
    VersionRange,
)
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.document import FactDocument
from threatstamp.core.facts.score import Score, Scorer
from threatstamp.demo.publishers import Happening
from threatstamp.desk.facts.load import LoadFacts
from threatstamp.desk.ports.time import Clock
from threatstamp.store.facts import open_facts

_SCORES = {
    "CVE-2099-10001": (9.8, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
    "CVE-2099-10009": (6.5, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:N/A:N"),
    "CVE-2099-10014": (8.1, "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:N"),
    "CVE-2099-10025": (6.5, "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:N/A:N"),
    "CVE-2099-10030": (9.8, "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
}
_AFFECTED = {
    "CVE-2099-10001": ("Hakobune", "Hakobune FTP", "2.4"),
    "CVE-2099-10009": ("Hinoki", "Hinoki Report", "3.2"),
    "CVE-2099-10014": ("Yamabiko", "Yamabiko Post", "5.2"),
    "CVE-2099-10025": ("Hayate Project", "Hayate", "44"),
    "CVE-2099-10030": ("Hinoki", "Hinoki Report", "4.2"),
}
"""Who makes it, what it is, and the version that repairs it."""

_EPSS = {
    "CVE-2099-10001": (0.94, 0.998),
    "CVE-2099-10009": (0.004, 0.62),
    "CVE-2099-10014": (0.31, 0.96),
    "CVE-2099-10025": (0.002, 0.44),
    "CVE-2099-10030": (0.03, 0.86),
}
_EXPLOITED = "CVE-2099-10001"
_UNSCORED = "CVE-2099-10021"


def load_invented_facts(database: str, clock: Clock, *, today: date) -> None:
    """Loads them beside the record. Raises StoreError."""
    said = _invented(today)
    facts = open_facts(database)
    try:
        for source in (CVELIST, KEV, EPSS):
            of_source = [one for one in said if one.source == source]
            document = FactDocument(
                source=source,
                edition=_edition(today - timedelta(days=1)),
                digest="",
                is_whole=True,
                records=partial(_from, of_source),
            )
            for _ in LoadFacts(document, facts, clock).run():
                pass
    finally:
        facts.close()


def catalogue(happening: Happening, *, today: date) -> str:
    """Returns the KEV catalogue once it lists something more, as CISA publishes it."""
    exploited = [(_EXPLOITED, "", today - timedelta(days=2)), (happening.listed, happening.title, today)]
    entries = [
        {
            "cveID": cve,
            "vulnerabilityName": title,
            "dateAdded": added.isoformat(),
            "dueDate": (added + timedelta(days=21)).isoformat(),
            "knownRansomwareCampaignUse": "Unknown",
        }
        for cve, title, added in exploited
    ]
    return json.dumps({"dateReleased": _edition(today), "count": len(entries), "vulnerabilities": entries})


def _edition(day: date) -> str:
    """Returns an edition as CISA names one: a later one is loaded, an earlier one is refused."""
    return f"{day.isoformat()}T00:00:00Z"


def _from(said: Sequence[Assessment], begin: int) -> Iterator[Assessment]:
    return iter(said[begin:])


def _invented(today: date) -> list[Assessment]:
    listed = today - timedelta(days=2)
    return [
        *(_record(cve, score, vector) for cve, (score, vector) in _SCORES.items()),
        Assessment(cve=CveId(_UNSCORED), source=CVELIST, version="demo", state=CveState.PUBLISHED),
        Assessment(
            cve=CveId(_EXPLOITED),
            source=KEV,
            version="demo",
            exploited=Exploited(by=KEV, added_on=listed, due_on=listed + timedelta(days=21)),
        ),
        *(
            Assessment(
                cve=CveId(cve),
                source=EPSS,
                version="demo",
                epss=Epss(score=score, percentile=percentile, model="demo", on=today),
            )
            for cve, (score, percentile) in _EPSS.items()
        ),
    ]


def _record(cve: str, score: float, vector: str) -> Assessment:
    given = Score(
        source="sample-cna", scorer=Scorer.CNA, version="3.1", vector=vector, score=score, published=score
    )
    vendor, product, repaired = _AFFECTED[cve]
    until = VersionRange(first="0", before=repaired)
    return Assessment(
        cve=CveId(cve),
        source=CVELIST,
        version="demo",
        state=CveState.PUBLISHED,
        scores=(given,),
        affected=(Affected(vendor=vendor, product=product, ranges=(until,)),),
        ssvc=Ssvc(
            exploitation="active" if cve == _EXPLOITED else "none",
            automatable="no" if score < 7 else "yes",
            technical_impact="total" if cve == _EXPLOITED else "partial",
        ),
    )
