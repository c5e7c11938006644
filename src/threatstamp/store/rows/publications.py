"""Rows of publications: where stories are displayed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, delete, or_, select

from threatstamp.core.ids import ChannelId, StoryId, TeamId, Ts
from threatstamp.core.outbox.departure import State
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros
from threatstamp.desk.ports.news import FEED_DIGEST, DigestedStory
from threatstamp.store.rows.base import Rows, batches
from threatstamp.store.rows.stories import ReadStoryRows, read_story
from threatstamp.store.sql import insert_new, rows_at
from threatstamp.store.tables.news import publications, stories
from threatstamp.store.tables.outbox import departures


class ReadPublicationRows(Rows):
    """The ReadPublications port."""

    def posted_in(self, of: Sequence[StoryId], channel: ChannelId, *, team: TeamId) -> frozenset[StoryId]:
        found: set[StoryId] = set()
        for some in batches(of):
            values = {"stories": some, "team": team, "channel": channel}
            rows = self.connection.execute(_posted_in(), values)
            found.update(StoryId(one) for one in rows.scalars())
        return frozenset(found)

    def posted_at(self, posts: Sequence[Ts], channel: ChannelId, *, team: TeamId) -> frozenset[Ts]:
        table = publications
        found: set[Ts] = set()
        for some in batches(posts):
            query = select(table.c.ts).where(
                table.c.team == team, table.c.channel == channel, table.c.ts.in_(some)
            )
            found.update(Ts(one) for one in self.connection.execute(query).scalars())
        return frozenset(found)

    def departures_of(self, story: StoryId) -> tuple[int, ...]:
        rows = rows_at(self.connection, publications, story=story)
        return tuple(row["departure_id"] for row in rows if row["departure_id"] is not None)

    def places_of(self, story: StoryId) -> tuple[Place, ...]:
        return _read_places(self.connection.execute(_places(), {"story": story}))

    def beside(self, place: Place) -> tuple[Place, ...]:
        story = ReadStoryRows(self.connection).at(place)
        if story is None:
            return (place,)
        rows = self.connection.execute(_places_of_joined(), {"story": story.joined or story.id})
        return tuple(dict.fromkeys((place, *_read_places(rows))))

    def digested(self, since: Micros) -> tuple[DigestedStory, ...]:
        rows = self.connection.execute(_digested(), {"since": since}).mappings()
        return tuple(
            DigestedStory(
                story=read_story(row),
                team=TeamId(row["team"]),
                channel=ChannelId(row["channel"]),
                is_said=row["delivered_at"] is not None,
            )
            for row in rows
        )


class PublicationRows(ReadPublicationRows):
    """The Publications port."""

    def post(
        self,
        of: Sequence[StoryId],
        channel: ChannelId,
        *,
        team: TeamId,
        departure: int | None,
        ts: Ts | None = None,
    ) -> None:
        for line, story in enumerate(of):
            values = {"story": story, "team": team, "channel": channel, "line": line}
            insert_new(self.connection, publications, **values, departure_id=departure, ts=ts)

    def leave_digest(self, of: Sequence[StoryId], channel: ChannelId, *, team: TeamId) -> None:
        for some in batches(of):
            mine = (publications.c.team == team, publications.c.channel == channel)
            gone = delete(publications).where(*mine, publications.c.story.in_(some))
            self.connection.execute(gone.where(publications.c.departure_id.in_(_digests())))


def _digests() -> Select[Any]:
    return select(departures.c.id).where(departures.c.kind == FEED_DIGEST)


@cache
def _digested() -> Select[Any]:
    found = select(stories, publications.c.team, publications.c.channel, departures.c.delivered_at)
    found = found.join(publications, publications.c.story == stories.c.id)
    found = found.join(departures, departures.c.id == publications.c.departure_id)
    is_new = or_(
        departures.c.delivered_at >= bindparam("since", type_=BigInteger),
        departures.c.state.in_([State.PENDING.value, State.SHADOW.value]),
    )
    return found.where(departures.c.kind == FEED_DIGEST, is_new).order_by(stories.c.id)


@cache
def _posted_in() -> Select[Any]:
    return select(publications.c.story).where(
        publications.c.team == bindparam("team"),
        publications.c.channel == bindparam("channel"),
        publications.c.story.in_(bindparam("stories", expanding=True)),
    )


@cache
def _places() -> Select[Any]:
    return _displayed().where(publications.c.story == bindparam("story"))


@cache
def _places_of_joined() -> Select[Any]:
    """The same, with the stories that a person has joined to it."""
    itself = select(stories.c.id).where(stories.c.id == bindparam("story"))
    others = select(stories.c.id).where(stories.c.joined == bindparam("story"))
    return _displayed().where(publications.c.story.in_(itself.union_all(others)))


def _displayed() -> Select[Any]:
    table = publications
    found = select(table.c.team, table.c.channel, table.c.ts, departures.c.message_ts)
    found = found.outerjoin(departures, departures.c.id == table.c.departure_id)
    return found.order_by(table.c.channel, table.c.story)


def _read_places(rows: Iterable[Any]) -> tuple[Place, ...]:
    return tuple(
        Place(team=TeamId(team), channel=ChannelId(channel), ts=Ts(ours or theirs))
        for team, channel, theirs, ours in rows
        if ours or theirs
    )
