"""OSV: advisories about packages, from one record or an archive of them; malware ("MAL-…") has no CVE.

Shape: https://ossf.github.io/osv-schema/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from threatstamp.core.facts.assessment import OSV, Affected, Assessment, CveState, VersionRange
from threatstamp.core.facts.cve import fact_id_of
from threatstamp.core.facts.document import BrokenRecord, DocumentError, DocumentFault, FactDocument, Record
from threatstamp.core.facts.score import Score, Scorer
from threatstamp.facts.advisories import each_name
from threatstamp.facts.archives import Member, RecordKind, members
from threatstamp.facts.files import digest_of
from threatstamp.facts.loose import BrokenError, Loose, read_json, table, tables, words
from threatstamp.facts.scoring import score_of, version_of

RECORDS = RecordKind(named=re.compile(r"[A-Za-z][\w.:-]{2,80}\.json"), mark=b'"modified"')
MOST_VERSIONS = 1_000
"""Of one package; a piece of malware may have thousands."""


def open_osv(path: Path) -> FactDocument:
    """Opens a record, or a folder or an archive of them. Raises DocumentError."""
    first = next(members(path, 0, RECORDS), None)
    if first is None:
        raise DocumentError(DocumentFault.FOREIGN)
    if not path.is_dir() and first.place == path.name and not any(_records(first)):
        raise DocumentError(DocumentFault.FOREIGN)

    def records(begin: int) -> Iterator[Record]:
        found = (record for member in members(path, 0, RECORDS) for record in _records(member))
        return islice(found, begin, None)

    return FactDocument(source=OSV, edition="", digest=digest_of(path), is_whole=False, records=records)


def _records(member: Member) -> Iterator[Record]:
    try:
        body = read_json(member.read())
    except (ValueError, OSError) as error:
        what = "JSON" if isinstance(error, ValueError) else str(error)
        yield BrokenRecord(name=member.name, place=member.place, what=what)
        return
    listed = table(body).get("vulns")
    for record in tables(listed if isinstance(listed, list) else [body]):
        try:
            yield from read_record(record)
        except BrokenError as error:
            yield BrokenRecord(name=words(record.get("id")), place=member.place, what=str(error))


def read_record(record: Loose) -> tuple[Assessment, ...]:
    """Returns what a record says, by each of its names. Raises BrokenError if it is none."""
    name = fact_id_of(words(record.get("id")))
    if name is None:
        raise BrokenError("id")
    if not words(record.get("modified")):
        raise BrokenError("modified")
    is_withdrawn = bool(words(record.get("withdrawn")))
    affected = list(tables(record.get("affected")))
    specific = [table(one.get("database_specific")) for one in (record, *affected)]
    aliases = record.get("aliases")
    said = Assessment(
        cve=name,
        source=OSV,
        version=words(record.get("modified")),
        state=CveState.WITHDRAWN if is_withdrawn else CveState.PUBLISHED,
        title=words(record.get("summary")) or words(record.get("details")) or None,
        scores=() if is_withdrawn else tuple(_scores([record, *affected])),
        cwes=tuple(dict.fromkeys(cwe for one in specific for cwe in _cwes(one))),
        affected=() if is_withdrawn else tuple(map(_affected, affected)),
        references=tuple(
            dict.fromkeys(
                words(one.get("url")) for one in tables(record.get("references")) if words(one.get("url"))
            )
        ),
    )
    return each_name(said, map(words, aliases) if isinstance(aliases, list) else ())


def _scores(places: list[Loose]) -> Iterator[Score]:
    """Yields the scores whose vector makes sense; beside them there are words, such as "medium"."""
    vectors = dict.fromkeys(
        words(one.get("score"))
        for place in places
        for one in tables(place.get("severity"))
        if words(one.get("type")).startswith("CVSS")
    )
    for vector in vectors:
        found = score_of({"vectorString": vector, "version": version_of(vector)}, OSV, Scorer.ADVISORY)
        if found is not None:
            yield found


def _cwes(specific: Loose) -> Iterator[str]:
    for name in ("cwe_ids", "cwes"):
        found = specific.get(name)
        for one in found if isinstance(found, list) else ():
            cwe = words(one.get("cweId") or one.get("id")) if isinstance(one, dict) else words(one)
            if cwe.startswith("CWE-"):
                yield cwe


def _affected(one: Loose) -> Affected:
    package = table(one.get("package"))
    ranges = tuple(_ranges(one))
    return Affected(
        vendor=words(package.get("ecosystem")),
        product=words(package.get("name")),
        ranges=ranges or tuple(_versions(one)),
        purl=words(package.get("purl")) or None,
    )


def _ranges(one: Loose) -> Iterator[VersionRange]:
    for found in tables(one.get("ranges")):
        kind = words(found.get("type")).lower()
        if kind != "git":  # commits, which nobody has in a list of products
            yield from _spans(found, kind)


def _spans(found: Loose, kind: str) -> Iterator[VersionRange]:
    """Yields from each beginning to the end that follows it."""
    first: str | None = None
    for event in tables(found.get("events")):
        introduced, fixed = words(event.get("introduced")), words(event.get("fixed"))
        last = words(event.get("last_affected"))
        if introduced:
            first = first or introduced
        elif first is not None and (fixed or last):
            yield VersionRange(first=first, before=fixed or None, through=last or None, scheme=kind)
            first = None
    if first is not None:
        yield VersionRange(first=first, before="*", scheme=kind)


def _versions(one: Loose) -> Iterator[VersionRange]:
    versions = one.get("versions")
    for version in versions[:MOST_VERSIONS] if isinstance(versions, list) else ():
        if words(version):
            yield VersionRange(first=words(version))
