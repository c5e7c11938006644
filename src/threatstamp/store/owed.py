"""Rows of what is owed to Slack: departures, and the leases on their destinations."""

from __future__ import annotations

import json

from sqlalchemy import Connection, RowMapping, case, select, update

from threatstamp.core.departure import Claim, Departure, DepartureKind, NewDeparture, State
from threatstamp.core.ids import ChannelId, Key, TeamId, Ts
from threatstamp.core.post import Place
from threatstamp.store import tables
from threatstamp.store.sql import insert_new

MESSAGES = (DepartureKind.FORWARD.value, DepartureKind.LINE.value)


class OwedRows:
    """The Owed port on one connection."""

    connection: Connection

    def owe(self, new: NewDeparture, *, now: int) -> int | None:
        values = {
            "key": new.key,
            "team": new.team,
            "kind": new.kind.value,
            "channel": new.channel,
            "thread_ts": new.thread_ts,
            "state": State.PENDING.value,
            "due_at": new.due_at,
            "created_at": now,
            "attempts": 0,
            "unsure": False,
            "revision": 1,
            "shown": 0,
            "error": "",
            "body": json.dumps(new.body, ensure_ascii=False),
        }
        made = insert_new(self.connection, tables.departures, **values)
        if made is None:
            return None
        rest = {"next_at": 0, "lease_until": 0, "token": 0, "holder": ""}
        insert_new(self.connection, tables.destinations, team=new.team, channel=new.channel, **rest)
        return int(made[0])

    def departure(self, departure: int) -> Departure:
        table = tables.departures
        row = self.connection.execute(select(table).where(table.c.id == departure)).mappings().one()
        return read_departure(row)

    def departure_at(self, place: Place) -> Departure | None:
        table = tables.departures
        row = self.connection.execute(
            select(table).where(
                table.c.team == place.team,
                table.c.channel == place.channel,
                table.c.message_ts == place.ts,
            )
        ).mappings()
        found = row.first()
        return read_departure(found) if found else None

    def revise(self, departure: int, *, now: int) -> None:
        table = tables.departures
        stands = (table.c.state == State.DELIVERED.value) & (table.c.error == "")
        due = case((stands, now), else_=table.c.due_at)
        self._set(departure, revision=table.c.revision + 1, due_at=due)

    def put_off(self, departure: int, *, due_at: int, error: str, unsure: bool) -> None:
        self._set(departure, due_at=due_at, error=error, unsure=unsure)

    def reopen(self, departure: int, *, due_at: int) -> None:
        self._set(departure, state=State.PENDING.value, due_at=due_at, error="")

    def cancel(self, departure: int) -> None:
        self._set(departure, state=State.CANCELLED.value, due_at=None)

    def put_delivered(self, departure: int, *, ts: Ts | None, shown: int, now: int) -> None:
        table = tables.departures
        due = case((table.c.revision > shown, now), else_=None)
        self._set(
            departure,
            state=State.DELIVERED.value,
            message_ts=ts,
            shown=shown,
            due_at=due,
            delivered_at=now,
            unsure=False,
            error="",
            attempts=0,
        )

    def put_undeliverable(self, departure: int, *, error: str) -> None:
        self._set(departure, state=State.UNDELIVERABLE.value, due_at=None, error=error, unsure=False)

    def put_gone(self, departure: int, *, error: str) -> None:
        self._set(departure, due_at=None, error=error)

    def undeliverable(self) -> tuple[Departure, ...]:
        table = tables.departures
        return self._read(table.c.state == State.UNDELIVERABLE.value, table.c.kind.in_(MESSAGES))

    def late(self, *, before: int) -> tuple[Departure, ...]:
        table = tables.departures
        return self._read(
            table.c.state == State.PENDING.value,
            table.c.kind.in_(MESSAGES),
            table.c.created_at < before,
            table.c.attempts > 0,
        )

    def holds(self, claim: Claim) -> bool:
        table = tables.destinations
        departure = claim.departure
        query = select(table.c.token).where(
            table.c.team == departure.team, table.c.channel == departure.channel
        )
        # locks the row on PostgreSQL, first of all as a claim does: nobody takes over while this one records
        return self.connection.execute(query.with_for_update()).scalar() == claim.token

    def release(self, claim: Claim, *, next_at: int) -> None:
        table = tables.destinations
        self.connection.execute(
            update(table)
            .where(
                table.c.team == claim.departure.team,
                table.c.channel == claim.departure.channel,
                table.c.token == claim.token,
            )
            .values(lease_until=0, next_at=next_at, holder="")
        )

    def _set(self, departure: int, **values: object) -> None:
        table = tables.departures
        self.connection.execute(update(table).where(table.c.id == departure).values(**values))

    def _read(self, *conditions: object) -> tuple[Departure, ...]:
        table = tables.departures
        rows = self.connection.execute(
            select(table).where(*conditions).order_by(table.c.id)  # type: ignore[arg-type]
        )
        return tuple(read_departure(row) for row in rows.mappings())


def read_departure(row: RowMapping) -> Departure:
    """Returns a row of desk_departures as a value."""
    return Departure(
        id=row["id"],
        key=Key(row["key"]),
        team=TeamId(row["team"]),
        kind=DepartureKind(row["kind"]),
        channel=ChannelId(row["channel"]),
        thread_ts=Ts(row["thread_ts"]) if row["thread_ts"] else None,
        state=State(row["state"]),
        due_at=row["due_at"] or 0,
        created_at=row["created_at"],
        attempts=row["attempts"],
        unsure=row["unsure"],
        revision=row["revision"],
        shown=row["shown"],
        message_ts=Ts(row["message_ts"]) if row["message_ts"] else None,
        error=row["error"],
        body=json.loads(row["body"]),
    )
