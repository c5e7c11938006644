"""Matches of products for `products match` and `why-not`: lines for people, a table for programs."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.core.assets.finding import FindingState, ScannerFinding
from threatstamp.core.assets.match import Ground, Match, MatchReason
from threatstamp.core.assets.product import Product
from threatstamp.core.assets.versions import Standing
from threatstamp.core.facts.cve import CveId
from threatstamp.texts.catalogue import Texts

MOST_REASONS = 8
"""Reasons of one product that people are told; `--json` has all."""


def match_lines(match: Match, texts: Texts) -> Iterator[str]:
    """Yields a product with its standing, and why."""
    yield texts("matching.line", product=product_words(match, texts), standing=standing_words(match, texts))
    yield from why_lines(match, texts)


def why_lines(match: Match, texts: Texts) -> Iterator[str]:
    """Yields the reasons, and what scanners found beside them."""
    for reason in match.reasons[:MOST_REASONS]:
        yield texts("matching.reason", words=reason_words(reason, match, texts))
    told = {one.vulnerability for one in match.reasons if one.ground is Ground.SCANNER}
    for finding in [one for one in match.findings if one.cve not in told][:MOST_REASONS]:
        yield texts("matching.scanned", words=finding_words(finding, texts))
    if match.is_disputed:
        yield texts("matching.disputed")


def product_words(match: Match, texts: Texts) -> str:
    name = match.product.name
    return texts("matching.product", name=name, version=match.version) if match.version else name


def standing_words(match: Match, texts: Texts) -> str:
    """Returns in a few words how a product stands, with the comparison that excludes it."""
    comparison = match.deciding.placing.comparison
    if match.standing is Standing.NOT_AFFECTED and comparison:
        return texts("matching.standing_not_affected_by", comparison=comparison)
    return texts(f"matching.standing_{match.standing}")


def reason_words(reason: MatchReason, match: Match, texts: Texts) -> str:
    """Returns a reason as a sentence."""
    if reason.ground is Ground.SCANNER:
        return finding_words(_finding(reason, match), texts)
    placing, key = reason.placing, f"matching.because_{reason.standing}"
    if reason.standing in (Standing.AFFECTED, Standing.NOT_AFFECTED) and not placing.comparison:
        key += "_alone"
    return texts(
        key,
        where=_where(reason, texts),
        version=match.version,
        comparison=placing.comparison,
        left=placing.left,
        right=placing.right,
    )


def finding_words(finding: ScannerFinding, texts: Texts) -> str:
    """Returns what scanners found: of which id, on which hosts, by which scanner and when."""
    details = [finding.scanner] if finding.scanner else []
    if finding.hosts:
        hosts, more = (
            texts("matching.finding_between").join(finding.hosts),
            finding.count - len(finding.hosts),
        )
        key = "matching.finding_hosts_more" if more else "matching.finding_hosts"
        details.append(texts(key, hosts=hosts, count=more))
    if finding.found_at:
        details.append(finding.found_at)
    said = texts("matching.finding_joint").join(details)
    what = texts("matching.finding_what", id=finding.cve, details=said) if said else finding.cve
    return texts(f"matching.finding_{finding.state}", what=what)


def _finding(reason: MatchReason, match: Match) -> ScannerFinding:
    is_open = reason.standing is Standing.AFFECTED
    alone = ScannerFinding(
        cve=CveId(reason.vulnerability),
        state=FindingState.OPEN if is_open else FindingState.FIXED,
        scanner=reason.source,
    )
    return next((one for one in match.findings if one.cve == reason.vulnerability), alone)


def _where(reason: MatchReason, texts: Texts) -> str:
    if reason.ground is Ground.TEXT:
        return texts("matching.where_text", named=reason.named)
    key = f"matching.source_{reason.source}"
    source = texts(key) if texts.has(key) else reason.source
    return texts(
        f"matching.where_{reason.ground}", source=source, id=reason.vulnerability, named=reason.named
    )


def match_body(match: Match, texts: Texts) -> dict[str, object]:
    """Returns a match for programs, in values of Standing and Ground; only `text` has a language."""
    return {
        "product": product_body(match.product),
        "version": match.version or None,
        "standing": match.standing.value,
        "touches": match.touches,
        "disputed": match.is_disputed,
        "scan": match.scan.value if match.scan else None,
        "findings": [finding_body(one) for one in match.findings],
        "reasons": [_reason_body(reason, match, texts) for reason in match.reasons],
    }


def product_body(product: Product) -> dict[str, object]:
    """Returns a product as programs read it; null for what is not known."""
    return {
        "name": product.name,
        "vendor": product.vendor or None,
        "cpe": product.cpe or None,
        "purl": product.purl or None,
        "owner": product.owner or None,
        "where": product.where.value if product.where else None,
        "exposed": product.exposed,
        "criticality": product.criticality.value if product.criticality else None,
        "tags": list(product.tags),
    }


def finding_body(finding: ScannerFinding) -> dict[str, object]:
    """Returns what scanners found for programs; null for what is not known."""
    return {
        "id": finding.cve,
        "state": finding.state.value,
        "count": finding.count,
        "hosts": list(finding.hosts),
        "found_at": finding.found_at or None,
        "scanner": finding.scanner or None,
    }


def _reason_body(reason: MatchReason, match: Match, texts: Texts) -> dict[str, object]:
    placing = reason.placing
    return {
        "ground": reason.ground.value,
        "standing": reason.standing.value,
        "source": reason.source or None,
        "id": reason.vulnerability or None,
        "named": reason.named,
        "comparison": {"left": placing.left, "sign": placing.sign, "right": placing.right}
        if placing.sign
        else None,
        "text": reason_words(reason, match, texts),
    }
