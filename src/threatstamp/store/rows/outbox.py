"""Rows of the outbox: one per departure, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Executable,
    Select,
    String,
    Update,
    and_,
    bindparam,
    case,
    exists,
    func,
    select,
    update,
)

from threatstamp.core.ids import ChannelId, Key, TeamId, Ts
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.outbox.departure import MESSAGE_GONE, Departure, DepartureKind, NewDeparture, State
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros, later
from threatstamp.store.rows.base import Rows
from threatstamp.store.sql import insert_new, rows_at, set_row, upsert
from threatstamp.store.tables.outbox import departures, destinations


class ReadOutboxRows(Rows):
    """The ReadOutbox port."""

    def get(self, departure: int) -> Departure:
        return read_departure(rows_at(self.connection, departures, id=departure).one())

    def at(self, place: Place) -> Departure | None:
        values = {"team": place.team, "channel": place.channel, "message_ts": place.ts}
        found = [read_departure(row) for row in rows_at(self.connection, departures, **values)]
        # the forwards of a digest stand in its message, which is the one that is paced
        return min(found, key=lambda one: (not one.kind.is_paced, one.id), default=None)

    def keyed(self, key: Key) -> Departure | None:
        row = rows_at(self.connection, departures, key=key).first()
        return read_departure(row) if row else None

    def is_unsettled(self, team: TeamId, channel: ChannelId) -> bool:
        values = {"of_team": team, "to": channel}
        return self.connection.execute(_unsettled(), values).first() is not None


@cache
def _unsettled() -> Select[Any]:
    return (
        select(departures.c.id)
        .where(
            departures.c.due_at.is_not(None),
            departures.c.unsure.is_(True),
            departures.c.message_ts.is_(None),
            departures.c.team == bindparam("of_team"),
            departures.c.channel == bindparam("to"),
        )
        .limit(1)
    )


class ReadBacklogRows(Rows):
    """The ReadBacklog port."""

    def count(self) -> int:
        query = select(func.count()).where(departures.c.due_at.is_not(None))
        return int(self.connection.execute(query).scalar_one())

    def undeliverable(self) -> tuple[Departure, ...]:
        return self._read(departures.c.state == State.UNDELIVERABLE.value, departures.c.is_reported.is_(True))

    def late(self, *, before: Micros) -> tuple[Departure, ...]:
        return self._read(is_late(before))

    def stuck_edits(self) -> tuple[Departure, ...]:
        is_refused = departures.c.error.not_in(["", MESSAGE_GONE])
        return self._read(departures.c.state == State.DELIVERED.value, is_refused)

    def _read(self, *conditions: ColumnElement[bool]) -> tuple[Departure, ...]:
        query: Select[Any] = select(departures).where(*conditions).order_by(departures.c.id)
        return tuple(read_departure(row) for row in self.connection.execute(query).mappings())


class OutboxRows(ReadOutboxRows):
    """The Outbox port."""

    def owe(self, new: NewDeparture, *, now: Micros) -> int | None:
        made = insert_new(self.connection, departures, **_new_values(new, now=now))
        if made is None:
            return None
        _add_destination(self.connection, new.team, new.channel)
        return int(made[0])

    def owe_claimed(
        self, new: NewDeparture, *, now: Micros, lease: float, holder: str
    ) -> tuple[int, Claim | None] | None:
        token = self._claim_for(new, now=now, until=later(now, lease), holder=holder)
        values = _new_values(new, now=now)
        if token is not None:
            values |= {"attempts": 1, "unsure": True}  # as every claim records it before its call
        made = insert_new(self.connection, departures, **values)
        if made is None:
            return None
        departure = int(made[0])
        if token is None:
            return departure, None
        claimed = read_departure({**_new_values(new, now=now), "id": departure, "message_ts": None})
        return departure, Claim(departure=claimed, token=token, edit=False)

    def _claim_for(self, new: NewDeparture, *, now: Micros, until: Micros, holder: str) -> int | None:
        """Claims the destination if it is free and rested, nothing is due there, and `new` is not on record.

        Returns the token, None without a claim. Nothing may be due, because older departures go first.
        """
        statement = _claim_if_free(self.connection.dialect.name)
        values = {"team": new.team, "channel": new.channel, "next_at": 0, "token": 1}
        values |= {"lease_until": until, "holder": holder, "at": now, "new_key": new.key}
        return self.connection.execute(statement, values).scalar()

    def revise(self, departure: int, *, now: Micros) -> None:
        # due also if Slack refused the previous edit, whose cause may be gone; never for a deleted message
        is_there = (departures.c.state == State.DELIVERED.value) & (departures.c.error != MESSAGE_GONE)
        due = case((is_there, now), else_=departures.c.due_at)
        self._set(departure, revision=departures.c.revision + 1, due_at=due)

    def put_off(
        self, departure: int, *, due_at: Micros, error: str, unsure: bool, searched: str = ""
    ) -> None:
        self._set(departure, due_at=due_at, error=error, unsure=unsure, searched=searched)
        if error:
            self._note("put_off", departure=departure, error=error)

    def reopen(self, departure: int, *, due_at: Micros) -> None:
        self._set(departure, state=State.PENDING.value, due_at=due_at, error="")

    def put_body(self, departure: int, body: str) -> None:
        self._set(departure, body=body)

    def cancel(self, departure: int) -> None:
        self._set(departure, state=State.CANCELLED.value, due_at=None)

    def put_delivered(self, departure: int, *, ts: Ts | None, displayed: int, now: Micros) -> None:
        values = {
            "row": departure,
            "message_ts": ts,
            "displayed": displayed,
            "delivered_at": now,
        }
        self.connection.execute(_delivering(), values)

    def put_undeliverable(self, departure: int, *, error: str, unsure: bool) -> None:
        self._set(departure, state=State.UNDELIVERABLE.value, due_at=None, error=error, unsure=unsure)

    def put_gone(self, departure: int, *, error: str) -> None:
        self._set(departure, due_at=None, error=error)

    def _set(self, departure: int, **values: object) -> None:
        set_row(self.connection, departures, departure, **values)


def readdress(
    connection: Connection, departure: int, key: Key, *, team: TeamId, channel: ChannelId, due_at: Micros
) -> None:
    """Gives a departure that was not sent another destination, and makes it due."""
    _add_destination(connection, team, channel)
    values = {"channel": channel, "state": State.PENDING.value, "due_at": due_at, "error": "", "searched": ""}
    set_row(connection, departures, departure, key=key, **values)


def _add_destination(connection: Connection, team: TeamId, channel: ChannelId) -> None:
    rest = {"next_at": 0, "lease_until": 0, "token": 0, "holder": ""}
    insert_new(connection, destinations, team=team, channel=channel, **rest)


def is_late(before: object) -> ColumnElement[bool]:
    """Returns the condition for departures of reported kinds, ordered before that, that have failed."""
    return and_(
        departures.c.state == State.PENDING.value,
        departures.c.is_reported.is_(True),
        departures.c.created_at < before,
        departures.c.error != "",  # others wait rightly: for a route's delay, or for their channel's pace
    )


def _new_values(new: NewDeparture, *, now: Micros) -> dict[str, object]:
    return {
        "key": new.key,
        "team": new.team,
        "kind": new.kind.name,
        "is_paced": new.kind.is_paced,
        "is_reported": new.kind.is_reported,
        "at_most_once": new.kind.at_most_once,
        "channel": new.channel,
        "thread_ts": new.thread_ts,
        "state": State.PENDING.value,
        "due_at": new.due_at,
        "created_at": now,
        "attempts": 0,
        "unsure": False,
        "revision": 1,
        "displayed": 0,
        "error": "",
        "searched": "",
        "body": new.body,
    }


@cache
def _delivering() -> Update:
    """Records that a message exists; if it was revised since it was rendered, an edit is due at once."""
    displayed = bindparam("displayed", type_=BigInteger)
    now = bindparam("delivered_at", type_=BigInteger)
    return (
        update(departures)
        .where(departures.c.id == bindparam("row"))
        .values(
            state=State.DELIVERED.value,
            message_ts=bindparam("message_ts", type_=String),
            displayed=displayed,
            due_at=case((departures.c.revision > displayed, now), else_=None),
            delivered_at=now,
            unsure=False,
            error="",
            attempts=0,
        )
    )


@cache
def _claim_if_free(dialect: str) -> Executable:
    names = ("team", "channel", "next_at", "lease_until", "token", "holder")
    made = upsert(destinations, dialect).values({name: bindparam(name) for name in names})
    at = bindparam("at", type_=BigInteger)
    waiting = (
        select(departures.c.id)
        .where(departures.c.team == destinations.c.team, departures.c.channel == destinations.c.channel)
        .where(departures.c.due_at <= at)
        .correlate(destinations)
    )
    known = select(departures.c.id).where(departures.c.key == bindparam("new_key", type_=String))
    return made.on_conflict_do_update(
        index_elements=["team", "channel"],
        set_={
            "lease_until": made.excluded.lease_until,
            "holder": made.excluded.holder,
            "token": destinations.c.token + 1,
        },
        where=and_(
            destinations.c.lease_until <= at,
            destinations.c.next_at <= at,
            ~exists(waiting),
            ~exists(known),
        ),
    ).returning(destinations.c.token)


def read_departure(row: Mapping[Any, Any]) -> Departure:
    """Returns a row of desk_departures as a value."""
    return Departure(
        id=row["id"],
        key=Key(row["key"]),
        team=TeamId(row["team"]),
        kind=DepartureKind(
            name=row["kind"],
            is_paced=row["is_paced"],
            is_reported=row["is_reported"],
            at_most_once=row["at_most_once"],
        ),
        channel=ChannelId(row["channel"]),
        thread_ts=Ts(row["thread_ts"]) if row["thread_ts"] else None,
        state=State(row["state"]),
        due_at=Micros(row["due_at"] or 0),
        created_at=Micros(row["created_at"]),
        attempts=row["attempts"],
        unsure=row["unsure"],
        revision=row["revision"],
        displayed=row["displayed"],
        message_ts=Ts(row["message_ts"]) if row["message_ts"] else None,
        error=row["error"],
        searched=row["searched"],
        body=row["body"],
    )
