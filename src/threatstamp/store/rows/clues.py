"""Rows of clues: what stories can be found by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, select

from threatstamp.core.ids import FeedName, StoryId
from threatstamp.core.news.joining import Clue, Heard, telling_of
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows, batches
from threatstamp.store.sql import replacement
from threatstamp.store.tables.news import entries, stories, story_clues

MOST_STORIES = 2_000
"""So many of the stories with some clues are looked at, the newest: a name may be in every story."""


class ReadClueRows(Rows):
    """The ReadClues port."""

    def found(self, clues: Sequence[Clue], *, since: Micros) -> Mapping[Clue, tuple[StoryId, ...]]:
        found: dict[Clue, list[StoryId]] = {}
        for some in batches(clues):
            for one, story in self.connection.execute(_found(), {"clues": some, "since": since}):
                found.setdefault(Clue(one), []).append(StoryId(story))
        return {one: tuple(ids) for one, ids in found.items()}

    def heard(self, of: Iterable[StoryId]) -> Mapping[StoryId, Heard]:
        found: dict[StoryId, Heard] = {}
        for some in batches(of):
            values = {"stories": some}
            clues = _grouped(self.connection.execute(_clues(), values))
            feeds = _grouped(self.connection.execute(_feeds(), values))
            for story, title in self.connection.execute(_titles(), values):
                telling = telling_of(title, map(Clue, clues.get(story, ())))
                of_feeds = frozenset(map(FeedName, feeds.get(story, ())))
                found[StoryId(story)] = Heard(telling=telling, feeds=of_feeds)
        return found


class ClueRows(ReadClueRows):
    """The Clues port."""

    def add(self, of: Sequence[tuple[StoryId, Clue]], *, now: Micros) -> None:
        if of:
            names = ("clue", "story", "made_at")
            statement = replacement(story_clues, ("clue", "story"), names, self.connection.dialect.name)
            rows = [{"clue": one, "story": story, "made_at": now} for story, one in dict.fromkeys(of)]
            self.connection.execute(statement, rows)


def _grouped(rows: Iterable[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for story, value in rows:
        found.setdefault(story, []).append(value)
    return found


@cache
def _found() -> Select[Any]:
    found = select(story_clues.c.clue, story_clues.c.story).where(
        story_clues.c.clue.in_(bindparam("clues", expanding=True)),
        story_clues.c.made_at >= bindparam("since", type_=BigInteger),
    )
    return found.order_by(story_clues.c.made_at.desc(), story_clues.c.story).limit(MOST_STORIES)


@cache
def _clues() -> Select[Any]:
    of = story_clues.c.story.in_(bindparam("stories", expanding=True))
    return select(story_clues.c.story, story_clues.c.clue).where(of)


@cache
def _feeds() -> Select[Any]:
    of = entries.c.story.in_(bindparam("stories", expanding=True))
    return select(entries.c.story, entries.c.feed).where(of).distinct()


@cache
def _titles() -> Select[Any]:
    return select(stories.c.id, stories.c.title).where(stories.c.id.in_(bindparam("stories", expanding=True)))
