"""What is on record of a story: its entries, its posts, their stamps and forwards."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, Select, func, select

from threatstamp.core.ids import ChannelId, FeedName, StoryId, Ts
from threatstamp.core.news.joining import Bond
from threatstamp.core.news.story import Story
from threatstamp.core.news.trail import (
    EntryTrail,
    ForwardTrail,
    PostTrail,
    RefusalTrail,
    SentTrail,
    StampTrail,
    StoryTrail,
)
from threatstamp.core.stamps.route import REFUSALS
from threatstamp.store.rows.base import Rows
from threatstamp.store.rows.entries import read_entry, recorded_bond
from threatstamp.store.tables.news import entries, publications, stories, story_ids
from threatstamp.store.tables.outbox import departures
from threatstamp.store.tables.routes import forwards, verdicts
from threatstamp.store.tables.stamps import turns

MOST_STAMPS = 100
"""Turns of one post that are told."""

_SENT = (
    departures.c.kind,
    departures.c.state,
    departures.c.created_at,
    departures.c.delivered_at,
    departures.c.error,
)


class ReadTrailRows(Rows):
    """A part of the ReadStories port."""

    def naming(self, key: str, *, most: int) -> tuple[StoryId, ...]:
        named = select(stories.c.id).join(story_ids, story_ids.c.story == stories.c.id)
        query = (
            named.where(story_ids.c.id == key).order_by(stories.c.made_at.desc(), stories.c.id).limit(most)
        )
        return tuple(StoryId(one) for one in reversed(self.connection.execute(query).scalars().all()))

    def trail(self, story: StoryId) -> StoryTrail | None:
        row = self.connection.execute(select(stories).where(stories.c.id == story)).mappings().first()
        if row is None:
            return None
        told = select(entries).where(entries.c.story == story).order_by(entries.c.seen_at, entries.c.feed)
        return StoryTrail(
            story=Story(
                id=story,
                title=row["title"],
                link=row["link"],
                source=row["source"],
                published_at=row["published_at"],
                joined=None if row["joined"] is None else StoryId(row["joined"]),
                kind=row["kind"],
            ),
            made_at=row["made_at"],
            entries=tuple(self._entry(one) for one in self.connection.execute(told).mappings().all()),
            posts=tuple(map(self._post, self.connection.execute(_posts(story)).mappings().all())),
        )

    def _entry(self, row: RowMapping) -> EntryTrail:
        first = select(func.min(entries.c.seen_at)).where(entries.c.feed == row["feed"])
        return EntryTrail(
            feed=FeedName(row["feed"]),
            entry=read_entry(row["entry_id"], row["body"]),
            bond=None if row["bond"] is None else Bond(row["bond"]),
            recorded_in=StoryId(row["recorded_story"] or row["story"]),
            follows=row["seen_at"] if recorded_bond(row) == Bond.FOLLOWS else None,
            seen_at=row["seen_at"],
            revised_at=row["revised_at"],
            is_first_contact=self.connection.execute(first).scalar() == row["seen_at"],
            is_left_out=row["left_out_at"] is not None,
        )

    def _post(self, row: RowMapping) -> PostTrail:
        ts = row["own_ts"] or row["ts"]
        here = {"team": row["team"], "channel": row["channel"], "ts": ts}
        return PostTrail(
            channel=ChannelId(row["channel"]),
            ts=None if ts is None else Ts(ts),
            sent=_sent(row) if row["kind"] is not None else None,
            stamps=() if ts is None else self._stamps(here),
            forwards=() if ts is None else self._forwards(here),
            refusals=() if ts is None else self._refusals(here),
        )

    def _stamps(self, here: dict[str, str]) -> tuple[StampTrail, ...]:
        query = select(turns.c.reaction, turns.c.kind, turns.c.at).where(
            turns.c.team == here["team"],
            turns.c.post_channel == here["channel"],
            turns.c.post_ts == here["ts"],
        )
        rows = self.connection.execute(query.order_by(turns.c.at, turns.c.id).limit(MOST_STAMPS))
        return tuple(StampTrail(reaction=row.reaction, kind=row.kind, at=row.at) for row in rows)

    def _refusals(self, here: dict[str, str]) -> tuple[RefusalTrail, ...]:
        query = (
            select(verdicts.c.route, verdicts.c.verdict, verdicts.c.judged_at)
            .join(turns, turns.c.id == verdicts.c.stamp_id)
            .where(
                turns.c.team == here["team"],
                turns.c.post_channel == here["channel"],
                turns.c.post_ts == here["ts"],
                verdicts.c.verdict.in_([one.value for one in REFUSALS]),
            )
            .order_by(verdicts.c.judged_at, verdicts.c.route)
            .limit(MOST_STAMPS)
        )
        rows = self.connection.execute(query)
        return tuple(RefusalTrail(route=row.route, why=row.verdict, at=row.judged_at) for row in rows)

    def _forwards(self, here: dict[str, str]) -> tuple[ForwardTrail, ...]:
        query = (
            select(forwards.c.route, forwards.c.destination, *_SENT)
            .join(departures, departures.c.id == forwards.c.departure_id)
            .where(*(forwards.c[name] == value for name, value in here.items()))
            .order_by(departures.c.created_at, departures.c.id)
            .limit(MOST_STAMPS)
        )
        return tuple(
            ForwardTrail(route=row["route"], destination=row["destination"], sent=_sent(row))
            for row in self.connection.execute(query).mappings()
        )


def _posts(story: StoryId) -> Select[Any]:
    found = select(
        publications.c.team,
        publications.c.channel,
        publications.c.ts,
        departures.c.message_ts.label("own_ts"),
        *_SENT,
    )
    joined = found.outerjoin(departures, departures.c.id == publications.c.departure_id)
    return joined.where(publications.c.story == story).order_by(publications.c.channel)


def _sent(row: RowMapping) -> SentTrail:
    return SentTrail(
        kind=row["kind"],
        state=row["state"],
        ordered_at=row["created_at"],
        delivered_at=row["delivered_at"],
        error=row["error"],
    )
