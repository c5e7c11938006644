"""Affected products in a record of the CVE List: by name first, a CPE is a bonus."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.core.facts.assessment import Affected, VersionRange
from threatstamp.facts.loose import Loose, tables, words

_NOT_AVAILABLE = frozenset({"", "n/a", "-"})


def affected_in(container: Loose) -> Iterator[Affected]:
    """Yields the products that a container calls affected."""
    for one in tables(container.get("affected")):
        vendor, product = words(one.get("vendor")), words(one.get("product")) or words(one.get("packageName"))
        ranges = tuple(_ranges(one))
        is_affected = ranges or words(one.get("defaultStatus")) == "affected" or not one.get("versions")
        if is_affected and not {vendor.lower(), product.lower()} <= _NOT_AVAILABLE:
            yield Affected(vendor=vendor, product=product, ranges=ranges)


def _ranges(product: Loose) -> Iterator[VersionRange]:
    for one in tables(product.get("versions")):
        if words(one.get("status")) == "affected":
            yield VersionRange(
                first=words(one.get("version")),
                before=words(one.get("lessThan")) or None,
                through=words(one.get("lessThanOrEqual")) or None,
                scheme=words(one.get("versionType")) or None,
            )


def cpes_in(container: Loose) -> Iterator[str]:
    """Yields the CPEs of a container: beside the products, and in its list of what is applicable."""
    for product in tables(container.get("affected")):
        cpes = product.get("cpes")
        yield from (words(one) for one in cpes if words(one)) if isinstance(cpes, list) else ()
    for applicable in tables(container.get("cpeApplicability")):
        for node in tables(applicable.get("nodes")):
            for match in tables(node.get("cpeMatch")):
                if match.get("vulnerable") is not False and words(match.get("criteria")):
                    yield words(match.get("criteria"))
