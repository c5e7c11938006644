"""Entries in the making: what every dialect does alike."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from threatstamp.core.news.entry import Entry, derived_id
from threatstamp.feeds import plain
from threatstamp.feeds.plain import says_nothing
from threatstamp.feeds.problems import MOST_ENTRIES

LONGEST_ID = 1_000
_MAIL_AND_NAME = re.compile(r"[^\s@()<>]{1,100}@[^\s@()<>]{1,100}\s{0,9}\(([^()]{1,200})\)")
_NAME_AND_MAIL = re.compile(r"\"?([^<>\"@]{1,200}?)\"?\s{0,9}<[^\s<>]{1,200}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a document is read by: its own address if that is known, and the zone of dates without one."""

    base: str | None
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry as one dialect gives it, without its id yet. ids: what may name it, the best first."""

    ids: tuple[str | None, ...]
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDraft:
    """A feed as one dialect gives it. more: entries were left out, since there are too many."""

    title: str | None = None
    link: str | None = None
    drafts: tuple[Draft, ...] = ()
    more: bool = False


def collect(drafts: Iterable[Draft]) -> tuple[tuple[Draft, ...], bool]:
    """Returns the drafts, at most as many as may be, and whether there were more."""
    found: list[Draft] = []
    for draft in drafts:
        if len(found) == MOST_ENTRIES:
            return tuple(found), True
        found.append(draft)
    return tuple(found), False


def finish(drafts: Iterable[Draft]) -> tuple[Entry, ...]:
    """Gives each draft its id and leaves out what repeats one.

    An entry's id is the best name that is its own in the document: one that the publisher gave, else its
    link, else a digest of what it says.
    """
    named = [_Named(draft) for draft in drafts]
    while shared := _shared(named):
        for one in shared:
            one.names.pop()
    kept: dict[str, Entry] = {}
    for one in named:
        entry = one.finished()
        kept.setdefault(entry.entry_id, entry)
    return tuple(kept.values())


class _Named:
    """An entry with the names that are left for it, the best last; its link is the last resort."""

    __slots__ = ("entry", "names")

    def __init__(self, draft: Draft) -> None:
        self.entry = draft.entry
        said = [plain.one_line(one) for one in draft.ids if one]
        given = [one for one in said if one and not says_nothing(one)]
        link = [draft.entry.link] if draft.entry.link else []
        self.names = [_bounded(name) for name in (*link, *reversed(given))]

    @property
    def best(self) -> str | None:
        return self.names[-1] if self.names else None

    @property
    def is_given(self) -> bool:
        return len(self.names) > (self.entry.link is not None)

    def finished(self) -> Entry:
        entry_id = self.best or derived_id(self.entry)
        return replace(self.entry, entry_id=entry_id, own_id=self.is_given)


def _shared(named: Iterable[_Named]) -> list[_Named]:
    """Returns the entries whose best name is that of different ones, so that it is the name of none."""
    groups: dict[str, list[_Named]] = defaultdict(list)
    for one in named:
        if one.best is not None:
            groups[one.best].append(one)
    return [one for group in groups.values() if len(group) > 1 and _differ(group) for one in group]


def _differ(group: Sequence[_Named]) -> bool:
    """True if entries with one name are different ones, and not repeated by mistake.

    Of a link it is enough that title or time differ: vendors list their advisories under one address. An id
    that was given is believed more: one title with an addition may be a correction of the other, unless they
    have times of their own.
    """
    entries = [one.entry for one in group]
    titles = {entry.title or "" for entry in entries}
    times = {entry.at for entry in entries}
    if len({entry.link for entry in entries}) > 1:
        return True
    if not all(one.is_given for one in group):
        return len(titles) > 1 or len(times) > 1
    short, *longer = sorted(titles, key=len)
    return len(longer) > 1 or (len(longer) == 1 and (len(times) > 1 or short not in longer[0]))


def _bounded(name: str) -> str:
    """Returns an id, or the digest of one that is too long for a key."""
    return name if len(name.encode()) <= LONGEST_ID else "sha256:" + hashlib.sha256(name.encode()).hexdigest()


def person(text: str | None) -> str | None:
    """Returns the name in "mail (Name)" and "Name <mail>"; an address alone stays one."""
    name = plain.one_line(plain.resolve(text or "", keep_markup=True))
    if (
        name
        and len(name) < 500
        and (match := _MAIL_AND_NAME.fullmatch(name) or _NAME_AND_MAIL.fullmatch(name))
    ):
        return match[1].strip() or name
    return name


def people(names: Iterable[str | None]) -> tuple[str, ...]:
    """Returns the names that are known, each once."""
    return tuple(dict.fromkeys(name for name in names if name))
