"""Products' names in a text: the longest at each place, with the versions that stand beside them.

All names are looked for at once, by an automaton (Aho and Corasick, 1975) of the library `ahocorasick_rs`. It
computes and does nothing else, so that the core may have it; it is imported when the first finder is built,
since most commands need none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from threatstamp.core.assets.common import Letters, is_common, is_product
from threatstamp.core.assets.folding import Normal, fold, folded, normal
from threatstamp.core.assets.spans import VersionSpan, spans_beside

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick

_KANA = re.compile("[\u30a1-\u30fa\u30fc\uff66-\uff9f]")
_SHORT_KANA = 4
"""Katakana names up to this length are whole words only: ワード is not found in パスワード."""
_LATIN = re.compile(r"[0-9A-Za-z_]")
_ADDRESS = re.compile(r"\b(?:h(?:tt|xx)ps?\[?:\]?//|www\.)[^\s<>「」、。（）]+", re.IGNORECASE)
_SMALL = re.compile(r"(?<![A-Za-z-])[a-z]+\s\Z")
"""A word in small letters before a name: it is no part of it, as in "an Exchange bug"."""
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]{3,}")
_CAPITAL = re.compile(r"[\s-][A-Z]")
_ABOUT = 100
"""Characters before and behind a name that tell whether most words are in small letters."""
_CLOSE = 15
_ON = re.compile(r"[^.!?。、,;:\n]{0,30}\s(?:for|on)\s")
_EDITION = re.compile(r"\s?(?:版|向け|用|上で|(?:client|app|edition|version of|users?)\b)")
MOST = 200
"""Mentions in one text that are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name by which texts call a product.

    of: the product's own name, its key. vendors: words one of which has to stand beside the name, or
    something else that tells, where the name is an everyday word. is_platform: others run on it, and "for
    Windows" and "Windows版" tell of those.
    """

    text: str
    of: str
    vendors: tuple[str, ...] = ()
    is_platform: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A place where a text names products. of: their keys, sorted. words: what stands there."""

    of: tuple[str, ...]
    words: str
    start: int
    end: int
    versions: tuple[VersionSpan, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sought:
    """A name made ready. exact: as it has to be written, for a common one; "" otherwise."""

    of: str
    exact: str
    vendors: tuple[str, ...]
    is_platform: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    """A place of the normal text."""

    start: int
    end: int
    sought: tuple[_Sought, ...]


class NameFinder:
    """Finds names in texts. Built once from many of them; two with equal texts are found together."""

    def __init__(self, names: Iterable[Name]) -> None:
        by_form: dict[str, dict[tuple[str, str], _Sought]] = {}
        for name in names:
            if form := fold(name.text):
                one = _made_ready(name)
                by_form.setdefault(form, {})[one.of, one.exact] = one
        self._sought = [tuple(group.values()) for group in by_form.values()]
        self._automaton = _automaton(tuple(by_form))

    def find(self, text: str) -> tuple[Mention, ...]:
        """Returns what the text names, in order. Names within links and addresses do not count."""
        if self._automaton is None:
            return ()
        plain = normal(text)
        form = folded(plain.text)
        found = self._automaton.find_matches_as_indexes(form.text, overlapping=True)
        if not found:
            return ()
        hits = [
            _Hit(start=span[0], end=span[1], sought=self._sought[number])
            for number, start, end in found
            for span in (form.span(start, end),)
        ]
        hits.sort(key=lambda hit: (hit.start, -hit.end))
        return tuple(_mentions(text, plain, hits))


def _automaton(forms: Sequence[str]) -> AhoCorasick | None:
    if not forms:
        return None
    from ahocorasick_rs import AhoCorasick

    return AhoCorasick(forms)


def _made_ready(name: Name) -> _Sought:
    return _Sought(
        of=name.of,
        exact=_as_written(name.text) if is_common(name.text) else "",
        vendors=tuple(filter(None, (normal(vendor).text.strip() for vendor in name.vendors))),
        is_platform=name.is_platform,
    )


def _as_written(words: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", words))


_Kept = tuple[_Hit, tuple[str, ...]]
"""A hit, and the products that it means."""


def _mentions(text: str, plain: Normal, hits: Sequence[_Hit]) -> list[Mention]:
    kept = _subjects(_kept(text, plain, hits), plain.text)
    ends = [*(hit.start for hit, _ in kept), len(plain.text)][1:]
    return [
        Mention(
            of=of,
            words=text[start:end],
            start=start,
            end=end,
            versions=spans_beside(plain.text, hit.start, hit.end, until=until),
        )
        for (hit, of), until in zip(kept, ends, strict=True)
        for start, end in (plain.written(hit.start, hit.end),)
    ]


def _kept(text: str, plain: Normal, hits: Sequence[_Hit]) -> list[_Kept]:
    kept: list[_Kept] = []
    links = [found.span() for found in _ADDRESS.finditer(text)]
    for hit in hits:
        last = kept[-1][0].end if kept else None
        if last is not None and hit.start < last:
            continue
        start, end = plain.written(hit.start, hit.end)
        if not _is_whole(text, start, end) or any(a <= start < b for a, b in links):
            continue
        words, case = text[start:end], _letters(text, start, end)
        fitting = (
            one.of for one in hit.sought if _fits(one, plain.text, hit, words=words, after=last, case=case)
        )
        if of := set(fitting):
            kept.append((hit, tuple(sorted(of))))
            if len(kept) == MOST:
                break
    return kept


def _fits(sought: _Sought, plain: str, hit: _Hit, *, words: str, after: int | None, case: Letters) -> bool:
    if not sought.exact:
        return True
    is_same = _as_written(words) == sought.exact
    return is_same and is_product(plain, hit.start, hit.end, vendors=sought.vendors, after=after, case=case)


def _letters(text: str, start: int, end: int) -> Letters:
    if not _SMALL.search(text, max(0, start - 20), start):
        return Letters.NAMED
    words = _WORD.findall(text, max(0, start - _ABOUT), end + _ABOUT)
    small = sum(word[0].islower() for word in words)
    is_sentence = small > len(words) * 0.5 and not _CAPITAL.match(text, end)
    return Letters.ALONE if is_sentence else Letters.SMALL


def _subjects(kept: Sequence[_Kept], plain: str) -> list[_Kept]:
    """Returns the hits without platforms that are named only for what runs on them."""
    return [
        one
        for number, one in enumerate(kept)
        if not (
            all(name.is_platform for name in one[0].sought)
            and _carries(plain, one[0], kept[max(0, number - 1) : number], kept[number + 1 : number + 2])
        )
    ]


def _carries(plain: str, hit: _Hit, before: Sequence[_Kept], behind: Sequence[_Kept]) -> bool:
    """Tells whether a platform is named for the product before or behind it: "Zoom for Windows"."""
    left = plain[before[0][0].end : hit.start] if before else None
    right = plain[hit.end : behind[0][0].start] if behind else None
    if left is not None and _ON.fullmatch(left):
        return True
    if not _EDITION.match(plain, hit.end):
        return False
    return any(gap is not None and len(gap) <= _CLOSE for gap in (left, right))


def _is_whole(text: str, start: int, end: int) -> bool:
    """False for a piece of a longer word, of a host's name or of an address for mail."""
    before, behind = text[max(0, start - 2) : start], text[end : end + 2]
    first, last = text[start], text[end - 1]
    if before[-1:] in ("@", "＠") or (not first.isalnum() and _LATIN.match(before[-1:])):
        return False
    if re.fullmatch(r"[A-Za-z0-9]\.", before) or re.fullmatch(r"\.[A-Za-z]", behind):
        return False
    if end - start <= _SHORT_KANA and _KANA.fullmatch(first) and _KANA.match(before[-1:]):
        return False
    return not (end - start <= _SHORT_KANA and _KANA.fullmatch(last) and _KANA.match(behind[:1]))
