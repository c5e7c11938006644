"""Rows of what is owed to Slack: departures, and the leases on their destinations."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Executable,
    RowMapping,
    Select,
    String,
    Update,
    and_,
    bindparam,
    case,
    exists,
    select,
    update,
)

from threatstamp.core.departure import Claim, Departure, DepartureKind, NewDeparture, State
from threatstamp.core.ids import ChannelId, Key, TeamId, Ts
from threatstamp.core.post import Place
from threatstamp.store import claims, tables
from threatstamp.store.sql import insert_new, rows_at, set_row, upsert

MESSAGES = tuple(
    kind.value
    for kind in (DepartureKind.FORWARD, DepartureKind.STORY, DepartureKind.DIGEST, DepartureKind.LINE)
)


GONE = "message_not_found"
"""Slack's code for a message that somebody deleted: there is nothing to edit any more."""


class OwedRows:
    """The Owed port on one connection."""

    connection: Connection

    def owe(self, new: NewDeparture, *, now: int) -> int | None:
        made = insert_new(self.connection, tables.departures, **_new_values(new, now=now))
        if made is None:
            return None
        rest = {"next_at": 0, "lease_until": 0, "token": 0, "holder": ""}
        insert_new(self.connection, tables.destinations, team=new.team, channel=new.channel, **rest)
        return int(made[0])

    def owe_claimed(
        self, new: NewDeparture, *, now: int, lease: float, holder: str
    ) -> tuple[int, Claim | None] | None:
        token = self._claim_for(new, now=now, until=now + round(lease * 1_000_000), holder=holder)
        values = _new_values(new, now=now)
        if token is not None:
            values |= {"attempts": 1, "unsure": True}  # as any claim leaves it behind before its act
        made = insert_new(self.connection, tables.departures, **values)
        if made is None:
            return None
        departure = int(made[0])
        if token is None:
            return departure, None
        claimed = read_departure({**_new_values(new, now=now), "id": departure, "message_ts": None})
        return departure, Claim(departure=claimed, token=token, edit=False)

    def _claim_for(self, new: NewDeparture, *, now: int, until: int, holder: str) -> int | None:
        """Takes the destination if it is free and rested, nothing waits there, and `new` is new."""
        statement = _claim_if_free(self.connection.dialect.name)
        values = {"team": new.team, "channel": new.channel, "next_at": 0, "token": 1}
        values |= {"lease_until": until, "holder": holder, "at": now, "new_key": new.key}
        return self.connection.execute(statement, values).scalar()

    def departure(self, departure: int) -> Departure:
        return read_departure(rows_at(self.connection, tables.departures, id=departure).one())

    def departure_at(self, place: Place) -> Departure | None:
        values = {"team": place.team, "channel": place.channel, "message_ts": place.ts}
        row = rows_at(self.connection, tables.departures, **values).first()
        return read_departure(row) if row else None

    def revise(self, departure: int, *, now: int) -> None:
        table = tables.departures
        # an edit that Slack refused is tried again with the next one, unless the message is gone
        stands = (table.c.state == State.DELIVERED.value) & (table.c.error != GONE)
        due = case((stands, now), else_=table.c.due_at)
        self._set(departure, revision=table.c.revision + 1, due_at=due)

    def put_off(self, departure: int, *, due_at: int, error: str, unsure: bool) -> None:
        self._set(departure, due_at=due_at, error=error, unsure=unsure)

    def reopen(self, departure: int, *, due_at: int) -> None:
        self._set(departure, state=State.PENDING.value, due_at=due_at, error="")

    def cancel(self, departure: int) -> None:
        self._set(departure, state=State.CANCELLED.value, due_at=None)

    def put_delivered(self, departure: int, *, ts: Ts | None, shown: int, now: int) -> None:
        values = {"row": departure, "message_ts": ts, "shown": shown, "delivered_at": now}
        self.connection.execute(_delivering(), values)

    def put_undeliverable(self, departure: int, *, error: str, unsure: bool) -> None:
        self._set(departure, state=State.UNDELIVERABLE.value, due_at=None, error=error, unsure=unsure)

    def put_gone(self, departure: int, *, error: str) -> None:
        self._set(departure, due_at=None, error=error)

    def stuck_edits(self) -> tuple[Departure, ...]:
        table = tables.departures
        return self._read(table.c.state == State.DELIVERED.value, table.c.error.not_in(["", GONE]))

    def undeliverable(self) -> tuple[Departure, ...]:
        table = tables.departures
        return self._read(table.c.state == State.UNDELIVERABLE.value, table.c.kind.in_(MESSAGES))

    def late(self, *, before: int) -> tuple[Departure, ...]:
        return self._read(is_late(before))

    def holds(self, claim: Claim) -> bool:
        values = {"team": claim.departure.team, "channel": claim.departure.channel}
        return self.connection.execute(_token(), values).scalar() == claim.token

    def release(self, claim: Claim, *, next_at: int) -> None:
        departure = claim.departure
        values = {"in_team": departure.team, "at_channel": departure.channel, "had": claim.token}
        self.connection.execute(claims.releasing(), {**values, "next_at": next_at})

    def _set(self, departure: int, **values: object) -> None:
        set_row(self.connection, tables.departures, departure, **values)

    def _read(self, *conditions: ColumnElement[bool]) -> tuple[Departure, ...]:
        table = tables.departures
        rows = self.connection.execute(select(table).where(*conditions).order_by(table.c.id))
        return tuple(read_departure(row) for row in rows.mappings())


def is_late(before: object) -> ColumnElement[bool]:
    """Messages that were tried, and still wait although they were ordered before that time."""
    table = tables.departures
    return and_(
        table.c.state == State.PENDING.value,
        table.c.kind.in_(MESSAGES),
        table.c.created_at < before,
        table.c.error != "",  # a route may rightly wait, and a channel's pace may make it wait
    )


def _new_values(new: NewDeparture, *, now: int) -> dict[str, object]:
    return {
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


@cache
def _delivering() -> Update:
    """A message stands; what was revised since it was made is due at once."""
    table = tables.departures
    shown, now = bindparam("shown", type_=BigInteger), bindparam("delivered_at", type_=BigInteger)
    return (
        update(table)
        .where(table.c.id == bindparam("row"))
        .values(
            state=State.DELIVERED.value,
            message_ts=bindparam("message_ts", type_=String),
            shown=shown,
            due_at=case((table.c.revision > shown, now), else_=None),
            delivered_at=now,
            unsure=False,
            error="",
            attempts=0,
        )
    )


@cache
def _token() -> Select[Any]:
    """Locks the row on PostgreSQL, first of all as a claim does: nobody takes over while this one records."""
    table = tables.destinations
    at = (table.c.team == bindparam("team"), table.c.channel == bindparam("channel"))
    return select(table.c.token).where(*at).with_for_update()


@cache
def _claim_if_free(dialect: str) -> Executable:
    departure, destination = tables.departures, tables.destinations
    names = ("team", "channel", "next_at", "lease_until", "token", "holder")
    made = upsert(destination, dialect).values({name: bindparam(name) for name in names})
    at = bindparam("at", type_=BigInteger)
    waiting = (
        select(departure.c.id)
        .where(departure.c.team == destination.c.team, departure.c.channel == destination.c.channel)
        .where(departure.c.due_at <= at)
        .correlate(destination)
    )
    known = select(departure.c.id).where(departure.c.key == bindparam("new_key", type_=String))
    return made.on_conflict_do_update(
        index_elements=["team", "channel"],
        set_={
            "lease_until": made.excluded.lease_until,
            "holder": made.excluded.holder,
            "token": destination.c.token + 1,
        },
        where=and_(
            destination.c.lease_until <= at,
            destination.c.next_at <= at,
            ~exists(waiting),
            ~exists(known),
        ),
    ).returning(destination.c.token)


def read_departure(row: RowMapping | dict[str, Any]) -> Departure:
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
