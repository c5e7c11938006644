"""CISA's catalogue of known exploited vulnerabilities (KEV).

Entries are removed from it, too: it is a whole document. Shape:
https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities_schema.json
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from threatstamp.core.facts.assessment import KEV, Assessment, Exploited
from threatstamp.core.facts.cve import cve_of
from threatstamp.core.facts.document import (
    BrokenRecord,
    DocumentError,
    DocumentFault,
    FactDocument,
    Record,
)
from threatstamp.facts.files import content_of, digest_of
from threatstamp.facts.loose import BrokenError, Loose, day, read_json, table, tables, words

_YES, _NO = frozenset({"yes", "true", "known", "required"}), frozenset({"no", "false", "not required"})


def open_kev(path: Path) -> FactDocument:
    """Opens the catalogue as JSON. Raises DocumentError."""
    try:
        catalogue = table(read_json(content_of(path)))
    except ValueError as error:
        raise DocumentError(DocumentFault.FOREIGN) from error
    found = catalogue.get("vulnerabilities")
    if not isinstance(found, list) or not any("cveID" in one for one in tables(found)):
        raise DocumentError(DocumentFault.FOREIGN)
    edition = words(catalogue.get("dateReleased")) or words(catalogue.get("catalogVersion"))
    return FactDocument(
        source=KEV,
        edition=edition,
        digest=digest_of(path),
        is_whole=True,
        records=lambda begin: islice(_records(found, catalogue.get("count"), edition), begin, None),
    )


def _records(found: list[object], count: object, edition: str) -> Iterator[Record]:
    for number, one in enumerate(found, start=1):
        yield _record(table(one), number, edition)
    if isinstance(count, int) and count != len(found):  # somebody has shortened it, or it was cut off
        yield BrokenRecord(name="", place="count", what=f"{count} ≠ {len(found)}")


def _record(entry: Loose, number: int, edition: str) -> Record:
    try:
        return _assessment(entry, edition)
    except BrokenError as error:
        name = words(entry.get("cveID"))
        return BrokenRecord(name=name, place=f"vulnerabilities[{number - 1}]", what=str(error))


def _assessment(entry: Loose, edition: str) -> Assessment:
    cve, added = cve_of(words(entry.get("cveID"))), day(entry.get("dateAdded"))
    if cve is None:
        raise BrokenError("cveID")
    if added is None:
        raise BrokenError("dateAdded")
    return Assessment(
        cve=cve,
        source=KEV,
        version=edition,
        title=words(entry.get("vulnerabilityName")) or None,
        exploited=Exploited(
            by=KEV,
            added_on=added,
            due_on=day(entry.get("dueDate")),
            ransomware=_answer(entry.get("knownRansomwareCampaignUse")),
            forensic_triage=_answer(entry.get("forensicTriage")),
        ),
        cwes=tuple(filter(None, map(words, _list(entry.get("cwes"))))),
    )


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _answer(value: object) -> bool | None:
    """Returns yes or no; None for "Unknown" and whatever else is neither."""
    said = str(value).casefold()
    return True if said in _YES else False if said in _NO else None
