"""Rows of what can be searched. Whatever is recorded does not fail with them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError

from threatstamp.core.ids import ChannelId, StoryId, TeamId, Ts
from threatstamp.core.news.wording import Phrase
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros
from threatstamp.desk.ports.news import FEED_DIGEST
from threatstamp.desk.ports.words import MOST_COUNTED, Hit, Hits
from threatstamp.store.rows.base import Rows, batches
from threatstamp.store.sql import place_values
from threatstamp.store.tables.news import entries, publications, stories
from threatstamp.store.tables.outbox import departures
from threatstamp.store.tables.words import words
from threatstamp.store.wording import condition, drop_words, replace_words, write_words

LABELS = (Phrase(words=("tlp", "amber")), Phrase(words=("tlp", "red")))
"""What every text has that says it is confidential, whatever stands between the words; see `marking_in`."""


class ReadWordRows(Rows):
    """The ReadWords port."""

    def find(
        self,
        phrases: Sequence[Phrase],
        *,
        since: Micros,
        most: int,
        after: int = 0,
        without: Collection[int] = (),
    ) -> Hits:
        low = self._low(since) if phrases else None
        if low is None:
            return Hits(total=0, hits=())
        where, values = condition(self.connection, phrases)
        asked = {**values, "low": low}
        source = _index(where)
        if without:  # as literals: there may be more of them than a database lets be bound
            source = source.where(text(f"rowid NOT IN ({', '.join(str(int(one)) for one in without)})"))
        rowids = source.add_columns(literal_column("rowid"))
        # FTS5 goes backwards through all its segments, however few rows there are to find
        first = self.connection.execute(rowids.limit(MOST_COUNTED + 1), asked).scalars().all()
        is_least = len(first) > MOST_COUNTED
        if is_least:
            newest = rowids.order_by(text("rowid DESC")).limit(most + 1).offset(after)
            found = self.connection.execute(newest, asked).scalars().all()
        else:
            found = sorted(first, reverse=True)[after : after + most + 1]
        return Hits(
            total=min(len(first), MOST_COUNTED),
            hits=self._hits(found[:most]),
            has_more=len(found) > most,
            is_least=is_least,
        )

    def marked(
        self, phrases: Sequence[Phrase], *, since: Micros, sources: Collection[str]
    ) -> tuple[Hit, ...]:
        low = self._low(since) if phrases else None
        if low is None:
            return ()
        found: set[int] = set()
        for label in LABELS:
            where, values = condition(self.connection, (*phrases, label))
            query = _index(where).add_columns(literal_column("rowid"))
            found.update(self.connection.execute(query, {**values, "low": low}).scalars())
        if sources:
            where, values = condition(self.connection, phrases)
            has_words = words.c.id.in_(_index(where).add_columns(literal_column("rowid")))
            begun = select(words.c.id).join(stories, stories.c.id == words.c.story)
            begun = begun.where(stories.c.source.in_(sources), has_words)
            found.update(self.connection.execute(begun, {**values, "low": low}).scalars())
        return self._hits(sorted(found, reverse=True))

    def _low(self, since: Micros) -> int | None:
        """Returns the first row since then; None if there is none."""
        return self.connection.execute(_first_since(), {"since": since}).scalar() if since else 0

    def _hits(self, ids: Sequence[int]) -> tuple[Hit, ...]:
        rows = {
            row.id: row for some in batches(ids) for row in self.connection.execute(_rows(), {"ids": some})
        }
        return tuple(_hit(rows[one]) for one in ids if one in rows)

    def left_out(self, *, since: Micros, most: int, after: int = 0) -> Hits:
        found = _left_out().where(entries.c.left_out_at >= since).group_by(entries.c.story).subquery()
        total = self.connection.execute(select(func.count()).select_from(found)).scalar_one()
        newest = select(found).order_by(found.c.at.desc(), found.c.story).limit(most).offset(after)
        hits = tuple(
            Hit(id=0, story=StoryId(story), place=None, at=at)
            for story, at in self.connection.execute(newest)
        )
        return Hits(total=int(total), hits=hits, has_more=after + len(hits) < total)


def index_stories(connection: Connection, told: Sequence[StoryId], *, now: Micros) -> None:
    """Writes down the words of stories anew, as their entries have them now."""
    with suppress(SQLAlchemyError), connection.begin_nested():
        for some in batches(dict.fromkeys(told)):
            known = {row.story: row.id for row in connection.execute(_of_stories(), {"stories": some})}
            said = _said_by(connection, some)
            for story, row in known.items():
                replace_words(connection, row, said.get(story, ""))
            _add(
                connection, [({"story": one}, said.get(one, "")) for one in some if one not in known], now=now
            )


def index_post(connection: Connection, place: Place, said: str, *, now: Micros) -> None:
    """Writes down a post's words anew, unless it displays a story."""
    with suppress(SQLAlchemyError), connection.begin_nested():
        values = place_values(place)
        row = connection.execute(_of_post(), values).scalar()
        if row is not None:
            replace_words(connection, row, said)
        elif not connection.execute(_displays(), values).scalar():
            _add(connection, [(values, said)], now=now)


def forget_post(connection: Connection, place: Place) -> None:
    """Deletes a post's words. What has to be forgotten does not fail in silence: raises SQLAlchemyError."""
    row = connection.execute(_of_post(), place_values(place)).scalar()
    if row is not None:
        drop_words(connection, [row])
        connection.execute(delete(words).where(words.c.id == row))


def reword_post(connection: Connection, place: Place, snapshot: str | None) -> None:
    """Writes a post's words as its snapshot has them now. Raises as `forget_post` does."""
    row = connection.execute(_of_post(), place_values(place)).scalar()
    if row is None:
        return
    said = json.loads(snapshot) if snapshot else {}
    left = "\n".join(filter(None, (said.get("title"), said.get("text"))))
    if left:
        replace_words(connection, row, left)
    else:
        forget_post(connection, place)


def _add(connection: Connection, new: Sequence[tuple[dict[str, Any], str]], *, now: Micros) -> None:
    texts = []
    for values, said in new:
        made = connection.execute(insert(words).values(**values, at=now).returning(words.c.id))
        texts.append((int(made.scalar_one()), said))
    write_words(connection, texts)


def _said_by(connection: Connection, some: Sequence[str]) -> dict[str, str]:
    said: dict[str, list[str]] = {}
    for story, body in connection.execute(_bodies(), {"stories": some}):
        said.setdefault(story, []).extend(_texts(body))
    return {story: "\n".join(texts) for story, texts in said.items()}


def _texts(body: str) -> Iterator[str]:
    said = json.loads(body)
    yield from (said.get(name) or "" for name in ("title", "summary"))
    for one in said.get("elements", ()):
        yield one["text"]
        yield from (value for _, value in one["attributes"])


def _index(where: str) -> Select[Any]:
    """Selects nothing yet from the index, of the rows from `low` on for which a condition holds."""
    return select().select_from(text("desk_words_index")).where(text(where), text("rowid >= :low"))


@cache
def _left_out() -> Select[Any]:
    in_digest = exists().where(
        departures.c.id == publications.c.departure_id, departures.c.kind == FEED_DIGEST
    )
    shown = exists().where(publications.c.story == entries.c.story, ~in_digest)
    return select(entries.c.story, func.max(entries.c.left_out_at).label("at")).where(~shown)


@cache
def _first_since() -> Select[Any]:
    found = select(words.c.id).where(words.c.at >= bindparam("since", type_=BigInteger))
    return found.order_by(words.c.at, words.c.id).limit(1)


@cache
def _rows() -> Select[Any]:
    return select(words).where(words.c.id.in_(bindparam("ids", expanding=True)))


@cache
def _of_stories() -> Select[Any]:
    return select(words.c.story, words.c.id).where(words.c.story.in_(bindparam("stories", expanding=True)))


@cache
def _bodies() -> Select[Any]:
    found = select(entries.c.story, entries.c.body)
    found = found.where(entries.c.story.in_(bindparam("stories", expanding=True)))
    return found.order_by(entries.c.seen_at, entries.c.feed)


@cache
def _of_post() -> Select[Any]:
    here = (words.c[name] == bindparam(name) for name in ("team", "channel", "ts"))
    return select(words.c.id).where(*here)


@cache
def _displays() -> Select[Any]:
    """Selects whether a message displays a story, ours or another app's."""
    theirs = exists().where(*(publications.c[name] == bindparam(name) for name in ("team", "channel", "ts")))
    ours = exists().where(
        departures.c.team == bindparam("team"),
        departures.c.channel == bindparam("channel"),
        departures.c.message_ts == bindparam("ts"),
        publications.c.departure_id == departures.c.id,
    )
    return select(or_(theirs, ours))


def _hit(row: Row[Any]) -> Hit:
    place = None
    if row.ts is not None:
        place = Place(team=TeamId(row.team), channel=ChannelId(row.channel), ts=Ts(row.ts))
    return Hit(id=row.id, story=None if row.story is None else StoryId(row.story), place=place, at=row.at)
