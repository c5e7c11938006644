"""Rows of what was seen: posts, marks, sightings, and the turns that they amount to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache

from sqlalchemy import (
    Connection,
    Executable,
    RowMapping,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from threatstamp.core.departure import DepartureKind
from threatstamp.core.ids import ChannelId, Emoji, TeamId, Ts, UserId
from threatstamp.core.post import Place, Snapshot
from threatstamp.core.stamp import Look, Mark, Stamp, Turn
from threatstamp.desk.ports import PostRecord, SeenReaction, Sighting, StampRecord
from threatstamp.store import tables
from threatstamp.store.sql import at_place, insert_new, place_values, put, rows_at, upsert


class FactRows:
    """The Facts port on one connection."""

    connection: Connection

    def add_mark(self, place: Place, reaction: Emoji, *, user: UserId, mark: Mark, now: int) -> None:
        insert_new(
            self.connection,
            tables.marks,
            **place_values(place),
            reaction=reaction,
            user_id=user,
            turn=mark.turn.value,
            at=mark.at,
            received_at=now,
        )

    def marks(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[Mark, ...]:
        values = place_values(place)
        rows = rows_at(self.connection, tables.marks, **values, reaction=reaction, user_id=user)
        return tuple(Mark(at=row["at"], turn=Turn(row["turn"])) for row in rows)

    def add_sightings(self, sightings: Sequence[Sighting]) -> None:
        if sightings:
            self.connection.execute(
                insert(tables.sightings),
                [
                    {
                        **place_values(one.place),
                        "started": one.started,
                        "ended": one.ended,
                        "reactions": _write_reactions(one.reactions),
                    }
                    for one in sightings
                ],
            )

    def looks(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[Look, ...]:
        rows = rows_at(self.connection, tables.sightings, **place_values(place))
        looks = (_look(row, json.loads(row["reactions"]).get(reaction), user) for row in rows)
        return tuple(look for look in looks if look is not None)

    def stamps(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[StampRecord, ...]:
        values = place_values(place)
        rows = rows_at(self.connection, tables.stamps, **values, reaction=reaction, user_id=user)
        return tuple(sorted(map(read_stamp, rows), key=lambda record: (record.stamp.at, record.id)))

    def stamps_at(self, places: Sequence[Place]) -> tuple[StampRecord, ...]:
        table = tables.stamps
        found: list[StampRecord] = []
        for start in range(0, len(places), 200):
            keys = [(place.team, place.channel, place.ts) for place in places[start : start + 200]]
            rows = self.connection.execute(
                select(table)
                .where(tuple_(table.c.team, table.c.channel, table.c.ts).in_(keys))
                .order_by(table.c.at, table.c.id)
            )
            found.extend(read_stamp(row) for row in rows.mappings())
        return tuple(found)

    def add_stamp(
        self, place: Place, post: Place, *, reaction: Emoji, user: UserId, stamp: Stamp, now: int
    ) -> StampRecord:
        made = insert_new(
            self.connection,
            tables.stamps,
            **place_values(place),
            post_channel=post.channel,
            post_ts=post.ts,
            reaction=reaction,
            user_id=user,
            turn=stamp.turn.value,
            at=stamp.at,
            exact=stamp.exact,
            recorded_at=now,
        )
        assert made is not None  # its key is only a number
        return StampRecord(id=made[0], place=place, post=post, reaction=reaction, user=user, stamp=stamp)

    def settle_stamp(self, record: StampRecord, stamp: Stamp) -> None:
        table = tables.stamps
        self.connection.execute(
            update(table).where(table.c.id == record.id).values(at=stamp.at, exact=stamp.exact)
        )

    def drop_stamp(self, record: StampRecord) -> None:
        self.connection.execute(delete(tables.verdicts).where(tables.verdicts.c.stamp_id == record.id))
        self.connection.execute(delete(tables.stamps).where(tables.stamps.c.id == record.id))

    def count_unrouted(self, place: Place, reaction: Emoji, *, user: UserId, mark: Mark) -> None:
        digest = hashlib.sha256(f"{place.team}|{user}|{mark.at}".encode()).hexdigest()[:16]
        insert_new(self.connection, tables.tallies, **place_values(place), reaction=reaction, mark=digest)

    def post(self, place: Place) -> PostRecord | None:
        row = rows_at(self.connection, tables.posts, **place_values(place)).first()
        return read_post(row) if row else None

    def keep_post(self, place: Place, snapshot: Snapshot | None, *, now: int) -> bool:
        values = {"snapshot": _write_snapshot(snapshot), "gone": False, "taken_at": now}
        statement = _first_snapshot(self.connection.dialect.name)
        kept = self.connection.execute(statement, {**place_values(place), **values}).first()
        return kept is not None and snapshot is not None

    def put_post(self, place: Place, snapshot: Snapshot | None, *, gone: bool, now: int) -> None:
        values = {"snapshot": _write_snapshot(snapshot), "gone": gone, "taken_at": now}
        put(self.connection, tables.posts, ("team", "channel", "ts"), **place_values(place), **values)

    def original(self, place: Place) -> Place | None:
        departure, forward = tables.departures, tables.forwards
        row = self.connection.execute(
            select(forward.c.team, forward.c.channel, forward.c.ts)
            .join(departure, departure.c.id == forward.c.departure_id)
            .where(
                departure.c.team == place.team,
                departure.c.channel == place.channel,
                departure.c.message_ts == place.ts,
                departure.c.kind == DepartureKind.FORWARD.value,
            )
        ).first()
        return Place(team=row.team, channel=row.channel, ts=row.ts) if row else None

    def put_edited(self, place: Place, digest: str) -> bool:
        table = tables.posts
        changed = self.connection.execute(
            update(table)
            .where(at_place(table, place), or_(table.c.edit_digest.is_(None), table.c.edit_digest != digest))
            .values(edit_digest=digest)
        )
        return changed.rowcount == 1

    def put_deleted(self, place: Place, *, now: int) -> bool:
        table = tables.posts
        changed = self.connection.execute(
            update(table)
            .where(and_(at_place(table, place), table.c.deleted_at.is_(None)))
            .values(deleted_at=now)
        )
        return changed.rowcount == 1


@cache
def _first_snapshot(dialect: str) -> Executable:
    """Inserts a post, or gives its snapshot to one that had none; returns a row only if it did."""
    table = tables.posts
    names = ("team", "channel", "ts", "snapshot", "gone", "taken_at")
    made = upsert(table, dialect).values({name: bindparam(name) for name in names})
    return made.on_conflict_do_update(
        index_elements=["team", "channel", "ts"],
        set_={"snapshot": made.excluded.snapshot, "gone": False},
        where=table.c.snapshot.is_(None) & made.excluded.snapshot.is_not(None),
    ).returning(table.c.ts)


def _write_snapshot(snapshot: Snapshot | None) -> str | None:
    return json.dumps(asdict(snapshot), ensure_ascii=False) if snapshot else None


def read_post(row: RowMapping) -> PostRecord:
    """Returns a row of desk_posts as a value."""
    snapshot = Snapshot(**json.loads(row["snapshot"])) if row["snapshot"] else None
    return PostRecord(place=read_place(row), snapshot=snapshot, gone=row["gone"])


def read_place(row: RowMapping) -> Place:
    """Returns the place that a row is about."""
    return Place(team=TeamId(row["team"]), channel=ChannelId(row["channel"]), ts=Ts(row["ts"]))


def read_stamp(row: RowMapping) -> StampRecord:
    """Returns a row of desk_stamps as a value."""
    return StampRecord(
        id=row["id"],
        place=read_place(row),
        post=Place(team=TeamId(row["team"]), channel=ChannelId(row["post_channel"]), ts=Ts(row["post_ts"])),
        reaction=Emoji(row["reaction"]),
        user=UserId(row["user_id"]),
        stamp=Stamp(turn=Turn(row["turn"]), at=row["at"], exact=row["exact"]),
    )


def _write_reactions(reactions: Sequence[SeenReaction]) -> str:
    found = {one.reaction: {"users": sorted(one.users), "whole": one.whole} for one in reactions}
    return json.dumps(found, separators=(",", ":"))


def _look(row: RowMapping, seen: dict[str, object] | None, user: UserId) -> Look | None:
    started, ended = row["started"], row["ended"]
    if seen is None:
        return Look(started=started, ended=ended, present=False)
    users = seen["users"]
    assert isinstance(users, list)
    if user in users:
        return Look(started=started, ended=ended, present=True)
    return Look(started=started, ended=ended, present=False) if seen["whole"] else None
