"""Rows of feeds, their entries, the stories these tell, and where each story is shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Connection,
    RowMapping,
    Select,
    Update,
    bindparam,
    exists,
    insert,
    select,
    update,
)

from threatstamp.core.departure import DepartureKind
from threatstamp.core.entry import Entry
from threatstamp.core.feed import FeedClaim, FeedState, Problem, ProblemKind, Validators
from threatstamp.core.ids import ChannelId, FeedName, StoryId, TeamId, Ts
from threatstamp.core.post import Place
from threatstamp.core.story import Story, shown_digest, story_of, whole_digest
from threatstamp.desk.ports import KnownEntry, NewStory
from threatstamp.store import tables
from threatstamp.store.sql import insert_new, rows_at

T = TypeVar("T")
MANY = 400
"""So many values at the most in one question: SQLite takes no more than 999 in old versions."""

_LOOSE = ("name", "url", "named", "due_at", "held_until")
_PACKED = tuple(one.name for one in fields(FeedState) if one.name not in _LOOSE)
_SAID = tuple(one.name for one in fields(Entry) if one.name not in ("entry_id", "elements"))


class NewsRows:
    """The News port on one connection."""

    connection: Connection

    def holds_feed(self, claim: FeedClaim) -> bool:
        found = self.connection.execute(_token(), {"feed": claim.state.name})
        return bool(found.scalar() == claim.token)

    def put_feed(self, claim: FeedClaim, state: FeedState) -> None:
        values = {**state_values(state), "lease_until": 0, "holder": ""}
        which = {"feed": state.name, "had": claim.token}
        self.connection.execute(setting(tuple(values)), {**values, **which})

    def feed_states(self) -> tuple[FeedState, ...]:
        """Returns how every feed that was ever asked stands."""
        rows = self.connection.execute(select(tables.feeds).order_by(tables.feeds.c.name)).mappings()
        return tuple(read_state(row) for row in rows)

    def known_entries(self, feed: FeedName, entry_ids: Sequence[str]) -> Mapping[str, KnownEntry]:
        found: dict[str, KnownEntry] = {}
        for keys in batches([entry_key(one) for one in entry_ids]):
            rows = self.connection.execute(_known_by_id(), {"of_feed": feed, "keys": keys})
            found.update(map(_read_known, rows))
        return found

    def entries_by_link(
        self, feed: FeedName, keys: Sequence[str]
    ) -> Mapping[str, tuple[tuple[str, KnownEntry], ...]]:
        found: dict[str, tuple[tuple[str, KnownEntry], ...]] = {}
        for some in batches(keys):
            for row in self.connection.execute(_known_by_link(), {"of_feed": feed, "keys": some}):
                found[row.link_key] = (*found.get(row.link_key, ()), _read_known(row))
        return found

    def rename_entry(self, feed: FeedName, old: str, entry: Entry) -> None:
        table = tables.entries
        self.connection.execute(
            update(table)
            .where(table.c.feed == feed, table.c.entry_key == entry_key(old))
            .values(entry_key=entry_key(entry.entry_id), entry_id=entry.entry_id)
        )

    def add_entries(self, feed: FeedName, entries: Sequence[tuple[Entry, StoryId]], *, now: int) -> None:
        if entries:
            rows = [
                {**_entry_values(feed, entry), "story": story, "seen_at": now} for entry, story in entries
            ]
            self.connection.execute(insert(tables.entries), rows)

    def revise_entry(self, feed: FeedName, entry: Entry, *, now: int) -> None:
        table, values = tables.entries, _entry_values(feed, entry)
        self.connection.execute(
            update(table)
            .where(table.c.feed == feed, table.c.entry_key == values["entry_key"])
            .values(**values, revised_at=now)
        )

    def add_stories(self, stories: Sequence[NewStory], *, now: int) -> None:
        if stories:
            rows = [{**_story_values(new), "made_at": now} for new in stories]
            self.connection.execute(insert(tables.stories), rows)

    def revise_story(self, story: StoryId, entry: Entry, *, key: str | None) -> None:
        table, new = tables.stories, story_of(entry, feed=FeedName(""))
        values = {"title": new.title, "link": new.link, "published_at": new.published_at, "link_key": key}
        self.connection.execute(update(table).where(table.c.id == story).values(**values))

    def stories_by_link(
        self, keys: Sequence[str], *, besides: FeedName, since: int
    ) -> Mapping[str, tuple[StoryId, ...]]:
        found: dict[str, tuple[StoryId, ...]] = {}
        for some in batches(keys):
            values = {"keys": some, "besides": besides, "since": since}
            for key, one in self.connection.execute(_linked(), values):
                found[key] = (*found.get(key, ()), StoryId(one))
        return found

    def shown_in(self, stories: Sequence[StoryId], channel: ChannelId, *, team: TeamId) -> frozenset[StoryId]:
        found: set[StoryId] = set()
        for some in batches(stories):
            rows = self.connection.execute(_shown(), {"stories": some, "team": team, "channel": channel})
            found.update(StoryId(one) for one in rows.scalars())
        return frozenset(found)

    def shown_at(self, posts: Sequence[Ts], channel: ChannelId, *, team: TeamId) -> frozenset[Ts]:
        table = tables.publications
        found: set[Ts] = set()
        for some in batches(posts):
            query = select(table.c.ts).where(
                table.c.team == team, table.c.channel == channel, table.c.ts.in_(some)
            )
            found.update(Ts(one) for one in self.connection.execute(query).scalars())
        return frozenset(found)

    def show(
        self,
        stories: Sequence[StoryId],
        channel: ChannelId,
        *,
        team: TeamId,
        departure: int | None,
        ts: Ts | None = None,
    ) -> None:
        for line, story in enumerate(stories):
            values = {"story": story, "team": team, "channel": channel, "line": line}
            insert_new(self.connection, tables.publications, **values, departure_id=departure, ts=ts)

    def shown_by(self, departure: int) -> tuple[Story, ...]:
        rows = self.connection.execute(_shown_by(), {"departure": departure})
        return tuple(read_story(row) for row in rows.mappings())

    def departures_of(self, story: StoryId) -> tuple[int, ...]:
        rows = rows_at(self.connection, tables.publications, story=story)
        return tuple(row["departure_id"] for row in rows if row["departure_id"] is not None)

    def story_at(self, place: Place) -> Story | None:
        departure = rows_at(
            self.connection,
            tables.departures,
            team=place.team,
            channel=place.channel,
            message_ts=place.ts,
            kind=DepartureKind.STORY.value,
        ).first()
        shown = self.shown_by(departure["id"]) if departure else ()
        return shown[0] if shown else None


# Statements are made once: building one costs more than SQLite needs to run it.


@cache
def _token() -> Select[Any]:
    table = tables.feeds
    return select(table.c.token).where(table.c.name == bindparam("feed")).with_for_update()


@cache
def setting(names: tuple[str, ...]) -> Update:
    """Sets these columns of a feed's row by its name, `feed`, while its token is still `had`."""
    table = tables.feeds
    made = update(table).where(table.c.name == bindparam("feed"), table.c.token == bindparam("had"))
    return made.values({name: bindparam(name) for name in names})


def _known() -> Select[Any]:
    entry, story = tables.entries, tables.stories
    columns = (entry.c.entry_id, entry.c.feed, entry.c.story, entry.c.shown_digest, entry.c.whole_digest)
    found = select(*columns, story.c.title, story.c.source, story.c.link_key)
    return found.join(story, story.c.id == entry.c.story).where(entry.c.feed == bindparam("of_feed"))


@cache
def _known_by_id() -> Select[Any]:
    return _known().where(tables.entries.c.entry_key.in_(bindparam("keys", expanding=True)))


@cache
def _known_by_link() -> Select[Any]:
    return _known().where(tables.stories.c.link_key.in_(bindparam("keys", expanding=True)))


@cache
def _linked() -> Select[Any]:
    story, entry = tables.stories, tables.entries
    told = exists().where(entry.c.story == story.c.id, entry.c.feed == bindparam("besides"))
    found = select(story.c.link_key, story.c.id).where(
        story.c.link_key.in_(bindparam("keys", expanding=True)),
        story.c.made_at >= bindparam("since", type_=BigInteger),
        ~told,
    )
    return found.order_by(story.c.made_at, story.c.id)


@cache
def _shown() -> Select[Any]:
    table = tables.publications
    return select(table.c.story).where(
        table.c.team == bindparam("team"),
        table.c.channel == bindparam("channel"),
        table.c.story.in_(bindparam("stories", expanding=True)),
    )


@cache
def _shown_by() -> Select[Any]:
    story, shown = tables.stories, tables.publications
    found = select(story).join(shown, shown.c.story == story.c.id)
    return found.where(shown.c.departure_id == bindparam("departure")).order_by(shown.c.line)


def _read_known(row: Sequence[Any]) -> tuple[str, KnownEntry]:
    entry_id, feed, story, shown, whole, title, source, _ = row
    return entry_id, KnownEntry(
        story=StoryId(story), title=title, shown_digest=shown, whole_digest=whole, began=source == feed
    )


def entry_key(entry_id: str) -> str:
    """Returns an entry's key in the table: an id may be longer than an index takes."""
    return hashlib.sha256(entry_id.encode(errors="replace")).hexdigest()


def state_values(state: FeedState) -> dict[str, object]:
    """Returns how a feed stands as the values of its row."""
    body: dict[str, object] = {name: getattr(state, name) for name in _PACKED}
    problem = state.problem
    body["validators"] = asdict(state.validators)
    if problem is not None:
        body["problem"] = {
            "kind": problem.kind.value,
            "reason": problem.reason,
            "values": dict(problem.values),
        }
    loose = {name: getattr(state, name) for name in _LOOSE}
    return {**loose, "state": json.dumps(body, ensure_ascii=False)}


def read_state(row: RowMapping) -> FeedState:
    """Returns a row of desk_feeds as a value."""
    body = json.loads(row["state"])
    problem, validators = body.pop("problem"), body.pop("validators")
    if problem is not None:
        problem = Problem(
            kind=ProblemKind(problem["kind"]), reason=problem["reason"], values=problem["values"]
        )
    body["news_at"] = tuple(body["news_at"])
    loose = {name: row[name] for name in _LOOSE}
    return FeedState(**loose, **body, problem=problem, validators=Validators(**validators))


def read_story(row: RowMapping) -> Story:
    """Returns a row of desk_stories as a value."""
    return Story(
        id=StoryId(row["id"]),
        title=row["title"],
        link=row["link"],
        source=row["source"],
        published_at=row["published_at"],
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


def _entry_values(feed: FeedName, entry: Entry) -> dict[str, object]:
    return {
        "feed": feed,
        "entry_key": entry_key(entry.entry_id),
        "entry_id": entry.entry_id,
        "shown_digest": shown_digest(entry),
        "whole_digest": whole_digest(entry),
        "body": json.dumps(_entry_body(entry), ensure_ascii=False),
    }


def _entry_body(entry: Entry) -> dict[str, object]:
    body = {name: value for name in _SAID if (value := getattr(entry, name))}
    if entry.elements:
        body["elements"] = [
            {"name": one.name, "text": one.text, "attributes": one.attributes} for one in entry.elements
        ]
    return body


def batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Yields values, so many at a time as one question may hold."""
    rest = iter(values)
    while some := list(islice(rest, MANY)):
        yield some
