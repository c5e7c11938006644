"""GitHub's advisories as its API gives them: one, or a page of them.

Shape: https://docs.github.com/en/rest/security-advisories/global-advisories
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path

from threatstamp.core.facts.assessment import GHSA, Affected, Assessment, CveState, VersionRange
from threatstamp.core.facts.cve import fact_id_of
from threatstamp.core.facts.document import BrokenRecord, DocumentError, DocumentFault, FactDocument, Record
from threatstamp.core.facts.score import Score, Scorer
from threatstamp.facts.advisories import each_name
from threatstamp.facts.files import content_of, digest_of
from threatstamp.facts.loose import BrokenError, Loose, read_json, table, tables, words
from threatstamp.facts.scoring import score_of, version_of

PURL_TYPES: Mapping[str, str] = {
    "actions": "githubactions",
    "composer": "composer",
    "erlang": "hex",
    "go": "golang",
    "maven": "maven",
    "npm": "npm",
    "nuget": "nuget",
    "pip": "pypi",
    "pub": "pub",
    "rubygems": "gem",
    "rust": "cargo",
    "swift": "swift",
}
"""GitHub's ecosystems by the types of purl (https://github.com/package-url/purl-spec)."""


def open_ghsa(path: Path) -> FactDocument:
    """Opens an advisory or a page of them. Raises DocumentError."""
    try:
        body = read_json(content_of(path))
    except ValueError as error:
        raise DocumentError(DocumentFault.FOREIGN) from error
    found = list(tables(body if isinstance(body, list) else [body]))
    if not any("ghsa_id" in one for one in found):
        raise DocumentError(DocumentFault.FOREIGN)
    return FactDocument(
        source=GHSA,
        edition="",
        digest=digest_of(path),
        is_whole=False,
        records=lambda begin: islice(_records(found), begin, None),
    )


def _records(found: list[Loose]) -> Iterator[Record]:
    for number, one in enumerate(found):
        try:
            yield from read_advisory(one)
        except BrokenError as error:
            yield BrokenRecord(name=words(one.get("ghsa_id")), place=f"[{number}]", what=str(error))


def read_advisory(one: Loose) -> tuple[Assessment, ...]:
    """Returns what an advisory says, by each of its names. Raises BrokenError if it is none."""
    name = fact_id_of(words(one.get("ghsa_id")))
    if name is None:
        raise BrokenError("ghsa_id")
    if not words(one.get("updated_at")):
        raise BrokenError("updated_at")
    is_withdrawn = bool(words(one.get("withdrawn_at")))
    references = one.get("references")
    links = [words(one.get("html_url")), *(map(words, references) if isinstance(references, list) else ())]
    said = Assessment(
        cve=name,
        source=GHSA,
        version=words(one.get("updated_at")),
        state=CveState.WITHDRAWN if is_withdrawn else CveState.PUBLISHED,
        title=words(one.get("summary")) or None,
        scores=() if is_withdrawn else tuple(_scores(one)),
        cwes=tuple(words(cwe.get("cwe_id")) for cwe in tables(one.get("cwes")) if words(cwe.get("cwe_id"))),
        affected=() if is_withdrawn else tuple(map(_affected, tables(one.get("vulnerabilities")))),
        references=tuple(dict.fromkeys(link for link in links if link)),
    )
    others = [words(other.get("value")) for other in tables(one.get("identifiers"))]
    return each_name(said, [words(one.get("cve_id")), *others])


def _scores(one: Loose) -> Iterator[Score]:
    severities = table(one.get("cvss_severities"))
    metrics = [table(severities.get("cvss_v4")), table(severities.get("cvss_v3")), table(one.get("cvss"))]
    for metric in {words(found.get("vector_string")): found for found in metrics}.values():
        vector = words(metric.get("vector_string"))
        body = {"vectorString": vector, "version": version_of(vector), "baseScore": metric.get("score")}
        found = score_of(body, GHSA, Scorer.ADVISORY) if vector else None
        if found is not None:
            yield found


def _affected(one: Loose) -> Affected:
    package = table(one.get("package"))
    ecosystem, name = words(package.get("ecosystem")).lower(), words(package.get("name"))
    kind = PURL_TYPES.get(ecosystem)
    return Affected(
        vendor=ecosystem,
        product=name,
        ranges=tuple(_ranges(words(one.get("vulnerable_version_range")))),
        purl=f"pkg:{kind}/{name.replace(':', '/')}" if kind and name else None,
    )


def _ranges(said: str) -> Iterator[VersionRange]:
    """Yields the range that a text such as ">= 1.0, < 1.4" means; all versions where nothing is said."""
    bounds = {}
    for part in said.split(","):
        sign, _, version = part.strip().partition(" ")
        bounds[sign] = version.strip()
    if bounds.get("="):
        yield VersionRange(first=bounds["="])
    elif any(bounds.get(sign) for sign in (">=", ">", "<", "<=")):
        after = bounds.get(">")
        yield VersionRange(
            first="" if after else bounds.get(">=") or "0",
            after=after or None,
            before=bounds.get("<") or (None if bounds.get("<=") else "*"),
            through=bounds.get("<=") or None,
        )
