"""Rows of what routes made of stamps: contacts, verdicts, forwards."""

from __future__ import annotations

import json
from dataclasses import asdict

from sqlalchemy import Connection, RowMapping, select, update

from threatstamp.core.forward import Forward, NewForward, Order, Said
from threatstamp.core.ids import ChannelId, Emoji, RouteId, TeamId, Ts, UserId
from threatstamp.core.post import Place
from threatstamp.core.route import Contact, OnWithdraw, Verdict
from threatstamp.core.stamp import Turn
from threatstamp.desk.ports import StampRecord
from threatstamp.store import tables
from threatstamp.store.facts import read_stamp
from threatstamp.store.sql import at_place, put


class RoutingRows:
    """The Routing port on one connection."""

    connection: Connection

    def contact(self, channel: ChannelId, route: RouteId, *, team: TeamId) -> Contact | None:
        table = tables.contacts
        row = self.connection.execute(
            select(table.c.since, table.c.looked_at, table.c.covers).where(
                table.c.team == team, table.c.channel == channel, table.c.route == route
            )
        ).first()
        return Contact(since=row.since, looked_at=row.looked_at, covers=row.covers) if row else None

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
        table = tables.verdicts
        found = self.connection.execute(
            select(table.c.verdict).where(table.c.stamp_id == stamp.id, table.c.route == route)
        ).scalar()
        return Verdict(found) if found else None

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
            select(table).where(at_place(table, post), table.c.reaction == reaction)
        )
        return tuple(read_forward(row) for row in rows.mappings())

    def forward_of(self, departure: int) -> Forward | None:
        table = tables.forwards
        row = self.connection.execute(select(table).where(table.c.departure_id == departure)).mappings()
        found = row.first()
        return read_forward(found) if found else None

    def add_forward(self, new: NewForward, *, departure: int, now: int) -> None:
        self.connection.execute(
            tables.forwards.insert().values(
                departure_id=departure,
                team=new.place.team,
                channel=new.place.channel,
                ts=new.place.ts,
                reaction=new.order.reaction,
                route=new.order.route,
                destination=new.destination,
                user_id=new.user,
                event_at=new.event_at,
                policy=json.dumps(asdict(new.order), ensure_ascii=False),
                recorded_at=now,
            )
        )

    def move_forward(self, forward: Forward, *, event_at: int) -> None:
        table = tables.forwards
        self.connection.execute(
            update(table).where(table.c.departure_id == forward.departure).values(event_at=event_at)
        )

    def said(self, post: Place, reaction: Emoji, *, route: RouteId) -> tuple[Said, ...]:
        stamp, verdict = tables.stamps, tables.verdicts
        rows = self.connection.execute(
            select(stamp, verdict.c.verdict)
            .outerjoin(verdict, (verdict.c.stamp_id == stamp.c.id) & (verdict.c.route == route))
            .where(
                stamp.c.team == post.team,
                stamp.c.post_channel == post.channel,
                stamp.c.post_ts == post.ts,
                stamp.c.reaction == reaction,
            )
        )
        return tuple(
            Said(user=one.user, turn=one.stamp.turn, at=one.stamp.at, place=one.place)
            for one, judged in ((read_stamp(row), row["verdict"]) for row in rows.mappings())
            if one.stamp.turn is Turn.WITHDRAWAL or judged == Verdict.FIRES.value
        )


def read_forward(row: RowMapping) -> Forward:
    """Returns a row of desk_forwards as a value."""
    order = json.loads(row["policy"])
    order["mention"] = tuple(order["mention"])
    order["on_withdraw"] = OnWithdraw(order["on_withdraw"])
    place = Place(team=TeamId(row["team"]), channel=ChannelId(row["channel"]), ts=Ts(row["ts"]))
    return Forward(
        departure=row["departure_id"],
        place=place,
        destination=ChannelId(row["destination"]),
        order=Order(**order),
        user=UserId(row["user_id"]) if row["user_id"] else None,
        event_at=row["event_at"],
    )
