"""Which entries tell the same story: by the ids that they name, and by titles that are nearly the same."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from threatstamp.core.ids import FeedName


class Bond(StrEnum):
    """Why an entry belongs to a story. Each has words `bond_…` in the catalogue `stories`."""

    LINK = "link"
    """They have the same page."""
    CVES = "cves"
    """They are about the same CVEs, of the same product where both name one."""
    ADVISORY = "advisory"
    """One names the advisory that the other one is."""
    TITLE = "title"
    """Their titles are nearly the same."""
    FOLLOWS = "follows"
    """The same feed has told more about the same CVEs."""


MOST_CVES = 8
"""What names more CVEs is a round-up: it belongs only to what names just the same."""

MOST_ADVISORIES = 3
"""The same for advisories."""

ALIKE = 0.8
"""The least share of pairs of letters that two titles of one story have in common."""

SHORTEST = 14
"""Letters. Shorter titles, such as "Security update", are those of many stories."""

BANDS, DEPTH = 8, 4
"""Titles are compared that share one of these bands of a min-hash signature: of two titles that have 85 % of
their pairs in common 99 of 100 do, of two that have 20 % in common 1 of 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What joining goes by, of an entry or of a story.

    cves: those that it is about. own: the ids of the advisory that it is.
    named: the ids of other advisories in it. products: the names of those in its title, and of their makers;
    none: not known.
    """

    title: str
    cves: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()

    @property
    def ids(self) -> frozenset[str]:
        """The ids in capitals of which a story that this one may belong to names one."""
        return frozenset(one.upper() for one in self.cves | self.own | self.named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is on record of a story, for joining. feeds: whose entries tell it."""

    telling: Telling
    feeds: frozenset[FeedName]


def bond_of(new: Telling, known: Telling) -> Bond | None:
    """Returns why two tellings are the same story; None if they are not, or nothing says so."""
    if new.cves and known.cves and not new.cves & known.cves:
        return None  # JVN iPedia: many flaws of one product have one title
    if new.products and known.products and not new.products & known.products:
        return None  # a flaw of Chromium is one story for Chrome, and another one for Edge
    if _are_different_advisories(new.own, known.own):
        return None
    if new.cves and known.cves:
        return Bond.CVES if _are_about_the_same(new.cves, known.cves) else None
    if _names(new, known) or _names(known, new):
        return Bond.ADVISORY
    return Bond.TITLE if are_alike(new.title, known.title) else None


def are_alike(one: str, other: str) -> bool:
    """True if two titles are nearly the same, and say the same numbers: versions, counts, dates."""
    if _numbers(one) != _numbers(other):
        return False
    mine, theirs = _pairs(one), _pairs(other)
    if min(len(mine), len(theirs)) < SHORTEST:
        return False
    return len(mine & theirs) >= ALIKE * len(mine | theirs)


def title_keys(title: str) -> tuple[str, ...]:
    """Returns keys of which titles that are nearly the same have one in common; none for a short title."""
    pairs = _pairs(title)
    if len(pairs) < SHORTEST:
        return ()
    return tuple(_bands(pairs))


def _names(one: Telling, other: Telling) -> bool:
    """True if one names the advisory that the other is, or both are the same advisory."""
    mine = one.named | one.own
    return len(mine) <= MOST_ADVISORIES and bool(mine & other.own)


def _are_about_the_same(one: frozenset[str], other: frozenset[str]) -> bool:
    if max(len(one), len(other)) > MOST_CVES:
        return one == other
    return 2 * len(one & other) >= len(one | other)


def _are_different_advisories(one: frozenset[str], other: frozenset[str]) -> bool:
    """True if both are advisories of one publisher, and not the same."""
    families = {_family(of) for of in one} & {_family(of) for of in other}
    return bool(families) and not one & other


def _family(advisory: str) -> str:
    return re.split(r"[^A-Za-z]", advisory, maxsplit=1)[0].upper()


@lru_cache(maxsize=4_096)
def _letters(title: str) -> str:
    plain = unicodedata.normalize("NFKC", title[:300]).casefold()
    return "".join(sign for sign in plain if sign.isalnum())


@lru_cache(maxsize=4_096)
def _pairs(title: str) -> frozenset[str]:
    letters = _letters(title)
    return frozenset(letters[place : place + 2] for place in range(len(letters) - 1))


def _numbers(title: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKC", title)
    return tuple(sorted(re.findall(r"[0-9]+", plain)))


def _bands(pairs: frozenset[str]) -> Iterator[str]:
    """Yields a title's min-hash signature in bands (Broder 1997).

    Each place of it is the least of one hash function over all pairs; two sets agree in a place as often as
    they have pairs in common.
    """
    hashed = [zlib.crc32(pair.encode()) for pair in pairs]
    for band in range(BANDS):
        signs = [_least(hashed, band * DEPTH + place) for place in range(DEPTH)]
        yield f"title {band}:{zlib.crc32(repr(signs).encode()):08x}"


_PRIME = (1 << 61) - 1


@cache
def _function(number: int) -> tuple[int, int]:
    """Returns factor and offset of a hash function, always the same ones: the keys are stored."""
    return zlib.crc32(f"factor {number}".encode()) | 1, zlib.crc32(f"offset {number}".encode())


def _least(hashed: list[int], number: int) -> int:
    factor, offset = _function(number)
    return min((factor * one + offset) % _PRIME for one in hashed)
