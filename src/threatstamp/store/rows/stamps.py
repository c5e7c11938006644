"""Rows of marks, looks, turns and tallies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from sqlalchemy import RowMapping, delete, insert, select, tuple_, update

from threatstamp.core.ids import ChannelId, Emoji, TeamId, Ts, UserId
from threatstamp.core.stamps.look import Look, Presence, SeenReaction
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.turn import Mark, Turn, TurnKind, TurnRecord
from threatstamp.core.time import Micros
from threatstamp.desk.ports.stamps import StampedPost
from threatstamp.store.rows.base import MANY, Rows, batches
from threatstamp.store.rows.posts import read_place
from threatstamp.store.sql import insert_new, place_values, rows_at
from threatstamp.store.tables.routes import verdicts
from threatstamp.store.tables.stamps import imports, looks, marks, tallies, turns

Counted = dict[str, dict[str, object]]
"""A look's reactions as its row has them: by emoji, the users, and whether the list is complete."""


class ReadStampRows(Rows):
    """The ReadStamps port."""

    def marks(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[Mark, ...]:
        values = place_values(place)
        rows = rows_at(self.connection, marks, **values, reaction=reaction, user_id=user)
        return tuple(Mark(at=Micros(row["at"]), kind=TurnKind(row["kind"])) for row in rows)

    def presences(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[Presence, ...]:
        rows = rows_at(self.connection, looks, **place_values(place))
        found = (_read_look(row).presence(reaction, user) for row in rows)
        return tuple(one for one in found if one is not None)

    def turns(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[TurnRecord, ...]:
        values = place_values(place)
        rows = rows_at(self.connection, turns, **values, reaction=reaction, user_id=user)
        return tuple(sorted(map(read_turn, rows), key=lambda record: (record.turn.at, record.id)))

    def turns_at(self, places: Sequence[Place]) -> tuple[TurnRecord, ...]:
        found: list[TurnRecord] = []
        for some in batches(places, MANY // 3):
            keys = [(place.team, place.channel, place.ts) for place in some]
            rows = self.connection.execute(
                select(turns)
                .where(tuple_(turns.c.team, turns.c.channel, turns.c.ts).in_(keys))
                .order_by(turns.c.at, turns.c.id)
            )
            found.extend(read_turn(row) for row in rows.mappings())
        return tuple(found)

    def imported(self, posts: Sequence[StampedPost]) -> frozenset[StampedPost]:
        found: set[StampedPost] = set()
        columns = (imports.c.team, imports.c.channel, imports.c.ts, imports.c.reaction)
        for some in batches(posts, MANY // 4):
            keys = [(place.team, place.channel, place.ts, reaction) for place, reaction in some]
            rows = self.connection.execute(select(imports).where(tuple_(*columns).in_(keys)))
            found.update((read_place(row), Emoji(row["reaction"])) for row in rows.mappings())
        return frozenset(found)


class StampRows(ReadStampRows):
    """The Stamps port."""

    def add_mark(self, place: Place, reaction: Emoji, *, user: UserId, mark: Mark, now: Micros) -> None:
        insert_new(
            self.connection,
            marks,
            **place_values(place),
            reaction=reaction,
            user_id=user,
            kind=mark.kind.value,
            at=mark.at,
            received_at=now,
        )

    def add_looks(self, seen: Sequence[Look]) -> None:
        if seen:
            self.connection.execute(insert(looks), [_look_values(one) for one in seen])

    def add_turn(
        self, place: Place, post: Place, *, reaction: Emoji, user: UserId, turn: Turn, now: Micros
    ) -> TurnRecord:
        made = insert_new(
            self.connection,
            turns,
            **place_values(place),
            post_channel=post.channel,
            post_ts=post.ts,
            reaction=reaction,
            user_id=user,
            kind=turn.kind.value,
            at=turn.at,
            exact=turn.exact,
            recorded_at=now,
        )
        assert made is not None  # its only key is the new id, so there is no conflict
        return TurnRecord(id=made[0], place=place, post=post, reaction=reaction, user=user, turn=turn)

    def settle(self, record: TurnRecord, turn: Turn) -> None:
        self.connection.execute(
            update(turns).where(turns.c.id == record.id).values(at=turn.at, exact=turn.exact)
        )

    def drop(self, record: TurnRecord) -> None:
        self.connection.execute(delete(verdicts).where(verdicts.c.stamp_id == record.id))
        self.connection.execute(delete(turns).where(turns.c.id == record.id))

    def count_unrouted(self, place: Place, reaction: Emoji, *, user: UserId, mark: Mark) -> None:
        digest = hashlib.sha256(f"{place.team}|{user}|{mark.at}".encode()).hexdigest()[:16]
        insert_new(self.connection, tallies, **place_values(place), reaction=reaction, mark=digest)

    def add_imported(self, posts: Sequence[StampedPost], *, now: Micros) -> None:
        if posts:
            rows = [{**place_values(place), "reaction": emoji, "recorded_at": now} for place, emoji in posts]
            self.connection.execute(insert(imports), rows)


def read_turn(row: RowMapping) -> TurnRecord:
    """Returns a row of desk_turns as a value."""
    return TurnRecord(
        id=row["id"],
        place=read_place(row),
        post=Place(team=TeamId(row["team"]), channel=ChannelId(row["post_channel"]), ts=Ts(row["post_ts"])),
        reaction=Emoji(row["reaction"]),
        user=UserId(row["user_id"]),
        turn=Turn(kind=TurnKind(row["kind"]), at=Micros(row["at"]), exact=row["exact"]),
    )


def _look_values(look: Look) -> dict[str, object]:
    found: Counted = {
        one.reaction: {"users": sorted(one.users), "whole": one.whole} for one in look.reactions
    }
    return {
        **place_values(look.place),
        "started": look.started,
        "ended": look.ended,
        "reactions": json.dumps(found, separators=(",", ":")),
    }


def _read_look(row: RowMapping) -> Look:
    found = json.loads(row["reactions"])
    return Look(
        place=read_place(row),
        started=Micros(row["started"]),
        ended=Micros(row["ended"]),
        reactions=tuple(
            SeenReaction(reaction=Emoji(name), users=frozenset(seen["users"]), whole=seen["whole"])
            for name, seen in found.items()
        ),
    )
