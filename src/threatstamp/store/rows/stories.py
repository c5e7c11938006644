"""Rows of stories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    RowMapping,
    Select,
    bindparam,
    exists,
    func,
    insert,
    select,
    update,
)

from threatstamp.core.ids import FeedName, StoryId
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.story import NewStory, Story, story_of
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import batches
from threatstamp.store.rows.entries import words_of_entry
from threatstamp.store.rows.trails import ReadTrailRows
from threatstamp.store.tables.news import entries, publications, stories
from threatstamp.store.tables.outbox import departures


class ReadStoryRows(ReadTrailRows):
    """The ReadStories port."""

    def existing(self, of: Sequence[StoryId]) -> frozenset[StoryId]:
        found: set[StoryId] = set()
        for some in batches(of):
            query = select(stories.c.id).where(stories.c.id.in_(some))
            found.update(StoryId(one) for one in self.connection.execute(query).scalars())
        return frozenset(found)

    def by_link(
        self, keys: Sequence[str], *, excluding: FeedName, since: Micros
    ) -> Mapping[str, tuple[StoryId, ...]]:
        found: dict[str, tuple[StoryId, ...]] = {}
        for some in batches(keys):
            values = {"keys": some, "excluding": excluding, "since": since}
            for key, one in self.connection.execute(_linked(), values):
                found[key] = (*found.get(key, ()), StoryId(one))
        return found

    def told_since(self, since: Micros, *, most: int) -> tuple[Story, ...]:
        query = select(stories).where(stories.c.told_at >= since)
        rows = self.connection.execute(query.order_by(stories.c.told_at.desc(), stories.c.id).limit(most))
        return tuple(read_story(row) for row in rows.mappings())

    def of(self, departure: int) -> tuple[Story, ...]:
        rows = self.connection.execute(_of_departure(), {"departure": departure})
        found = tuple(read_story(row) for row in rows.mappings())
        return (self._with_others(found[0]),) if len(found) == 1 else found

    def _with_others(self, story: Story) -> Story:
        feeds = dict.fromkeys(self.connection.execute(_feeds(), {"story": story.id}).scalars())
        return replace(story, also=tuple(feed for feed in feeds if feed != story.source))

    def words(self, story: StoryId) -> str:
        bodies = self.connection.execute(_bodies(), {"story": story}).scalars()
        return "\n".join(words_of_entry(body) for body in bodies)

    def at(self, place: Place) -> Story | None:
        values = {"team": place.team, "channel": place.channel, "ts": place.ts}
        rows = self.connection.execute(_at(), values).mappings().all()
        return read_story(rows[0]) if len(rows) == 1 else None


class StoryRows(ReadStoryRows):
    """The Stories port."""

    def add(self, new: Sequence[NewStory], *, now: Micros) -> None:
        if new:
            rows = [{**_story_values(one), "made_at": now, "told_at": now} for one in new]
            self.connection.execute(insert(stories), rows)

    def revise(self, story: StoryId, entry: Entry, *, key: str | None) -> None:
        new = story_of(entry, feed=FeedName(""))
        values = {
            "title": new.title,
            "link": new.link,
            "published_at": new.published_at,
            "link_key": key,
        }
        self.connection.execute(update(stories).where(stories.c.id == story).values(**values))

    def name_kind(self, story: StoryId, kind: str | None) -> None:
        self.connection.execute(update(stories).where(stories.c.id == story).values(kind=kind))


@cache
def _linked() -> Select[Any]:
    of_feed = entries.c.feed == bindparam("excluding")
    goes_on = func.coalesce(stories.c.joined, stories.c.id)
    reported = exists().where(entries.c.story == goes_on, of_feed)
    told_before = exists().where(entries.c.recorded_story == goes_on, of_feed)
    found = select(stories.c.link_key, goes_on).where(
        stories.c.link_key.in_(bindparam("keys", expanding=True)),
        stories.c.made_at >= bindparam("since", type_=BigInteger),
        ~reported,
        ~told_before,
    )
    return found.order_by(stories.c.made_at, stories.c.id)


@cache
def _bodies() -> Select[Any]:
    return select(entries.c.body).where(entries.c.story == bindparam("story")).order_by(entries.c.seen_at)


@cache
def _feeds() -> Select[Any]:
    found = select(entries.c.feed).where(entries.c.story == bindparam("story"))
    return found.order_by(entries.c.seen_at, entries.c.feed)


def _posted() -> Select[Any]:
    found = select(stories).join(publications, publications.c.story == stories.c.id)
    return found.order_by(publications.c.line)


@cache
def _of_departure() -> Select[Any]:
    return _posted().where(publications.c.departure_id == bindparam("departure"))


@cache
def _at() -> Select[Any]:
    """Selects the stories that a message displays: one if it is a story's own post, several for a digest."""
    here = (
        departures.c.team == bindparam("team"),
        departures.c.channel == bindparam("channel"),
        departures.c.message_ts == bindparam("ts"),
    )
    return _posted().join(departures, departures.c.id == publications.c.departure_id).where(*here)


def read_story(row: RowMapping) -> Story:
    return Story(
        id=StoryId(row["id"]),
        title=row["title"],
        link=row["link"],
        source=row["source"],
        published_at=row["published_at"],
        joined=None if row["joined"] is None else StoryId(row["joined"]),
        kind=row["kind"],
    )


def _story_values(new: NewStory) -> dict[str, object]:
    story = new.story
    return {
        "id": story.id,
        "title": story.title,
        "link": story.link,
        "source": story.source,
        "published_at": story.published_at,
        "link_key": new.link_key,
    }
