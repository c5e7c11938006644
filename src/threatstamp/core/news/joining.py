"""Which entries tell the same story: by the ids that they name, and by titles that are nearly the same."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
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
    PERSON = "person"
    """A person said so."""


MOST_CVES = 8
"""What names more CVEs is a round-up: it belongs only to what names just the same."""

MOST_ADVISORIES = 3
"""The same for advisories."""

ALIKE = 0.7
"""The least share of pairs of letters that two titles of one story have in common."""

SHORTEST = 15
"""Pairs of letters, and kanji once more, since one says as much as a word. Shorter titles, such as "Security
update", are those of many stories."""

BANDS, DEPTH = 12, 4
"""Titles are compared that share one of these bands of a min-hash signature: of two titles that have 70 % of
their pairs in common 96 of 100 do, of two that have 20 % in common 2 of 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What joining goes by, of an entry or of a story.

    cves: those that it is about. own: the ids of the advisory that it is, or that its title names.
    named: the ids of other advisories in it. products: the names of those in its title, and of their makers;
    none: not known. in_passing: its CVEs are not in its title, so it may only mention some.
    """

    title: str
    cves: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    in_passing: bool = False

    @property
    def ids(self) -> frozenset[str]:
        """The ids in capitals of which a story that this one may belong to names one."""
        return frozenset(one.upper() for one in self.cves | self.own | self.named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What is on record of a story, for joining. feeds: whose entries tell it, or told it once."""

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
        return Bond.CVES if _are_about_the_same(new, known) else None
    if _names(new, known) or _names(known, new):
        return Bond.ADVISORY
    return Bond.TITLE if are_alike(new.title, known.title) else None


def are_alike(one: str, other: str) -> bool:
    """True if two titles are nearly the same, and say the same numbers and names."""
    if _numbers(one) != _numbers(other):
        return False
    mine, theirs = _pairs(one), _pairs(other)
    if _is_short(one) or _is_short(other):
        return False
    return len(mine & theirs) >= ALIKE * len(mine | theirs) and not _name_others(one, other)


@lru_cache(maxsize=4_096)
def title_keys(title: str) -> tuple[str, ...]:
    """Returns keys of which titles that are nearly the same have one in common; none for a short title."""
    return () if _is_short(title) else tuple(_bands(_pairs(title)))


def _names(one: Telling, other: Telling) -> bool:
    """True if one names the advisory that the other is, or both are the same advisory."""
    mine = one.named | one.own
    return max(len(mine), len(other.own)) <= MOST_ADVISORIES and bool(mine & other.own)


def _are_about_the_same(new: Telling, known: Telling) -> bool:
    one, other = new.cves, known.cves
    if max(len(one), len(other)) > MOST_CVES:
        return one == other
    if one != other and (new.in_passing or known.in_passing) and not new.products & known.products:
        return False  # a report about attacks names what they used last year
    return 2 * len(one & other) >= len(one | other)


def _are_different_advisories(one: frozenset[str], other: frozenset[str]) -> bool:
    """True if both are advisories of one publisher, and not the same."""
    families = {_family(of) for of in one} & {_family(of) for of in other}
    return bool(families) and not one & other


def _family(advisory: str) -> str:
    return re.split(r"[^A-Za-z]", advisory, maxsplit=1)[0].upper()


@lru_cache(maxsize=4_096)
def _letters(title: str) -> str:
    """Returns the letters that pairs are made of: without hiragana, in which the same is said differently."""
    plain = _even(title).casefold()
    return "".join(sign for sign in plain if sign.isalnum() and not "ぁ" <= sign <= "ゖ")


_EVENED = (("アップデート", "更新"), ("更新プログラム", "更新"), ("following", "after"))
"""Words that stand for each other in titles."""


def _even(title: str) -> str:
    plain = unicodedata.normalize("NFKC", title[:300])
    for said, even in _EVENED:
        plain = plain.replace(said, even)
    return plain


def _is_short(title: str) -> bool:
    kanji = sum("一" <= sign <= "鿿" for sign in _letters(title))
    return len(_pairs(title)) + kanji < SHORTEST


@lru_cache(maxsize=4_096)
def _pairs(title: str) -> frozenset[str]:
    letters = _letters(title)
    return frozenset(letters[place : place + 2] for place in range(len(letters) - 1))


def _numbers(title: str) -> tuple[str, ...]:
    """Returns the numbers in a title: versions, counts, dates."""
    plain = re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", unicodedata.normalize("NFKC", title))
    return tuple(sorted(re.findall(r"[0-9]+", plain)))


def _name_others(one: str, other: str) -> bool:
    """True if one title has a name where the other has another one: a victim, a place, a product."""
    mine, theirs = _words(one), _words(other)
    changes = SequenceMatcher(a=_small(mine), b=_small(theirs), autojunk=False).get_opcodes()
    return any(
        change == "replace"
        and any(map(_may_be_name, mine[begin:end]))
        and any(map(_may_be_name, theirs[start:stop]))
        for change, begin, end, start, stop in changes
    )


_WORD = re.compile(r"[A-Za-z][A-Za-z0-9'’-]*|[ァ-ヺー]+|[0-9]+|\w")


def _words(title: str) -> list[str]:
    """Returns a title's words: Latin ones, those in katakana, and each other letter alone."""
    return _WORD.findall(_even(title))


def _small(words: list[str]) -> list[str]:
    return [word.casefold() for word in words]


def _may_be_name(word: str) -> bool:
    """True for a capital, katakana and kanji, but not for hiragana."""
    return word[0].isupper() or "ァ" <= word[0] <= "ヺ" or "一" <= word[0] <= "鿿"


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
