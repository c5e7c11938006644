"""Which entries of a document are on record already: told by the whole document and the feed's history.

An id alone is not believed. Some publishers number their entries anew with every document, or use an id again
for the next piece of news; others give all entries new ids when their server moves.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from threatstamp.core.news.entry import Entry, derived_id, is_derived
from threatstamp.core.news.story import KnownEntry, page_key, place_key
from threatstamp.core.time import Micros

HOUR = 3_600_000_000
"""In microseconds. A time at a full hour may be no more than a date, and many entries share a date."""

LEAST_SHARE = 0.3
"""A title that is a smaller part of another one does not say the same: it may be "Notice" alone."""

Pair = tuple[Entry, KnownEntry | None]
Pages = Mapping[str, Sequence[KnownEntry]]


def other_ids(entry: Entry) -> tuple[str, ...]:
    """Returns the ids that an entry may have on record besides its present one."""
    derived = derived_id(entry)
    return (entry.link, derived) if entry.link else (derived,)


def needs_history(entry: Entry, known: Mapping[str, KnownEntry]) -> bool:
    """True unless an entry is clearly the one on record under its id."""
    one = known.get(entry.entry_id)
    return one is None or is_another(entry, one) or not (entry.own_id or _is_titled_alike(entry, one))


def recognise(entries: Sequence[Entry], known: Mapping[str, KnownEntry], pages: Pages) -> tuple[Pair, ...]:
    """Returns each entry with the one on record that it is, None for a new one, in the order of the entries.

    known: by id, with `other_ids`. pages: by `place_key`, for entries that need history. One on record is
    found for one entry only. Each rule goes through the whole document before the next one: what is sure is
    not taken away by what is likely.
    """
    scene = _Scene(entries, known, pages)
    for rule in (_has_own_id, _says_all_the_same, _is_page_and_title, _has_link_as_id, _is_page_and_time):
        scene.apply(rule)
    return tuple((entry, scene.found.get(place)) for place, entry in enumerate(entries))


def settled(pairs: Sequence[Pair], known: Collection[str]) -> tuple[Pair, ...]:
    """Returns the pairs with the ids under which the entries are to be on record. known: ids that are taken.

    A known entry takes its new id along if that is free and its old one has left the document: ids that
    wander within a document would be exchanged for ever. A new entry whose id is another one's gets another.
    """
    present = {entry.entry_id for entry, _ in pairs}
    taken = {*known, *(one.entry_id for _, one in pairs if one is not None)}
    done: list[Pair] = []
    for entry, one in pairs:
        if one is None:
            if entry.entry_id in taken:
                entry = replace(entry, entry_id=_free_id(entry, taken | present))
        elif not _takes_new_id(entry, one, taken=taken, present=present):
            entry = replace(entry, entry_id=one.entry_id)
        taken.add(entry.entry_id)
        done.append((entry, one))
    return tuple(done)


def is_another(entry: Entry, one: KnownEntry) -> bool:
    """True if an entry is not the one on record, although it has its id.

    With an id of its own it is another one if link, title and time all differ. With its link as id it is
    another one if title and time differ and the new title is no completion of the old one.
    """
    if _is_titled_alike(entry, one):
        return False
    is_dated = entry.at is not None and one.at is not None
    if not entry.own_id:
        return is_dated and entry.at != one.at and not _completes(entry, one)
    if entry.link is None or one.link is None or page_key(entry.link) == page_key(one.link):
        return False
    return entry.at != one.at if is_dated else not _completes(entry, one)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    """What the document and the history say beside two entries.

    is_lone: the page is that of one entry only. is_anew: the document has given new ids to all.
    """

    is_lone: bool
    is_anew: bool


Rule = Callable[[Entry, KnownEntry, _Signs], bool]
"""True if an entry is the one on record."""


class _Scene:
    """A document before its feed's history. found: what was recognised, by place in the document."""

    def __init__(self, entries: Sequence[Entry], known: Mapping[str, KnownEntry], pages: Pages) -> None:
        self.found: dict[int, KnownEntry] = {}
        self._entries = entries
        self._known = known
        self._pages = pages
        self._keys = [place_key(entry) for entry in entries]
        self._counts = Counter(self._keys)
        self._alike: dict[tuple[str, str, Micros | None], list[KnownEntry]] = defaultdict(list)
        for key, several in pages.items():
            for one in several:
                self._alike[key, _words(one.title), one.at].append(one)
        self._taken: set[str] = set()
        own = [entry.entry_id for entry in entries if entry.own_id]
        self._is_anew = len(own) > 1 and not any(one in known for one in own)

    def apply(self, rule: Rule) -> None:
        """Recognises the entries for which just one on record keeps to the rule."""
        for place, entry in enumerate(self._entries):
            if place in self.found:
                continue
            signs = _Signs(is_lone=self._is_lone(place), is_anew=self._is_anew)
            fitting = [one for one in self._candidates(place) if rule(entry, one, signs)]
            if len(fitting) == 1 or (fitting and rule is _says_all_the_same):
                self.found[place] = fitting[0]
                self._taken.add(fitting[0].entry_id)

    def _candidates(self, place: int) -> Iterator[KnownEntry]:
        """Returns few, however much is known of a page: by id, those that say the same, the only one."""
        entry, key = self._entries[place], self._keys[place] or ""
        by_id = (self._known.get(one) for one in (entry.entry_id, *other_ids(entry)))
        alike = self._alike.get((key, _words(entry.title), entry.at), ())
        only = self._pages.get(key, ())[:1] if self._is_lone(place) else ()
        found = {one.entry_id: one for one in (*by_id, *alike, *only) if one is not None}
        return (one for name, one in found.items() if name not in self._taken)

    def _is_lone(self, place: int) -> bool:
        """True if its page is that of one entry only, in the document and in the history."""
        key = self._keys[place]
        before = self._pages.get(key or "", ())
        is_shared = len(before) > 1 or any(one.shares_page for one in before)
        return self._entries[place].link is not None and self._counts[key] == 1 and not is_shared


def _has_own_id(entry: Entry, one: KnownEntry, _: _Signs) -> bool:
    return entry.own_id and entry.entry_id == one.entry_id and not is_another(entry, one)


def _says_all_the_same(entry: Entry, one: KnownEntry, signs: _Signs) -> bool:
    """Title, page and time; an id of its own speaks against it only where there is no time."""
    is_same = _is_same_page(entry, one) and _is_titled_alike(entry, one) and entry.at == one.at
    return is_same and (entry.at is not None or not entry.own_id or signs.is_lone or signs.is_anew)


def _is_page_and_title(entry: Entry, one: KnownEntry, signs: _Signs) -> bool:
    """Ids were made anew, or http became https. A page of many entries may have one title for all of them."""
    return signs.is_lone and _is_same_page(entry, one) and _is_titled_alike(entry, one)


def _has_link_as_id(entry: Entry, one: KnownEntry, signs: _Signs) -> bool:
    if entry.own_id or entry.entry_id != one.entry_id or is_another(entry, one):
        return False
    return signs.is_lone or _is_titled_alike(entry, one) or _completes(entry, one)


def _is_page_and_time(entry: Entry, one: KnownEntry, signs: _Signs) -> bool:
    """One edit changed id and title: the page is the only one of its kind, and the time is the same."""
    if not signs.is_lone or not _is_same_page(entry, one) or entry.at is None or entry.at != one.at:
        return False
    return entry.at % HOUR != 0 or _completes(entry, one)


def _is_same_page(entry: Entry, one: KnownEntry) -> bool:
    return page_key(entry.link) == page_key(one.link)


def _is_titled_alike(entry: Entry, one: KnownEntry) -> bool:
    return _words(entry.title) == _words(one.title)


def _completes(entry: Entry, one: KnownEntry) -> bool:
    """True if one title is the other with words before or behind it: "Updated: ...", "... (2nd report)"."""
    short, long = sorted((_words(entry.title), _words(one.title)), key=len)
    at = long.find(short)
    if at < 0 or len(short) < LEAST_SHARE * len(long):
        return False
    around = long[at - 1 : at] + long[at + len(short) : at + len(short) + 1]
    return not any(sign.isascii() and sign.isalnum() for sign in around)


def _words(title: str | None) -> str:
    return " ".join(unicodedata.normalize("NFKC", title or "").casefold().split())


def _takes_new_id(entry: Entry, one: KnownEntry, *, taken: set[str], present: set[str]) -> bool:
    """True if the new id is free, the old one is gone, and the new one is no worse: links may be shared."""
    is_free = entry.entry_id not in taken and one.entry_id not in present
    return is_free and (entry.own_id or entry.entry_id != entry.link or not is_derived(one.entry_id))


def _free_id(entry: Entry, taken: Collection[str]) -> str:
    found = derived_id(entry)
    while found in taken:
        found = derived_id(replace(entry, summary=found, title=None))
    return found
