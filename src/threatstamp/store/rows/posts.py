"""Rows of posts, each with its snapshot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import Executable, RowMapping, and_, bindparam, or_, update

from threatstamp.core.ids import ChannelId, TeamId, Ts
from threatstamp.core.stamps.post import Place, PostRecord, Snapshot
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows
from threatstamp.store.sql import at_place, place_values, put, rows_at, upsert
from threatstamp.store.tables.posts import posts


class ReadPostRows(Rows):
    """The ReadPosts port."""

    def get(self, place: Place) -> PostRecord | None:
        row = rows_at(self.connection, posts, **place_values(place)).first()
        return read_post(row) if row else None


class PostRows(ReadPostRows):
    """The Posts port."""

    def keep(self, place: Place, snapshot: Snapshot | None, *, now: Micros) -> bool:
        values = {"snapshot": _write_snapshot(snapshot), "gone": False, "taken_at": now}
        statement = _first_snapshot(self.connection.dialect.name)
        kept = self.connection.execute(statement, {**place_values(place), **values}).first()
        return kept is not None and snapshot is not None

    def put(self, place: Place, snapshot: Snapshot | None, *, gone: bool, now: Micros) -> None:
        values = {"snapshot": _write_snapshot(snapshot), "gone": gone, "taken_at": now}
        put(self.connection, posts, ("team", "channel", "ts"), **place_values(place), **values)

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
        where=posts.c.snapshot.is_(None) & made.excluded.snapshot.is_not(None),
    ).returning(posts.c.ts)


def _write_snapshot(snapshot: Snapshot | None) -> str | None:
    return json.dumps(asdict(snapshot), ensure_ascii=False) if snapshot else None


def read_post(row: RowMapping) -> PostRecord:
    """Returns a row of desk_posts as a value."""
    snapshot = Snapshot(**json.loads(row["snapshot"])) if row["snapshot"] else None
    return PostRecord(place=read_place(row), snapshot=snapshot, gone=row["gone"])


def read_place(row: Mapping[Any, Any]) -> Place:
    """Returns the place that a row is about."""
    return Place(team=TeamId(row["team"]), channel=ChannelId(row["channel"]), ts=Ts(row["ts"]))
