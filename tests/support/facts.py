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


def nvd_record(cve: str = CVE, **more: Any) -> dict[str, Any]:
    return {
        "id": cve,
        "sourceIdentifier": "psirt@vendor.example",
        "lastModified": "2099-01-02T00:00:00.000",
        "vulnStatus": "Analyzed",
        "descriptions": [{"lang": "es", "value": "…"}, {"lang": "en", "value": "A flaw in “Hakobune” [FTP]"}],
        **more,
    }


def write_nvd(path: Path, *records: dict[str, Any], **head: Any) -> Path:
    body = {
        "resultsPerPage": len(records),
        "startIndex": 0,
        "totalResults": len(records),
        "format": "NVD_CVE",
        "version": "2.0",
        "timestamp": "2099-01-03T00:00:00.000",
        **head,
        "vulnerabilities": [{"cve": one} for one in records],
    }
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def jvn_item(
    identifier: str = "JVNDB-2099-000001", *inner: str, modified: str = "2099-01-02T10:00+09:00"
) -> str:
    return (
        f'<item rdf:about="https://jvndb.jvn.jp/{identifier}"><title>箱舟FTPの脆弱性</title>'
        f"<link>https://jvndb.jvn.jp/{identifier}</link><sec:identifier>{identifier}</sec:identifier>"
        f"{''.join(inner)}<dcterms:modified>{modified}</dcterms:modified></item>"
    )


def jvn_cve(cve: str = CVE) -> str:
    return f'<sec:references source="CVE" id="{cve}">https://www.cve.org/CVERecord?id={cve}</sec:references>'


def write_jvn(path: Path, *items: str, end: str = "") -> Path:
    head = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:sec="http://jvn.jp/rss/mod_sec/3.0/">'
    )
    path.write_text(f"{head}{''.join(items)}{end}</rdf:RDF>", encoding="utf-8")
    return path


def osv_record(name: str = "GHSA-aaaa-bbbb-cccc", **more: Any) -> dict[str, Any]:
    return {"id": name, "modified": "2099-01-02T00:00:00Z", "summary": "A flaw in hakobune", **more}


def ghsa_advisory(name: str = "GHSA-aaaa-bbbb-cccc", **more: Any) -> dict[str, Any]:
    return {
        "ghsa_id": name,
        "cve_id": CVE,
        "updated_at": "2099-01-02T00:00:00Z",
        "summary": "A flaw in hakobune",
        "html_url": f"https://github.com/advisories/{name}",
        **more,
    }
