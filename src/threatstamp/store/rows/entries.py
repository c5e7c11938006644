"""Rows of feeds' entries: the content of each, and its story."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import RowMapping, Select, bindparam, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from threatstamp.core.facts.keys import id_keys
from threatstamp.core.ids import FeedName, StoryId
from threatstamp.core.news.entry import Element, Entry
from threatstamp.core.news.joining import Bond, title_keys
from threatstamp.core.news.story import KnownEntry, page_of_key, stored_keys, visible_digest, whole_digest
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows, batches
from threatstamp.store.rows.words import index_stories
from threatstamp.store.sql import replacement
from threatstamp.store.tables.news import entries, stories, story_ids

_SAID = tuple(one.name for one in fields(Entry) if one.name not in ("entry_id", "own_id", "elements"))

MOST_ON_PAGES = 3_000
"""So many entries are compared at a time: some feeds link all that they have to one page, for years."""


class ReadEntryRows(Rows):
    """The ReadEntries port."""

    def known(self, feed: FeedName, entry_ids: Sequence[str]) -> Mapping[str, KnownEntry]:
        found: dict[str, KnownEntry] = {}
        for keys in batches([entry_key(one) for one in entry_ids]):
            rows = self.connection.execute(_known_by_id(), {"of_feed": feed, "keys": keys})
            found.update((one.entry_id, one) for one in map(_read_known, rows))
        return found

    def on_pages(self, feed: FeedName, keys: Sequence[str]) -> Mapping[str, tuple[KnownEntry, ...]]:
        found: dict[str, list[KnownEntry]] = {}
        for some in batches(keys):
            stored = [key for page in some for key in stored_keys(page)]
            for row in self.connection.execute(_known_on_pages(), {"of_feed": feed, "keys": stored}):
                found.setdefault(page_of_key(row.link_key)[0], []).append(_read_known(row))
        return {key: tuple(ones) for key, ones in found.items()}


class EntryRows(ReadEntryRows):
    """The Entries port."""

    def add(self, feed: FeedName, new: Sequence[tuple[Entry, StoryId, Bond | None]], *, now: Micros) -> None:
        if new:
            rows = [
                {**_entry_values(feed, entry), "story": story, "bond": bond, "seen_at": now}
                for entry, story, bond in new
            ]
            self.connection.execute(insert(entries), rows)
            self._note_clues([(story, clue) for entry, story, bond in new for clue in _clues(entry, bond)])
            index_stories(self.connection, [story for _, story, _ in new], now=now)
            joined = [story for _, story, bond in new if bond is not None]
            for some in batches(joined):
                self.connection.execute(update(stories).where(stories.c.id.in_(some)).values(told_at=now))

    def revise(self, feed: FeedName, entry: Entry, *, now: Micros) -> None:
        values = _entry_values(feed, entry)
        self.connection.execute(
            update(entries)
            .where(entries.c.feed == feed, entries.c.entry_key == values["entry_key"])
            .values(**values, revised_at=now)
        )
        query = select(entries.c.story).where(
            entries.c.feed == feed, entries.c.entry_key == values["entry_key"]
        )
        story = self.connection.execute(query).scalar()
        if story is not None:
            self._note_clues([(StoryId(story), key) for key in id_keys(*_texts(entry))])
            index_stories(self.connection, [StoryId(story)], now=now)

    def leave_out(self, feed: FeedName, of: Sequence[Entry], *, now: Micros) -> None:
        for keys in batches([entry_key(one.entry_id) for one in of]):
            those = entries.c.feed == feed, entries.c.entry_key.in_(keys)
            self.connection.execute(update(entries).where(*those).values(left_out_at=now))

    def rename(self, feed: FeedName, old: str, entry: Entry) -> None:
        self.connection.execute(
            update(entries)
            .where(entries.c.feed == feed, entries.c.entry_key == entry_key(old))
            .values(entry_key=entry_key(entry.entry_id), entry_id=entry.entry_id)
        )

    def move(self, feed: FeedName, entry: Entry, to: StoryId, *, bond: Bond | None) -> None:
        table = entries
        here = (table.c.feed == feed, table.c.entry_key == entry_key(entry.entry_id))
        first = update(table).where(*here, table.c.recorded_story.is_(None))
        self.connection.execute(first.values(recorded_story=table.c.story, recorded_bond=table.c.bond))
        self.connection.execute(update(table).where(*here).values(story=to, bond=bond))
        self._note_clues([(to, clue) for clue in _clues(entry, bond)])

    def join(self, other: StoryId, into: StoryId) -> None:
        table = stories
        told = select(table.c.told_at).where(table.c.id == other).scalar_subquery()
        later = update(table).where(table.c.id == into, table.c.told_at < told)
        self.connection.execute(later.values(told_at=told))
        gone = or_(table.c.id == other, table.c.joined == other)
        self.connection.execute(update(table).where(gone).values(joined=into))
        query = select(story_ids.c.id).where(story_ids.c.story == other)
        self._note_clues([(into, one) for one in self.connection.execute(query).scalars()])

    def _note_clues(self, clues: Sequence[tuple[StoryId, str]]) -> None:
        """Notes what stories can be found by; what they have named stays. News does not fail with it."""
        rows = [{"id": one, "story": story} for story, one in dict.fromkeys(clues)]
        names = ("id", "story")
        if rows:
            with suppress(SQLAlchemyError), self.connection.begin_nested():
                self.connection.execute(
                    replacement(story_ids, names, names, self.connection.dialect.name), rows
                )


def _clues(entry: Entry, bond: Bond | None) -> Iterator[str]:
    """Yields what an entry lets its story be found by; a title only if its post displays it."""
    yield from id_keys(*_texts(entry))
    if bond is None:
        yield from title_keys(entry.title or "")


def _texts(entry: Entry) -> tuple[str, ...]:
    return (entry.title or "", entry.link or "", entry.entry_id, *entry.texts())


def _known() -> Select[Any]:
    columns = (
        entries.c.entry_id,
        entries.c.story,
        entries.c.visible_digest,
        entries.c.whole_digest,
        entries.c.body,
        entries.c.bond,
        entries.c.seen_at,
        entries.c.recorded_story,
        entries.c.recorded_bond,
    )
    found = select(*columns, stories.c.link_key)
    joined = found.join(stories, stories.c.id == entries.c.story)
    return joined.where(entries.c.feed == bindparam("of_feed"))


@cache
def _known_by_id() -> Select[Any]:
    return _known().where(entries.c.entry_key.in_(bindparam("keys", expanding=True)))


@cache
def _known_on_pages() -> Select[Any]:
    found = _known().where(stories.c.link_key.in_(bindparam("keys", expanding=True)))
    return found.order_by(entries.c.seen_at.desc(), entries.c.entry_key).limit(MOST_ON_PAGES)


def _read_known(row: Sequence[Any]) -> KnownEntry:
    entry_id, story, visible, whole, body, bond, seen_at, was_in, was_bond, link_key = row
    said = json.loads(body)
    return KnownEntry(
        entry_id=entry_id,
        story=StoryId(story),
        recorded_in=StoryId(was_in or story),
        title=said.get("title"),
        link=said.get("link"),
        at=said.get("published_at", said.get("updated_at")),
        shares_page=page_of_key(link_key or "")[1],
        visible_digest=visible,
        whole_digest=whole,
        began=bond is None,
        follows=Micros(seen_at) if (was_bond if was_in else bond) == Bond.FOLLOWS else None,
    )


def entry_key(entry_id: str) -> str:
    """Returns an entry's key in the table, a digest: the id itself may be too long for an index."""
    return hashlib.sha256(entry_id.encode(errors="replace")).hexdigest()


def _entry_values(feed: FeedName, entry: Entry) -> dict[str, object]:
    return {
        "feed": feed,
        "entry_key": entry_key(entry.entry_id),
        "entry_id": entry.entry_id,
        "visible_digest": visible_digest(entry),
        "whole_digest": whole_digest(entry),
        "body": json.dumps(_entry_body(entry), ensure_ascii=False),
    }


def recorded_bond(row: RowMapping) -> str | None:
    """Returns the bond under which the ledger knows an entry."""
    bond: str | None = row["recorded_bond"] if row["recorded_story"] else row["bond"]
    return bond


def words_of_entry(body: str) -> str:
    """Returns the words of an entry's stored body beside its title."""
    said = json.loads(body)
    words = [said.get("summary", "")]
    for one in said.get("elements", ()):
        words += [one["text"], *(value for _, value in one["attributes"])]
    return "\n".join(words)


def read_entry(entry_id: str, body: str) -> Entry:
    """Returns the entry that a stored body is of."""
    said = json.loads(body)
    elements = tuple(
        Element(name=one["name"], text=one["text"], attributes=tuple(map(tuple, one["attributes"])))
        for one in said.pop("elements", ())
    )
    said["authors"] = tuple(said.get("authors", ()))
    return Entry(entry_id=entry_id, elements=elements, **said)


def _entry_body(entry: Entry) -> dict[str, object]:
    body = {name: value for name in _SAID if (value := getattr(entry, name)) not in (None, "", ())}
    if entry.elements:
        body["elements"] = [
            {"name": one.name, "text": one.text, "attributes": one.attributes} for one in entry.elements
        ]
    return body
