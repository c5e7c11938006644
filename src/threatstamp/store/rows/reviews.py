"""Rows of reviews, and the stories that wait for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    union,
    update,
)

from threatstamp.core.ids import StoryId
from threatstamp.core.news.reviewing import Review, Unreviewed
from threatstamp.core.stamps.turn import TurnKind
from threatstamp.core.time import SECOND, Micros
from threatstamp.store.rows.base import Rows, batches
from threatstamp.store.rows.stories import read_story
from threatstamp.store.tables.news import publications, stories
from threatstamp.store.tables.outbox import departures
from threatstamp.store.tables.reviews import reviews
from threatstamp.store.tables.stamps import turns


class ReadReviewRows(Rows):
    """The ReadReviews port."""

    def unreviewed(self, *, since: Micros, until: Micros, most: int) -> Unreviewed:
        values = {"since": since, "until": until, "until_ts": f"{until / SECOND:.6f}"}
        count = self.connection.execute(_counting(), values).scalar_one()
        if not count or not most:
            return Unreviewed(count=count)
        rows = self.connection.execute(_listing(), {**values, "most": most}).mappings()
        return Unreviewed(count=count, stories=tuple(read_story(row) for row in rows))

    def of(self, of: Sequence[StoryId]) -> Mapping[StoryId, Review]:
        found: dict[StoryId, Review] = {}
        for some in batches(of):
            for row in self.connection.execute(select(reviews).where(reviews.c.story.in_(some))):
                ended = None if row.ended_at is None else Micros(row.ended_at)
                found[StoryId(row.story)] = Review(act=row.act, at=Micros(row.reviewed_at), ended_at=ended)
        return found

    def last_act(self) -> int | None:
        query = select(func.max(reviews.c.act)).where(reviews.c.ended_at.is_(None))
        found = self.connection.execute(query).scalar()
        return None if found is None else int(found)

    def held_by(self, act: int) -> tuple[StoryId, ...]:
        query = select(reviews.c.story).where(reviews.c.act == act, reviews.c.ended_at.is_(None))
        return tuple(
            StoryId(one) for one in self.connection.execute(query.order_by(reviews.c.story)).scalars()
        )


class ReviewRows(ReadReviewRows):
    """The Reviews port."""

    def mark(self, of: Sequence[StoryId], *, act: int, now: Micros) -> None:
        for some in batches(of):
            self.connection.execute(delete(reviews).where(reviews.c.story.in_(some)))
            rows = [{"story": one, "act": act, "reviewed_at": now, "ended_at": None} for one in some]
            self.connection.execute(insert(reviews), rows)

    def end(self, of: Sequence[StoryId], *, now: Micros) -> None:
        for some in batches(of):
            self.connection.execute(update(reviews).where(reviews.c.story.in_(some)).values(ended_at=now))


@cache
def _counting() -> Select[Any]:
    return select(func.count()).select_from(stories).where(*_waiting())


@cache
def _listing() -> Select[Any]:
    newest = select(stories).where(*_waiting()).order_by((stories.c.told_at + 0).desc(), stories.c.id)
    return newest.limit(bindparam("most", type_=BigInteger))


def _waiting() -> tuple[ColumnElement[bool], ...]:
    """Returns the conditions for stories that wait to be reviewed.

    They begin with the stories of the span. Without statistics SQLite takes "goes on in no other one" for
    rare, though that is true of nearly all, so it is written such that no index helps with it.
    """
    since, until = (bindparam(name, type_=BigInteger) for name in ("since", "until"))
    told = select(stories.c.id).where(stories.c.told_at >= since)
    again = select(reviews.c.story).where(reviews.c.ended_at >= since)
    return (
        stories.c.id.in_(union(told, again)),
        stories.c.told_at + 0 <= until,
        func.coalesce(stories.c.joined, "") == "",
        ~exists().where(reviews.c.story == stories.c.id, ~_is_open_again(until)),
        _is_posted(until),
        ~_is_stamped(),
    )


def _is_open_again(until: ColumnElement[int]) -> ColumnElement[bool]:
    return and_(reviews.c.ended_at.is_not(None), reviews.c.ended_at <= until)


def posted_and_open() -> tuple[ColumnElement[bool], ...]:
    """Returns the conditions for stories that are posted now, and neither stamped nor reviewed."""
    reviewed = exists().where(reviews.c.story == stories.c.id, reviews.c.ended_at.is_(None))
    return (_is_posted(), ~reviewed, ~_is_stamped())


def _is_posted(until: ColumnElement[int] | None = None) -> ColumnElement[bool]:
    """Returns whether a message displays the story. until: and did so then."""
    theirs = [publications.c.story == stories.c.id, publications.c.ts.is_not(None)]
    ours = [
        publications.c.story == stories.c.id,
        departures.c.id == publications.c.departure_id,
        departures.c.message_ts.is_not(None),
    ]
    if until is not None:
        theirs.append(publications.c.ts <= bindparam("until_ts"))
        ours.append(departures.c.delivered_at <= until)
    return or_(exists().where(*theirs), exists().where(*ours))


def _is_stamped() -> ColumnElement[bool]:
    """Returns whether a stamp is in force on a post that displays the story alone."""
    theirs = exists().where(
        publications.c.story == stories.c.id,
        turns.c.team == publications.c.team,
        turns.c.post_channel == publications.c.channel,
        turns.c.post_ts == publications.c.ts,
        *_in_force(),
    )
    ours = exists().where(
        publications.c.story == stories.c.id,
        departures.c.id == publications.c.departure_id,
        departures.c.kind == "story",
        turns.c.team == departures.c.team,
        turns.c.post_channel == departures.c.channel,
        turns.c.post_ts == departures.c.message_ts,
        *_in_force(),
    )
    return or_(theirs, ours)


def _in_force() -> tuple[ColumnElement[bool], ...]:
    after = turns.alias("after")
    same = (after.c[name] == turns.c[name] for name in ("team", "channel", "ts", "reaction", "user_id"))
    taken_back = exists().where(*same, after.c.kind == TurnKind.WITHDRAWAL.value, after.c.at >= turns.c.at)
    return turns.c.kind == TurnKind.STAMP.value, ~taken_back.correlate(turns)
