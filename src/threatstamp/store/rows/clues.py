"""What stories can be found by: the ids that their entries name, and the keys of their titles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, func, select

from threatstamp.core.facts.telling import telling_of
from threatstamp.core.ids import FeedName, StoryId
from threatstamp.core.news.joining import Heard
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows, batches
from threatstamp.store.rows.entries import read_entry
from threatstamp.store.tables.news import entries, stories, story_ids

MOST_STORIES = 2_000
"""So many of the stories with some clues are looked at, the newest."""


class ReadClueRows(Rows):
    """The ReadClues port."""

    def found(self, clues: Sequence[str], *, since: Micros) -> Mapping[str, tuple[StoryId, ...]]:
        found: dict[str, list[StoryId]] = {}
        for some in batches(clues):
            for one, story in self.connection.execute(_found(), {"clues": some, "since": since}):
                found.setdefault(one, []).append(StoryId(story))
        return {one: tuple(ids) for one, ids in found.items()}

    def heard(self, of: Iterable[StoryId]) -> Mapping[StoryId, Heard]:
        found: dict[StoryId, Heard] = {}
        for some in batches(of):
            values = {"stories": some}
            told: dict[str, list[Any]] = {}
            for row in self.connection.execute(_entries(), values):
                told.setdefault(row.story, []).append(row)
            moved: dict[str, set[FeedName]] = {}
            for story, feed in self.connection.execute(_moved(), values):
                moved.setdefault(story, set()).add(FeedName(feed))
            for story, title in self.connection.execute(_titles(), values):
                rows = told.get(story, [])
                found[StoryId(story)] = Heard(
                    telling=telling_of(title, [read_entry(row.entry_id, row.body) for row in rows]),
                    feeds=frozenset(FeedName(row.feed) for row in rows) | moved.get(story, set()),
                )
        return found


@cache
def _found() -> Select[Any]:
    """Goes from the clues to the stories, however many of these there are.

    Without statistics SQLite takes "goes on in no other one" for rare, though that is true of nearly all,
    and would begin with them. So what is asked of a story is written such that no index helps with it.
    """
    told_at = stories.c.told_at + 0
    found = select(story_ids.c.id, story_ids.c.story).join(stories, stories.c.id == story_ids.c.story)
    found = found.where(
        story_ids.c.id.in_(bindparam("clues", expanding=True)),
        told_at >= bindparam("since", type_=BigInteger),
        func.coalesce(stories.c.joined, "") == "",
    )
    return found.order_by(told_at.desc(), story_ids.c.story).limit(MOST_STORIES)


@cache
def _entries() -> Select[Any]:
    columns = (entries.c.story, entries.c.feed, entries.c.entry_id, entries.c.body)
    found = select(*columns).where(entries.c.story.in_(bindparam("stories", expanding=True)))
    return found.order_by(entries.c.seen_at)


@cache
def _moved() -> Select[Any]:
    """Selects the feeds of entries that a person moved away from stories: the ledger knows them there."""
    found = select(entries.c.recorded_story, entries.c.feed)
    return found.where(entries.c.recorded_story.in_(bindparam("stories", expanding=True)))


@cache
def _titles() -> Select[Any]:
    return select(stories.c.id, stories.c.title).where(stories.c.id.in_(bindparam("stories", expanding=True)))
