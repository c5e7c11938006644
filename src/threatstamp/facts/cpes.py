"""CPE 2.3 and 2.2: products by vendor and name, with their versions (NISTIR 7695)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from threatstamp.core.facts.assessment import Affected, VersionRange

_COLON = re.compile(r"(?<!\\):")
_ESCAPED = re.compile(r"\\(.)")
_ANY = frozenset({"", "*", "-"})


def cpe_parts(cpe: str) -> tuple[str, str, str, str] | None:
    """Returns part, vendor, product and version ("" for any) of a CPE in either form; None for no CPE."""
    if cpe.startswith("cpe:2.3:"):
        found = [_ESCAPED.sub(r"\1", one) for one in _COLON.split(cpe)[2:]]
    elif cpe.startswith("cpe:/"):
        found = [unquote(one) for one in cpe[len("cpe:/") :].split(":")]
    else:
        return None
    part, vendor, product, version = (*found, "", "", "", "")[:4]
    return part, vendor, product, "" if version in _ANY else version


def cpe_range(cpe: str, *, first: str, after: str, through: str, before: str) -> VersionRange | None:
    """Returns the versions that a CPE and the bounds beside it mean; None for all of them."""
    if first or after or through or before:
        return VersionRange(
            first="" if after else first or "0",
            after=after or None,
            through=through or None,
            before=before or None,
        )
    parts = cpe_parts(cpe)
    return VersionRange(first=parts[3]) if parts is not None and parts[3] else None


def affected_by_cpe(matches: Iterable[tuple[str, VersionRange | None]]) -> tuple[Affected, ...]:
    """Returns the products of these CPEs, each once with its ranges; without any, all versions are meant."""
    found: dict[tuple[str, str, str], dict[VersionRange, None]] = {}
    all_versions: set[tuple[str, str, str]] = set()
    for cpe, versions in matches:
        parts = cpe_parts(cpe)
        if parts is None:
            continue
        ranges = found.setdefault(parts[:3], {})
        if versions is None:
            all_versions.add(parts[:3])
        else:
            ranges[versions] = None
    return tuple(
        Affected(
            vendor=vendor,
            product=product,
            ranges=() if (part, vendor, product) in all_versions else tuple(ranges),
            cpe=f"cpe:2.3:{part}:{_escape(vendor)}:{_escape(product)}",
        )
        for (part, vendor, product), ranges in found.items()
    )


def _escape(text: str) -> str:
    return re.sub(r"([^A-Za-z0-9_.\-])", r"\\\1", text)
