"""Entries in the making: what every dialect does alike."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from threatstamp.core.news.entry import Entry
from threatstamp.feeds import plain
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

    An id that several entries with different links share is the id of none of them: their links are.
    """
    entries = [_entry(draft) for draft in drafts]
    links: dict[str, set[str | None]] = defaultdict(set)
    for entry in entries:
        links[entry.entry_id].add(entry.link)
    kept: dict[str, Entry] = {}
    for entry in entries:
        if len(links[entry.entry_id]) > 1:
            entry = replace(entry, entry_id=_bounded(entry.link) if entry.link else _digest_of(entry))
        kept.setdefault(entry.entry_id, entry)
    return tuple(kept.values())


def _entry(draft: Draft) -> Entry:
    entry = draft.entry
    named = next((found for one in draft.ids if one and (found := plain.one_line(one))), None)
    return replace(entry, entry_id=_bounded(named or entry.link) or _digest_of(entry))


def _bounded(name: str | None) -> str:
    """Returns an id, or the digest of one that is too long for a key."""
    if not name:
        return ""
    return name if len(name.encode()) <= LONGEST_ID else "sha256:" + hashlib.sha256(name.encode()).hexdigest()


def _digest_of(entry: Entry) -> str:
    """Returns the id of an entry that has neither id nor link: the same words and time are the same entry."""
    words = "\x1f".join(
        (entry.title or "", entry.summary or "", str(entry.published_at or entry.updated_at or ""))
    )
    return "sha256:" + hashlib.sha256(words.encode()).hexdigest()


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
