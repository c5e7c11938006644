"""Rows of posts, each with its snapshot."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, RowMapping, and_, bindparam, or_, select, update

from threatstamp.core.ids import ChannelId, TeamId, Ts
from threatstamp.core.stamps.post import Place, PostRecord, Snapshot
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows
from threatstamp.store.rows.words import forget_post, index_post
from threatstamp.store.sql import at_place, place_values, put, rows_at, upsert
from threatstamp.store.tables.posts import posts

_EMPTIED = '{"source":'
"""How a snapshot begins of which only the name of an app is left."""


class ReadPostRows(Rows):
    """The ReadPosts port."""

    def get(self, place: Place) -> PostRecord | None:
        row = rows_at(self.connection, posts, **place_values(place)).first()
        return read_post(row) if row else None

    def whole(self, team: TeamId, channel: ChannelId, *, before: Micros) -> tuple[Place, ...]:
        there = and_(posts.c.team == team, posts.c.channel == channel)
        old = select(posts.c.team, posts.c.channel, posts.c.ts).where(
            there, posts.c.taken_at < before, _has_text()
        )
        return tuple(read_place(row) for row in self.connection.execute(old.order_by(posts.c.ts)).mappings())


class PostRows(ReadPostRows):
    """The Posts port."""

    def keep(self, place: Place, snapshot: Snapshot | None, *, now: Micros) -> bool:
        values = {"snapshot": _write_snapshot(snapshot), "gone": False, "taken_at": now}
        statement = _first_snapshot(self.connection.dialect.name)
        kept = self.connection.execute(statement, {**place_values(place), **values}).first()
        if kept is None or snapshot is None:
            return False
        index_post(self.connection, place, _words_of(snapshot), now=now)
        return True

    def put(self, place: Place, snapshot: Snapshot | None, *, gone: bool, now: Micros) -> None:
        values = {"snapshot": _write_snapshot(snapshot), "gone": gone, "taken_at": now}
        put(self.connection, posts, ("team", "channel", "ts"), **place_values(place), **values)
        index_post(self.connection, place, _words_of(snapshot), now=now)

    def empty(self, places: Sequence[Place]) -> None:
        for place in places:
            row = rows_at(self.connection, posts, **place_values(place)).first()
            snapshot = json.loads(row["snapshot"]) if row and row["snapshot"] else {}
            left = {"source": "" if snapshot.get("author") else snapshot.get("source", "")}
            values = {"snapshot": json.dumps(left, ensure_ascii=False)}
            self.connection.execute(update(posts).where(at_place(posts, place)).values(**values))
            forget_post(self.connection, place)

    def put_edited(self, place: Place, digest: str) -> bool:
        is_new = or_(posts.c.edit_digest.is_(None), posts.c.edit_digest != digest)
        changed = self.connection.execute(
            update(posts).where(at_place(posts, place), is_new).values(edit_digest=digest)
        )
        return changed.rowcount == 1

    def put_deleted(self, place: Place, *, now: Micros) -> bool:
        changed = self.connection.execute(
            update(posts)
            .where(and_(at_place(posts, place), posts.c.deleted_at.is_(None)))
            .values(deleted_at=now)
        )
        return changed.rowcount == 1


@cache
def _first_snapshot(dialect: str) -> Executable:
    """Inserts a post, or adds the snapshot to one without; returns a row only if it changed something."""
    names = ("team", "channel", "ts", "snapshot", "gone", "taken_at")
    made = upsert(posts, dialect).values({name: bindparam(name) for name in names})
    return made.on_conflict_do_update(
        index_elements=["team", "channel", "ts"],
        set_={"snapshot": made.excluded.snapshot, "gone": False},
        where=or_(posts.c.snapshot.is_(None), ~_has_text()) & made.excluded.snapshot.is_not(None),
    ).returning(posts.c.ts)


def _has_text() -> ColumnElement[bool]:
    """True for a snapshot that was not emptied; null is neither."""
    return ~posts.c.snapshot.startswith(_EMPTIED, autoescape=True)


def is_whole(snapshot: str | None) -> bool:
    """True if there is a snapshot, and it was not emptied."""
    return snapshot is not None and not snapshot.startswith(_EMPTIED)


def _words_of(snapshot: Snapshot | None) -> str:
    return f"{snapshot.title}\n{snapshot.text}".strip() if snapshot else ""


def _write_snapshot(snapshot: Snapshot | None) -> str | None:
    return json.dumps(asdict(snapshot), ensure_ascii=False) if snapshot else None


def read_post(row: RowMapping) -> PostRecord:
    """Returns a row of desk_posts as a value."""
    snapshot = Snapshot(**json.loads(row["snapshot"])) if is_whole(row["snapshot"]) else None
    return PostRecord(place=read_place(row), snapshot=snapshot, gone=row["gone"])


def read_place(row: Mapping[Any, Any]) -> Place:
    """Returns the place that a row is about."""
    return Place(team=TeamId(row["team"]), channel=ChannelId(row["channel"]), ts=Ts(row["ts"]))
