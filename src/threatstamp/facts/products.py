"""Affected products in a record of the CVE List: by name first, a CPE is a bonus."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cmp_to_key

from threatstamp.core.assets.ordering import compare
from threatstamp.core.facts.assessment import Affected, VersionRange
from threatstamp.facts.loose import Loose, tables, words

_NOT_AVAILABLE = frozenset({"", "n/a", "-"})


_STATUSES = frozenset({"affected", "unaffected", "unknown"})


def affected_in(container: Loose) -> Iterator[Affected]:
    """Yields the products that a container calls affected."""
    for one in tables(container.get("affected")):
        vendor, product = words(one.get("vendor")), words(one.get("product")) or words(one.get("packageName"))
        default = words(one.get("defaultStatus"))
        pieces = list(_pieces(one))
        ranges = tuple([of for status, of in pieces if status == "affected"])
        is_affected = ranges or default == "affected" or not one.get("versions")
        if is_affected and not {vendor.lower(), product.lower()} <= _NOT_AVAILABLE:
            yield Affected(
                vendor=vendor,
                product=product,
                ranges=ranges,
                cpe=_own_cpe(one),
                purl=words(one.get("packageURL")) or None,
                is_name_only=not one.get("versions") and default != "affected",
                unaffected=tuple(of for status, of in pieces if status == "unaffected"),
                default=default if default in _STATUSES else None,
            )


def _own_cpe(product: Loose) -> str | None:
    """Returns the one CPE of a product; None if there are several, which name its parts or its versions."""
    cpes = product.get("cpes")
    given = set(map(words, cpes)) if isinstance(cpes, list) else set()
    return given.pop() or None if len(given) == 1 else None


def _pieces(product: Loose) -> Iterator[tuple[str, VersionRange]]:
    """Yields ranges of one status each: a range in which it changes is several."""
    for one in tables(product.get("versions")):
        status, first = words(one.get("status")), words(one.get("version"))
        before, through = words(one.get("lessThan")) or None, words(one.get("lessThanOrEqual")) or None
        scheme = words(one.get("versionType")) or None
        if "changes" in one and scheme != "git" and (before or through):  # those of commits are no line
            for at, changed in _changes(one, scheme or ""):
                if at and at not in (before, first):
                    yield status, VersionRange(first=first, before=at, scheme=scheme)
                    status, first = changed, at
        yield status, VersionRange(first=first, before=before, through=through, scheme=scheme)


def _changes(versions: Loose, scheme: str) -> list[tuple[str, str]]:
    """Returns from which versions on a range has which status, in their order as far as they have one."""
    found = [(words(one.get("at")), words(one.get("status"))) for one in tables(versions.get("changes"))]

    def order(one: tuple[str, str], other: tuple[str, str]) -> int:
        return compare(one[0], other[0], scheme) or 0

    return sorted(found, key=cmp_to_key(order))


def cpes_in(container: Loose) -> Iterator[str]:
    """Yields the CPEs of a container: beside the products, and in its list of what is applicable."""
    for product in tables(container.get("affected")):
        cpes = product.get("cpes")
        yield from filter(None, map(words, cpes)) if isinstance(cpes, list) else ()
    for applicable in tables(container.get("cpeApplicability")):
        for node in tables(applicable.get("nodes")):
            for match in tables(node.get("cpeMatch")):
                if match.get("vulnerable") is not False and words(match.get("criteria")):
                    yield words(match.get("criteria"))
