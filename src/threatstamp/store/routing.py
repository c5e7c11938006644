"""Rows of what routes made of stamps: contacts, verdicts, forwards."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, select, update

from threatstamp.core.departure import State
from threatstamp.core.forward import Forward, NewForward, Order, Said
from threatstamp.core.ids import ChannelId, Emoji, RouteId, TeamId, UserId
from threatstamp.core.post import Place
from threatstamp.core.route import Contact, OnWithdraw, Verdict
from threatstamp.core.stamp import Turn
from threatstamp.desk.ports import PostRecord, StampRecord
from threatstamp.store import tables
from threatstamp.store.facts import read_place, read_post, read_stamp
from threatstamp.store.sql import at_place, insert_new, place_values, put, rows_at


class RoutingRows:
    """The Routing port on one connection."""

    connection: Connection

    def contact(self, channel: ChannelId, route: RouteId, *, team: TeamId) -> Contact | None:
        rows = rows_at(self.connection, tables.contacts, team=team, channel=channel, route=route)
        row = rows.first()
        if row is None:
            return None
        return Contact(since=row["since"], looked_at=row["looked_at"], covers=row["covers"])

    def put_contact(self, channel: ChannelId, route: RouteId, *, team: TeamId, contact: Contact) -> None:
        put(
            self.connection,
            tables.contacts,
            ("team", "channel", "route"),
            team=team,
            channel=channel,
            route=route,
            since=contact.since,
            looked_at=contact.looked_at,
            covers=contact.covers,
        )

    def verdict(self, stamp: StampRecord, route: RouteId) -> Verdict | None:
        row = rows_at(self.connection, tables.verdicts, stamp_id=stamp.id, route=route).first()
        return Verdict(row["verdict"]) if row else None

    def put_verdict(self, stamp: StampRecord, route: RouteId, *, verdict: Verdict, now: int) -> None:
        put(
            self.connection,
            tables.verdicts,
            ("stamp_id", "route"),
            stamp_id=stamp.id,
            route=route,
            verdict=verdict.value,
            judged_at=now,
        )

    def judged(self, verdict: Verdict, *, team: TeamId) -> tuple[tuple[StampRecord, RouteId], ...]:
        table = tables.verdicts
        rows = self.connection.execute(
            select(tables.stamps, table.c.route)
            .join(table, table.c.stamp_id == tables.stamps.c.id)
            .where(table.c.verdict == verdict.value, tables.stamps.c.team == team)
            .order_by(tables.stamps.c.id)
        )
        return tuple((read_stamp(row), RouteId(row["route"])) for row in rows.mappings())

    def forwards(self, post: Place, reaction: Emoji) -> tuple[Forward, ...]:
        table = tables.forwards
        rows = self.connection.execute(
            _with_state().where(at_place(table, post), table.c.reaction == reaction)
        )
        return tuple(read_forward(row) for row in rows.mappings())

    def forward_of(self, departure: int) -> tuple[Forward, PostRecord | None] | None:
        row = self.connection.execute(_with_post(), {"departure": departure}).mappings().first()
        if row is None:
            return None
        forward = read_forward(row)
        return forward, read_post(row) if row["gone"] is not None else None

    def add_forward(self, new: NewForward, *, departure: int, now: int) -> None:
        insert_new(
            self.connection,
            tables.forwards,
            departure_id=departure,
            **place_values(new.place),
            reaction=new.order.reaction,
            route=new.order.route,
            destination=new.destination,
            user_id=new.user,
            event_at=new.event_at,
            policy=json.dumps(asdict(new.order), ensure_ascii=False),
            recorded_at=now,
        )

    def move_forward(self, forward: Forward, *, event_at: int) -> None:
        table = tables.forwards
        self.connection.execute(
            update(table).where(table.c.departure_id == forward.departure).values(event_at=event_at)
        )

    def said(self, post: Place, reaction: Emoji, *, route: RouteId) -> tuple[Said, ...]:
        values = {**place_values(post), "reaction": reaction, "route": route}
        rows = self.connection.execute(_stamps_with_verdicts(), values)
        return tuple(
            Said(user=one.user, turn=one.stamp.turn, at=one.stamp.at, place=one.place)
            for one, judged in ((read_stamp(row), row["verdict"]) for row in rows.mappings())
            if one.stamp.turn is Turn.WITHDRAWAL or judged == Verdict.FIRES.value
        )


def _with_state() -> Select[Any]:
    forward, departure = tables.forwards, tables.departures
    return select(forward, departure.c.state).join(departure, departure.c.id == forward.c.departure_id)


@cache
def _stamps_with_verdicts() -> Select[Any]:
    stamp, verdict = tables.stamps, tables.verdicts
    judged = (verdict.c.stamp_id == stamp.c.id) & (verdict.c.route == bindparam("route"))
    return (
        select(stamp, verdict.c.verdict)
        .outerjoin(verdict, judged)
        .where(
            stamp.c.team == bindparam("team"),
            stamp.c.post_channel == bindparam("channel"),
            stamp.c.post_ts == bindparam("ts"),
            stamp.c.reaction == bindparam("reaction"),
        )
    )


@cache
def _with_post() -> Select[Any]:
    forward, post = tables.forwards, tables.posts
    same = (
        (post.c.team == forward.c.team) & (post.c.channel == forward.c.channel) & (post.c.ts == forward.c.ts)
    )
    return (
        _with_state()
        .add_columns(post.c.snapshot, post.c.gone)
        .outerjoin(post, same)
        .where(forward.c.departure_id == bindparam("departure"))
    )


def read_forward(row: RowMapping) -> Forward:
    """Returns a row of desk_forwards as a value."""
    order = json.loads(row["policy"])
    order["mention"] = tuple(order["mention"])
    order["on_withdraw"] = OnWithdraw(order["on_withdraw"])
    return Forward(
        departure=row["departure_id"],
        state=State(row["state"]),
        place=read_place(row),
        destination=ChannelId(row["destination"]),
        order=Order(**order),
        user=UserId(row["user_id"]) if row["user_id"] else None,
        event_at=row["event_at"],
    )
