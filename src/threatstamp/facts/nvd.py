"""NVD 2.0: pages of its API and its yearly feeds, which have the same form.

Shape: https://nvd.nist.gov/developers/vulnerabilities. NVD repeats the scores of others ("Secondary"), and
has none of its own where the CNA has one: nothing is left out for its type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from threatstamp.core.facts.assessment import NVD, Affected, Assessment, CveState
from threatstamp.core.facts.cve import cve_of
from threatstamp.core.facts.document import BrokenRecord, DocumentError, DocumentFault, FactDocument, Record
from threatstamp.core.facts.score import CISA, Score, Scorer
from threatstamp.facts.cpes import affected_by_cpe, cpe_range
from threatstamp.facts.cvelist import CISA_ORGANISATION
from threatstamp.facts.files import digest_of
from threatstamp.facts.loose import BrokenError, Loose, table, tables, words
from threatstamp.facts.scoring import score_of
from threatstamp.facts.streaming import JsonList

NIST = "nvd@nist.gov"
FORMAT = "NVD_CVE"

_METRICS = ("cvssMetricV40", "cvssMetricV31", "cvssMetricV30", "cvssMetricV2")
_STATES: Mapping[str, CveState] = {
    "received": CveState.AWAITING,
    "awaiting analysis": CveState.AWAITING,
    "undergoing analysis": CveState.AWAITING,
    "deferred": CveState.DEFERRED,
    "rejected": CveState.REJECTED,
    "reject": CveState.REJECTED,
}
"""Any other status, "Analyzed" and "Modified" above all, says that the id is in use."""


def open_nvd(path: Path) -> FactDocument:
    """Opens a page or a yearly feed, packed or not. Raises DocumentError."""
    found = JsonList(path, "vulnerabilities")
    if words(found.head.get("format")) != FORMAT:
        raise DocumentError(DocumentFault.FOREIGN)
    return FactDocument(
        source=NVD,
        edition=words(found.head.get("timestamp")),
        digest=digest_of(path),
        is_whole=False,
        records=lambda begin: islice(_records(found), begin, None),
    )


def _records(found: JsonList) -> Iterator[Record]:
    for number, one in enumerate(found):
        record = table(one.get("cve"))
        try:
            yield read_record(record)
        except BrokenError as error:
            yield BrokenRecord(
                name=words(record.get("id")), place=f"vulnerabilities[{number}]", what=str(error)
            )


def read_record(record: Loose) -> Assessment:
    """Returns what NVD says about a CVE. Raises BrokenError if it is no record."""
    cve = cve_of(words(record.get("id")))
    if cve is None:
        raise BrokenError("cve.id")
    state = _STATES.get(words(record.get("vulnStatus")).lower(), CveState.PUBLISHED)
    matches = list(_matches(record))
    english = (
        words(one.get("value"))
        for one in tables(record.get("descriptions"))
        if words(one.get("lang")).startswith("en")
    )
    return Assessment(
        cve=cve,
        source=NVD,
        version=words(record.get("lastModified")),
        state=state,
        title=next(english, "") or None,
        scores=() if state is CveState.REJECTED else tuple(_scores(record)),
        cwes=tuple(dict.fromkeys(_cwes(record))),
        affected=_affected(matches),
        cpes=tuple(dict.fromkeys(words(one.get("criteria")) for one in matches)),
        references=tuple(
            dict.fromkeys(
                words(one.get("url")) for one in tables(record.get("references")) if words(one.get("url"))
            )
        ),
    )


def _scores(record: Loose) -> Iterator[Score]:
    metrics, assigner = table(record.get("metrics")), words(record.get("sourceIdentifier"))
    for name in _METRICS:
        for metric in tables(metrics.get(name)):
            source, scorer = _scorer(words(metric.get("source")), assigner)
            score = score_of(table(metric.get("cvssData")), source, scorer)
            if score is not None:
                yield score


def _scorer(source: str, assigner: str) -> tuple[str, Scorer]:
    """Returns who has given a score, and as what: NVD names everybody by an address or an id."""
    if source.lower() == NIST:
        return NVD, Scorer.NVD
    if source.lower() == CISA_ORGANISATION:
        return CISA, Scorer.ADP
    return source.lower() or "?", Scorer.CNA if source == assigner else Scorer.ADP


def _cwes(record: Loose) -> Iterator[str]:
    """Yields ids of CWE: "NVD-CWE-noinfo" and "NVD-CWE-Other" are none."""
    for weakness in tables(record.get("weaknesses")):
        for described in tables(weakness.get("description")):
            if words(described.get("value")).startswith("CWE-"):
                yield words(described.get("value"))


def _matches(record: Loose) -> Iterator[Loose]:
    """Yields what is vulnerable; a configuration also names what that has to run on."""
    waiting = [node for one in tables(record.get("configurations")) for node in tables(one.get("nodes"))]
    for node in waiting:
        waiting.extend(tables(node.get("children")))
        for match in tables(node.get("cpeMatch")):
            if match.get("vulnerable") is not False and words(match.get("criteria")):
                yield match


def _affected(matches: list[Loose]) -> tuple[Affected, ...]:
    return affected_by_cpe(
        (
            words(one.get("criteria")),
            cpe_range(
                words(one.get("criteria")),
                first=words(one.get("versionStartIncluding")),
                after=words(one.get("versionStartExcluding")),
                through=words(one.get("versionEndIncluding")),
                before=words(one.get("versionEndExcluding")),
            ),
        )
        for one in matches
    )
