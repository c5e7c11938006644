"""Rows of what was seen: posts, marks, sightings, and the turns that they amount to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, RowMapping, and_, delete, insert, or_, select, tuple_, update

from threatstamp.core.departure import DepartureKind
from threatstamp.core.ids import ChannelId, Emoji, TeamId, Ts, UserId
from threatstamp.core.post import Place, Snapshot
from threatstamp.core.stamp import Look, Mark, Stamp, Turn
from threatstamp.desk.ports import PostRecord, SeenReaction, Sighting, StampRecord
from threatstamp.store import tables
from threatstamp.store.sql import at_place, insert_new


class FactRows:
    """The Facts port on one connection."""

    connection: Connection

    def add_mark(self, place: Place, reaction: Emoji, *, user: UserId, mark: Mark, now: int) -> None:
        insert_new(
            self.connection,
            tables.marks,
            **_place_values(place),
            reaction=reaction,
            user_id=user,
            turn=mark.turn.value,
            at=mark.at,
            received_at=now,
        )

    def marks(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[Mark, ...]:
        table = tables.marks
        rows = self.connection.execute(
            select(table.c.at, table.c.turn).where(
                at_place(table, place), table.c.reaction == reaction, table.c.user_id == user
            )
        )
        return tuple(Mark(at=row.at, turn=Turn(row.turn)) for row in rows)

    def add_sightings(self, sightings: Sequence[Sighting]) -> None:
        if sightings:
            self.connection.execute(
                insert(tables.sightings),
                [
                    {
                        **_place_values(one.place),
                        "started": one.started,
                        "ended": one.ended,
                        "reactions": _write_reactions(one.reactions),
                    }
                    for one in sightings
                ],
            )

    def looks(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[Look, ...]:
        table = tables.sightings
        rows = self.connection.execute(
            select(table.c.started, table.c.ended, table.c.reactions).where(at_place(table, place))
        )
        looks = (_look(row.started, row.ended, json.loads(row.reactions).get(reaction), user) for row in rows)
        return tuple(look for look in looks if look is not None)

    def stamps(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[StampRecord, ...]:
        table = tables.stamps
        rows = self.connection.execute(
            select(table)
            .where(at_place(table, place), table.c.reaction == reaction, table.c.user_id == user)
            .order_by(table.c.at, table.c.id)
        )
        return tuple(read_stamp(row) for row in rows.mappings())

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
        made = self.connection.execute(
            insert(tables.stamps)
            .values(
                **_place_values(place),
                post_channel=post.channel,
                post_ts=post.ts,
                reaction=reaction,
                user_id=user,
                turn=stamp.turn.value,
                at=stamp.at,
                exact=stamp.exact,
                recorded_at=now,
            )
            .returning(tables.stamps.c.id)
        ).scalar_one()
        return StampRecord(id=made, place=place, post=post, reaction=reaction, user=user, stamp=stamp)

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
        insert_new(self.connection, tables.tallies, **_place_values(place), reaction=reaction, mark=digest)

    def post(self, place: Place) -> PostRecord | None:
        row = self.connection.execute(
            select(tables.posts.c.snapshot, tables.posts.c.gone).where(at_place(tables.posts, place))
        ).first()
        if row is None:
            return None
        snapshot = Snapshot(**json.loads(row.snapshot)) if row.snapshot else None
        return PostRecord(place=place, snapshot=snapshot, gone=row.gone)

    def put_post(self, place: Place, snapshot: Snapshot | None, *, gone: bool, now: int) -> bool:
        text = json.dumps(asdict(snapshot), ensure_ascii=False) if snapshot else None
        values: dict[str, object] = {"snapshot": text, "gone": gone}
        if insert_new(self.connection, tables.posts, **_place_values(place), **values, taken_at=now):
            return True
        if snapshot is not None or gone:
            self.connection.execute(
                update(tables.posts).where(at_place(tables.posts, place)).values(**values)
            )
        return False

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


def _place_values(place: Place) -> dict[str, str]:
    return {"team": place.team, "channel": place.channel, "ts": place.ts}


def read_stamp(row: RowMapping) -> StampRecord:
    """Returns a row of desk_stamps as a value."""
    team = TeamId(row["team"])
    return StampRecord(
        id=row["id"],
        place=Place(team=team, channel=ChannelId(row["channel"]), ts=Ts(row["ts"])),
        post=Place(team=team, channel=ChannelId(row["post_channel"]), ts=Ts(row["post_ts"])),
        reaction=Emoji(row["reaction"]),
        user=UserId(row["user_id"]),
        stamp=Stamp(turn=Turn(row["turn"]), at=row["at"], exact=row["exact"]),
    )


def _write_reactions(reactions: Sequence[SeenReaction]) -> str:
    found = {one.reaction: {"users": sorted(one.users), "whole": one.whole} for one in reactions}
    return json.dumps(found, separators=(",", ":"))


def _look(started: int, ended: int, seen: dict[str, object] | None, user: UserId) -> Look | None:
    if seen is None:
        return Look(started=started, ended=ended, present=False)
    users = seen["users"]
    assert isinstance(users, list)
    if user in users:
        return Look(started=started, ended=ended, present=True)
    return Look(started=started, ended=ended, present=False) if seen["whole"] else None
