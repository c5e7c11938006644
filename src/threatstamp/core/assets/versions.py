"""Whether a version lies in a range: in it, out of it, or not to be told.

A range is written as records write it: bounds as the CVE List has them, an infinite bound as "*" or "6.1.*"
(https://github.com/CVEProject/cve-schema/blob/main/schema/docs/versions.md), or words in their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.assets.bounds import Bound, read_bounds, read_vers, signed_bounds
from threatstamp.core.assets.ordering import GIT, compare, is_commit, tokens, written
from threatstamp.core.facts.assessment import Affected, VersionRange


class Lies(StrEnum):
    """Where a version lies. UNKNOWN: it cannot be compared with what a range is bounded by."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"
    UNSAID = "unsaid"
    """The range names no version, "n/a" or "see references", or commits only, and ours is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Where a version lies, and by which comparison: "1.2.4" "<" "1.3".

    OUTSIDE: the comparison that excludes it. INSIDE: the one with the bound that ends the range, if it has
    one. UNKNOWN: sign is "?", between our version and what it cannot be compared with. "" where nothing is
    compared.
    """

    lies: Lies
    left: str = ""
    sign: str = ""
    right: str = ""

    @property
    def comparison(self) -> str:
        return f"{self.left} {self.sign} {self.right}" if self.sign else ""


_OPEN = frozenset(("", "0", "*", "-", "n/a", "unspecified", "unknown", "all", "any", "none", "all versions"))
"""What stands where a range has no lower bound."""

_ALL = frozenset(("*", "all", "any", "all versions", "any version", "全バージョン", "すべてのバージョン"))


def place(version: str, of: VersionRange) -> Placing:
    """Returns where a version, which is not "", lies."""
    if of.scheme == GIT and not is_commit(version):
        return Placing(lies=Lies.UNSAID)
    several = read_vers(of.first)
    if several:
        return _in_any(version, [_place(version, bounds, of.scheme or "") for bounds in several])
    bounds = _bounds(of)
    return Placing(lies=Lies.UNSAID) if bounds is None else _place(version, bounds, of.scheme or "")


def _in_any(version: str, found: Sequence[Placing]) -> Placing:
    """Returns where a version lies that is in a range if it is in one of its parts."""
    for lies in (Lies.INSIDE, Lies.UNKNOWN):
        first = next((one for one in found if one.lies is lies), None)
        if first:
            return first
    return _nearest(version, found)


def _place(version: str, bounds: Sequence[Bound], scheme: str) -> Placing:
    unknown: Placing | None = None
    end = Placing(lies=Lies.INSIDE)
    for bound in bounds:
        holds = _holds(version, bound, scheme)
        if holds is None:
            unknown = Placing(lies=Lies.UNKNOWN, left=version, sign="?", right=bound.version)
        elif not holds:
            return _excluded(version, bound)
        elif bound.sign in ("<", "<="):
            end = Placing(
                lies=Lies.INSIDE, left=version, sign=bound.sign.replace("<=", "≤"), right=bound.version
            )
    return unknown or end


def _excluded(version: str, bound: Bound) -> Placing:
    """Returns by which comparison a bound excludes a version: the smaller one stands on the left."""
    if bound.sign in (">", ">="):
        sign = "≤" if bound.sign == ">" else "<"
        return Placing(lies=Lies.OUTSIDE, left=version, sign=sign, right=bound.version)
    if bound.sign in ("=", "!="):
        sign = "≠" if bound.sign == "=" else "="
        return Placing(lies=Lies.OUTSIDE, left=version, sign=sign, right=bound.version)
    sign = "≤" if bound.sign == "<" else "<"
    return Placing(lies=Lies.OUTSIDE, left=bound.version, sign=sign, right=version)


def _holds(version: str, bound: Bound, scheme: str) -> bool | None:
    prefix = _series(bound.version)
    if prefix is not None:
        return _holds_series(version, bound.sign, prefix)
    order = compare(version, bound.version, scheme)
    if order is None:
        return None
    if bound.sign in ("=", "!="):
        return (order == 0) == (bound.sign == "=")
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[bound.sign]


def _series(version: str) -> tuple[object, ...] | None:
    """Returns the numbers before the star of "6.1.*" or "6.1.x"; None for any other version."""
    plain = written(version)
    return tokens(plain[:-2]) or None if plain.endswith((".*", ".x")) else None


def _holds_series(version: str, sign: str, series: tuple[object, ...]) -> bool | None:
    """The star is infinity: every version of the series is at most "6.1.*", and at least "6.1"."""
    ours = tokens(written(version))[: len(series)]
    if not ours or any(type(one) is not type(other) for one, other in zip(ours, series, strict=False)):
        return None
    ours = (*ours, *(0 for _ in range(len(series) - len(ours))))
    if sign == "=":
        return ours == series
    return ours <= series if sign in ("<", "<=") else ours >= series


def _bounds(of: VersionRange) -> tuple[Bound, ...] | None:
    """Returns what must hold for a version in the range, () if all are in it; None if it names none."""
    first = written(of.first)
    ends = [Bound(sign, end) for sign, end in (("<", of.before), ("<=", of.through)) if end]
    if ends or of.after:
        lower = Bound(">", of.after) if of.after else Bound(">=", of.first)
        is_open = not of.after and first in _OPEN
        begins = () if is_open else tuple(signed_bounds(first)) or (lower,)
        return (*begins, *(one for one in ends if written(one.version) not in ("*", "")))
    if first in _ALL:
        return ()
    return tuple(read_bounds(of.first)) or None


class Standing(StrEnum):
    """What a record says of one version of a product that it names, the gravest first."""

    AFFECTED = "affected"
    INCOMPARABLE = "incomparable"
    """Our version cannot be compared with those of the record."""
    OURS_UNKNOWN = "ours_unknown"
    """The product is affected, and which version we have is not known."""
    UNSAID = "unsaid"
    """The product is named, and nothing is said of which versions, or not of ours."""
    NAMED = "named"
    """A text names the product, and nothing else is known."""
    NOT_AFFECTED = "not_affected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stands:
    """How a version stands, and the comparison that says so, if there is one."""

    standing: Standing
    placing: Placing = Placing(lies=Lies.UNSAID)


def stands(version: str, said: Affected) -> Stands:
    """Returns how a version, "" if it is not known, stands to what a record says of its product.

    The rules are the CVE List's, with two exceptions. A range that excludes a version says that it is not
    affected also where a record leaves out what it says of other versions, as most do; a list of single
    versions does not. And what lies in an affected range is affected, whatever other ranges say.
    """
    if not version:
        return Stands(standing=Standing.OURS_UNKNOWN)
    hit = [place(version, one) for one in said.ranges]
    inside = next((one for one in hit if one.lies is Lies.INSIDE), None)
    if inside:
        return Stands(standing=Standing.AFFECTED, placing=inside)
    spared = [place(version, one) for one in said.unaffected]
    inside = next((one for one in spared if one.lies is Lies.INSIDE), None)
    if inside:
        return Stands(standing=Standing.NOT_AFFECTED, placing=_as_excluded(version, inside))
    unknown = [one for one in (*hit, *spared) if one.lies is Lies.UNKNOWN]
    if unknown:
        return Stands(standing=Standing.INCOMPARABLE, placing=unknown[0])
    return _by_default(version, said, [one for one in hit if one.lies is Lies.OUTSIDE])


def _by_default(version: str, said: Affected, outside: Sequence[Placing]) -> Stands:
    """Returns how a version stands that no range names."""
    if said.default == "affected" or not (
        said.ranges or said.unaffected or said.is_name_only or said.default
    ):
        return Stands(standing=Standing.AFFECTED)
    between = [one for one in outside if one.sign != "≠"]
    if outside and len(outside) == len(said.ranges) and (between or said.default == "unaffected"):
        return Stands(standing=Standing.NOT_AFFECTED, placing=_nearest(version, between or outside))
    return Stands(standing=Standing.UNSAID)


def _as_excluded(version: str, inside: Placing) -> Placing:
    """Returns where a version is that an unaffected range names."""
    return inside if inside.sign else Placing(lies=Lies.INSIDE, left=version, sign="=", right=version)


def _nearest(version: str, outside: Sequence[Placing]) -> Placing:
    """Returns the comparison that says most: with the last end below a version, else the first beginning."""
    ended = [one for one in outside if one.right == version]
    best, *rest = ended or outside
    for one in rest:
        order = compare(one.left, best.left) if ended else compare(best.right, one.right)
        if order is not None and order > 0:
            best = one
    return best
