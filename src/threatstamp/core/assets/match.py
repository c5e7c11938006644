"""Whether what is known of vulnerabilities, and what a text says, is about the company's products, and why.

Products are recognised by vendor and name in the records' own lists first, then by CPE and by package URL,
and last by names in a text. Each way gives a reason of its own; reasons may contradict each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.assets.catalogue import Catalogue
from threatstamp.core.assets.cpe import ANY, CpeName, cpe_of
from threatstamp.core.assets.finding import FindingState, ScannerFinding
from threatstamp.core.assets.known import ProductIndex, version_of
from threatstamp.core.assets.naming import Mention
from threatstamp.core.assets.product import Product
from threatstamp.core.assets.spans import VersionSpan
from threatstamp.core.assets.versions import Lies, Placing, Standing, Stands, stands
from threatstamp.core.facts.assessment import Affected, Assessment, VersionRange
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.vulnerability import Vulnerability

MALWARE = "MAL-"
"""Ids of malicious packages: there are many, some by mistake, and only the very package counts."""


class Ground(StrEnum):
    """By what a product is recognised, the surest first. Each has a text `matching.ground_…`."""

    LISTED = "listed"
    """Vendor and product in a record's own list of what is affected."""
    CPE = "cpe"
    PACKAGE = "package"
    """A package URL."""
    SCANNER = "scanner"
    """A finding of the company's vulnerability scanner."""
    TEXT = "text"
    """A name in the text of a story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchReason:
    """Why a product is touched, or not. source: who says so; "" for the text itself.

    vulnerability: the id under which it says so, "" for a text. named: how it calls the product there.
    placing: with the comparison of our version with one of the source's, if one decides.
    """

    ground: Ground
    standing: Standing
    source: str
    vulnerability: str
    named: str
    placing: Placing


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A product with the reasons for which a story or a vulnerability is about it; there is at least one.

    version: ours, "" if it is not known. findings: what scanners found of the vulnerabilities in question.
    scan: open if one of these is, fixed if all of the vulnerabilities are; None if nothing is known of one.
    """

    product: Product
    version: str
    reasons: tuple[MatchReason, ...]
    findings: tuple[ScannerFinding, ...] = ()
    scan: FindingState | None = None

    @property
    def deciding(self) -> MatchReason:
        """The reason that counts: a source that is sure before a text, *affected* before *not affected*."""
        return min(self.reasons, key=_weight)

    @property
    def standing(self) -> Standing:
        return self.deciding.standing

    @property
    def touches(self) -> bool:
        """True unless every reason that is sure says that our version is not affected."""
        return self.standing is not Standing.NOT_AFFECTED

    @property
    def is_disputed(self) -> bool:
        """True if one reason says that our version is affected and another that it is not."""
        return {Standing.AFFECTED, Standing.NOT_AFFECTED} <= {one.standing for one in self.reasons}


_ORDER = tuple(Standing)
_SURE = (Standing.AFFECTED, Standing.NOT_AFFECTED)


def _weight(reason: MatchReason) -> tuple[bool, bool, int, int]:
    is_text, is_sure = reason.ground is Ground.TEXT, reason.standing in _SURE
    ground = tuple(Ground).index(reason.ground)
    return not is_sure, is_text, _ORDER.index(reason.standing), ground


class Matcher:
    """Matches products with what is known. Built once from many products.

    catalogue: what is built in, for further names of products and vendors.
    """

    def __init__(self, products: Sequence[Product], catalogue: Catalogue | None = None) -> None:
        self._index = ProductIndex(products, catalogue)
        self._findings: dict[CveId, dict[int, ScannerFinding]] = {}
        for number, product in enumerate(self._index.products):
            for one in product.findings:
                self._findings.setdefault(one.cve, {})[number] = one

    def match(
        self,
        known: Sequence[Vulnerability] = (),
        mentions: Iterable[Mention] = (),
        cves: Iterable[CveId] = (),
    ) -> tuple[Match, ...]:
        """Returns every product that one of these is about, affected or not; the gravest first.

        cves: what is in question beside what is known; of these, too, scanners may have found something.
        """
        rejected = {one.cve for one in known if one.is_rejected}
        about = [
            one
            for one in dict.fromkeys((*cves, *(one.cve for one in known)))
            if one.startswith("CVE-") and one not in rejected
        ]
        found: dict[int, list[MatchReason]] = {}
        for number, reason in (*self._by_facts(known), *self._by_text(mentions)):
            found.setdefault(number, []).append(reason)
        scanned: dict[int, list[ScannerFinding]] = {}
        for cve in about:
            for number, finding in self._findings.get(cve, {}).items():
                scanned.setdefault(number, []).append(finding)
        for number, findings in scanned.items():
            said = _scanned(findings, about, is_alone=number not in found)
            if said:
                found.setdefault(number, []).extend(said)
        matches = [
            self._match(number, reasons, scanned.get(number, ()), about)
            for number, reasons in sorted(found.items())
        ]
        return tuple(sorted(matches, key=lambda one: _ORDER.index(one.standing)))

    def _match(
        self,
        number: int,
        reasons: Iterable[MatchReason],
        findings: Sequence[ScannerFinding],
        about: Sequence[CveId],
    ) -> Match:
        return Match(
            product=self._index.products[number],
            version=version_of(self._index.products[number]),
            reasons=tuple(sorted(dict.fromkeys(reasons), key=_weight)),
            findings=tuple(findings),
            scan=_scan(findings, about),
        )

    def _by_facts(self, known: Iterable[Vulnerability]) -> Iterator[tuple[int, MatchReason]]:
        for one in known:
            if not one.is_rejected:
                for said in one.said:
                    yield from self._said(said.said)

    def _said(self, said: Assessment) -> Iterator[tuple[int, MatchReason]]:
        """Yields one reason a product and ground: of several entries the gravest counts."""
        best: dict[tuple[int, Ground], MatchReason] = {}
        for number, ground, entry in self._entries(said):
            reason = self._reason(number, ground, entry, said)
            before = best.get((number, ground))
            if reason and (before is None or _gravity(reason.standing) < _gravity(before.standing)):
                best[number, ground] = reason
        yield from ((number, reason) for (number, _), reason in best.items())

    def _entries(self, said: Assessment) -> Iterator[tuple[int, Ground, Affected]]:
        listed: set[int] = set()
        for entry in said.affected:
            for number, ground in self._recognised(entry, said).items():
                listed.add(number)
                yield number, ground, entry
        for entry in _of_cpes(said.cpes):
            for number in self._index.by_cpe(entry.cpe or ""):
                if number not in listed:
                    yield number, Ground.CPE, entry

    def _recognised(self, entry: Affected, said: Assessment) -> dict[int, Ground]:
        """Returns the products that an entry is about, each with the surest ground."""
        if _is_malware(said):
            return dict.fromkeys(self._index.by_purl(entry.purl or ""), Ground.PACKAGE)
        found = dict.fromkeys(self._index.by_name(entry.vendor, entry.product), Ground.LISTED)
        if entry.cpe:
            found = {**dict.fromkeys(self._index.by_cpe(entry.cpe), Ground.CPE), **found}
        if entry.purl:
            found = {**dict.fromkeys(self._index.by_purl(entry.purl), Ground.PACKAGE), **found}
        return found

    def _reason(self, number: int, ground: Ground, entry: Affected, said: Assessment) -> MatchReason | None:
        how = stands(version_of(self._index.products[number]), entry)
        if _is_malware(said) and how.standing is not Standing.AFFECTED:
            return None
        return MatchReason(
            ground=ground,
            standing=how.standing,
            source=said.source,
            vulnerability=said.cve,
            named=_named(ground, entry),
            placing=how.placing,
        )

    def _by_text(self, mentions: Iterable[Mention]) -> Iterator[tuple[int, MatchReason]]:
        best: dict[int, MatchReason] = {}
        for mention in mentions:
            for number in (number for key in mention.of for number in self._index.called(key)):
                how = _beside(version_of(self._index.products[number]), mention.versions)
                reason = MatchReason(
                    ground=Ground.TEXT,
                    standing=how.standing,
                    source="",
                    vulnerability="",
                    named=mention.words,
                    placing=how.placing,
                )
                before = best.get(number)
                if before is None or _gravity(reason.standing) < _gravity(before.standing):
                    best[number] = reason
        yield from best.items()


def _scan(findings: Sequence[ScannerFinding], about: Sequence[CveId]) -> FindingState | None:
    if any(one.state is FindingState.OPEN for one in findings):
        return FindingState.OPEN
    return FindingState.FIXED if findings and len(findings) == len(about) else None


def _scanned(
    findings: Sequence[ScannerFinding], about: Sequence[CveId], *, is_alone: bool
) -> list[MatchReason]:
    """Returns the reasons that findings are: what is open is affected, whatever a list says of our version.

    What is fixed excludes a product only where nothing else is about it: no scanner sees every host.
    """
    scan, counting = _scan(findings, about), FindingState.OPEN
    if is_alone and scan is FindingState.FIXED:
        counting = FindingState.FIXED
    is_open = counting is FindingState.OPEN
    return [
        MatchReason(
            ground=Ground.SCANNER,
            standing=Standing.AFFECTED if is_open else Standing.NOT_AFFECTED,
            source=one.scanner,
            vulnerability=one.cve,
            named="",
            placing=Placing(lies=Lies.UNSAID),
        )
        for one in findings
        if one.state is counting
    ]


def _is_malware(said: Assessment) -> bool:
    return said.cve.startswith(MALWARE)


_GRAVITY = (
    Standing.AFFECTED,
    Standing.INCOMPARABLE,
    Standing.OURS_UNKNOWN,
    Standing.NOT_AFFECTED,
    Standing.UNSAID,
    Standing.NAMED,
)


def _gravity(standing: Standing) -> int:
    """Of several entries of one record: one that says nothing of versions adds nothing to one that does."""
    return _GRAVITY.index(standing)


def _named(ground: Ground, entry: Affected) -> str:
    if ground is Ground.PACKAGE:
        return entry.purl or ""
    if ground is Ground.CPE:
        return entry.cpe or ""
    is_told = entry.vendor.lower() in ("", "n/a") or entry.product.lower().startswith(entry.vendor.lower())
    return entry.product if is_told else f"{entry.vendor} {entry.product}"


def _of_cpes(cpes: Iterable[str]) -> Iterator[Affected]:
    """Yields what CPE names call affected, a product once, with the versions that they name."""
    found: dict[tuple[str, str, str, str], list[CpeName]] = {}
    for name in filter(None, map(cpe_of, cpes)):
        found.setdefault((name.part, name.vendor, name.product, name.target), []).append(name)
    for (part, vendor, product, target), names in found.items():
        versions = tuple(VersionRange(first=name.version) for name in names if name.has_version)
        yield Affected(
            vendor=vendor,
            product=product,
            ranges=versions,
            cpe=f"cpe:2.3:{part}:{_quoted(vendor)}:{_quoted(product)}:*:*:*:*:*:{_quoted(target)}:*:*",
            is_name_only=not versions,
        )


def _quoted(part: str) -> str:
    return part if part in (ANY, "-") else part.replace("\\", "\\\\").replace(":", "\\:")


def _beside(version: str, spans: Sequence[VersionSpan]) -> Stands:
    """Returns how our version stands to those that a text has beside the product's name.

    A text that says nothing of ours proves nothing: it may name the repaired version.
    """
    ranges = tuple(_range(one) for one in spans if one.low != one.high)
    if not version or not ranges:
        return Stands(standing=Standing.NAMED)
    how = stands(version, Affected(vendor="", product="", ranges=ranges))
    return how if how.standing in _SURE else Stands(standing=Standing.NAMED)


def _range(span: VersionSpan) -> VersionRange:
    is_after = bool(span.low) and not span.has_low
    return VersionRange(
        first="" if is_after else span.low,
        after=span.low if is_after else None,
        before=None if span.has_high else span.high or None,
        through=span.high or None if span.has_high else None,
    )
