"""Invented facts about invented vulnerabilities, as values and as the documents of their sources."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from threatstamp.core.facts.assessment import (
    Assessment,
    CveState,
    Epss,
    Exploited,
    FactSource,
    ReadAssessment,
)
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.score import Score, Scorer
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.time import Micros

CVE = CveId("CVE-2099-1234")
CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
MEDIUM = "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H"
CISA_ORGANISATION = "134c704f-9b21-4f2e-91b3-4a353364bcd1"


def score(value: float, source: str = "cisa-adp", **more: Any) -> Score:
    values: dict[str, Any] = {"scorer": Scorer.ADP, "version": "3.1", "vector": CRITICAL, "published": value}
    return Score(source=source, score=value, **(values | more))


def cvelist_said(cve: CveId = CVE, *scores: Score, **more: Any) -> Assessment:
    values: dict[str, Any] = {"state": CveState.PUBLISHED, "version": "2099-01-01"}
    return Assessment(cve=cve, source=FactSource("cvelist"), scores=scores, **(values | more))


def kev_said(cve: CveId = CVE, added: str = "2099-11-20") -> Assessment:
    exploited = Exploited(by="kev", added_on=date.fromisoformat(added), ransomware=True)
    return Assessment(cve=cve, source=FactSource("kev"), version="2099.11.20", exploited=exploited)


def epss_said(cve: CveId = CVE, probability: float = 0.94, percentile: float | None = 0.998) -> Assessment:
    epss = Epss(score=probability, percentile=percentile, model="v9", on=date(2099, 11, 20))
    return Assessment(cve=cve, source=FactSource("epss"), version="2099-11-20 v9", epss=epss)


def known(*said: Assessment, read_at: int = 7) -> Vulnerability:
    """Returns what is known where this is said, all of one CVE."""
    return Vulnerability(
        cve=said[0].cve, said=tuple(ReadAssessment(said=one, read_at=Micros(read_at)) for one in said)
    )


def renamed(said: Assessment, cve: str) -> Assessment:
    return replace(said, cve=CveId(cve))


def write_kev(
    path: Path, *entries: dict[str, Any], released: str = "2099-11-20T17:00:00Z", **more: Any
) -> Path:
    body = {"dateReleased": released, "count": len(entries), "vulnerabilities": entries}
    path.write_text(json.dumps({**body, **more}), encoding="utf-8")
    return path


def kev_entry(cve: str = CVE, **more: Any) -> dict[str, Any]:
    return {
        "cveID": cve,
        "vulnerabilityName": "Hakobune FTP Authentication Bypass",
        "dateAdded": "2099-11-20",
        "dueDate": "2099-12-11",
        "knownRansomwareCampaignUse": "Unknown",
        **more,
    }


def write_epss(
    path: Path, *rows: str, comment: str = "#model_version:v9,score_date:2099-11-20T00:00:00+0000"
) -> Path:
    lines = [*([comment] if comment else []), "cve,epss,percentile", *rows]
    content = ("\n".join(lines) + "\n").encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def cve_record(cve: str = CVE, **more: Any) -> dict[str, Any]:
    """A record of the CVE List. more: `state`, `updated`, and the containers `cna` and `adp`."""
    provider = {"orgId": "0", "shortName": "Example_Vendor", "dateUpdated": "2099-01-01T00:00:00.000Z"}
    state, updated = more.get("state", "PUBLISHED"), more.get("updated", "2099-01-02T00:00:00.000Z")
    return {
        "dataType": "CVE_RECORD",
        "cveMetadata": {"cveId": cve, "state": state, "dateUpdated": updated},
        "containers": {
            "cna": {"providerMetadata": provider, "title": "Authentication bypass", **more.get("cna", {})},
            "adp": more.get("adp", []),
        },
    }


def cisa_container(*metrics: dict[str, Any]) -> dict[str, Any]:
    return {
        "providerMetadata": {"orgId": CISA_ORGANISATION, "shortName": "CISA-ADP"},
        "metrics": list(metrics),
    }


def cvss(vector: str, published: float, version: str = "3.1") -> dict[str, Any]:
    name = f"cvssV{version.replace('.', '_')}"
    return {name: {"version": version, "vectorString": vector, "baseScore": published}}


def ssvc(exploitation: str = "none") -> dict[str, Any]:
    options = [{"Exploitation": exploitation}, {"Automatable": "yes"}, {"Technical Impact": "total"}]
    return {"other": {"type": "ssvc", "content": {"role": "CISA Coordinator", "options": options}}}
