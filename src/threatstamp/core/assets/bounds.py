"""Ranges of versions in words, which stand in the place of a version in many records.

">= 2.0, < 2.3" (GitHub), "1.2.3 and earlier" (JPCERT/CC), "prior to 3.1", "1.2.3 以前", "1.0 から 1.5 まで".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from threatstamp.core.assets.ordering import LONGEST, tokens, written

MOST_WORDS = 4
"""Words of a single version, as in "R80.40 Jumbo Take 94". What has more is a sentence."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How a version in a range stands to another one. sign: ">=", ">", "<", "<=", "=" or "!="."""

    sign: str
    version: str


_SIGNS = {">=": ">=", "=>": ">=", "≥": ">=", ">": ">", "<=": "<=", "=<": "<=", "≤": "<=", "<": "<"}
_SIGNED = re.compile(r"(>=|=>|≥|<=|=<|≤|==|=|<|>)\s*([^\s,<>=≤≥]+)")

_UNDER = "prior to|before|earlier than|less than|lower than|below|under"
_UP_TO = "up to and including|up to|through|until|till"
_FROM = "from|since|starting from|starting with"
_EARLIER = "(?:and|or) (?:all )?(?:earlier|prior|older|before|below|lower|previous)(?: versions?| releases?)?"
_LATER = "(?:and|or) (?:all )?(?:later|newer|above|higher|after)(?: versions?| releases?)?"
_ALL_OF_THEM = "(?:の(?:全ての|すべての)?バージョン)?"

_WORDS = tuple(
    (re.compile(pattern), sign)
    for pattern, sign in (
        (rf"(?:{_UNDER}) (?:versions? )?(.+)", "<"),
        (rf"(?:{_UP_TO}) (?:versions? )?(.+)", "<="),
        (rf"(?:{_FROM}) (?:versions? )?(.+)", ">="),
        (rf"(.+?) ?{_EARLIER}", "<="),
        (rf"(.+?) ?{_LATER}", ">="),
        (rf"(.+?) ?(?:及びそれ以前|およびそれ以前|以前|以下|まで){_ALL_OF_THEM}", "<="),
        (rf"(.+?) ?(?:より前|未満){_ALL_OF_THEM}", "<"),
        (rf"(.+?) ?(?:以降|以上|から){_ALL_OF_THEM}", ">="),
    )
)
_SERIES = re.compile(r"(?:all )?([0-9]+(?:\.[0-9]+)*)(?: all| series|\.x| ?系)(?: versions?)?")
"""All versions of a series: "7.9 All", "7.4系"."""

_BETWEEN = tuple(
    (re.compile(pattern), sign)
    for pattern, sign in (
        (rf"(\S+?) ?(?:から|以上|以降)の?、? ?(\S+?) ?(?:まで|以下|以前){_ALL_OF_THEM}", "<="),
        (rf"(\S+?) ?(?:から|以上|以降)の?、? ?(\S+?) ?(?:未満|より前){_ALL_OF_THEM}", "<"),
        (r"([0-9][^\s〜]*) ?〜 ?([0-9]\S*)", "<="),
        (r"(?:from )?([0-9]\S*) (?:-|–|~|to|through|thru) (?:version )?(\S+)", "<="),
    )
)


def read_bounds(text: str) -> Iterator[Bound]:
    """Yields the bounds that a text in the place of a version names; nothing for one without any version."""
    plain = written(text)
    if len(plain) > LONGEST:
        return
    signed = tuple(signed_bounds(plain))
    if signed:
        yield from signed
        return
    for pattern, sign in _BETWEEN:
        found = pattern.fullmatch(plain)
        if found and _is_version(found[1]) and _is_version(found[2]):
            yield from (Bound(">=", found[1]), Bound(sign, found[2]))
            return
    for pattern, sign in _WORDS:
        found = pattern.fullmatch(plain)
        if found and _is_version(found[1]):
            yield Bound(sign, written(found[1]))
            return
    series = _SERIES.fullmatch(plain)
    if series:
        yield Bound("=", f"{series[1]}.*")
    elif plain != "0" and tokens(plain) and len(plain.split()) <= MOST_WORDS:
        yield Bound("=", text.strip())


def signed_bounds(text: str) -> Iterator[Bound]:
    """Yields the bounds of ">= 2.0, < 2.3"; nothing for a text without signs."""
    for sign, version in _SIGNED.findall(text):
        if _is_version(version):
            yield Bound(_SIGNS.get(sign, "="), version)


_VERS = re.compile(r"vers:[a-z0-9.+-]+/(.+)", re.IGNORECASE)
_CONSTRAINT = re.compile(r"(>=|<=|!=|>|<|=)?(.+)")


def read_vers(text: str) -> tuple[tuple[Bound, ...], ...]:
    """Returns the parts of a range beside package URLs, "vers:npm/>=1.0|<1.2|2.0"; () for any other text.

    A version is in the range if all bounds of one part hold (https://github.com/package-url/vers-spec).
    """
    found = _VERS.fullmatch(text.strip())
    if not found:
        return ()
    given = [_CONSTRAINT.fullmatch(unquote(one.strip())) for one in found[1].split("|") if one.strip(" *")]
    bounds = [Bound(one[1] or "=", one[2].strip()) for one in given if one]
    without = tuple(one for one in bounds if one.sign == "!=")
    parts: list[tuple[Bound, ...]] = []
    begin: tuple[Bound, ...] = ()
    for bound in bounds:
        if bound.sign == "=":
            parts.append((bound,))
        elif bound.sign in (">", ">="):
            begin = (bound,)
        elif bound.sign != "!=":
            parts.append((*begin, bound, *without))
            begin = ()
    if begin or not parts:
        parts.append((*begin, *without))
    return tuple(parts)


def _is_version(text: str) -> bool:
    return bool(tokens(written(text)))
