"""Rows of routes: first contacts, and verdicts on stamps."""

from __future__ import annotations

from sqlalchemy import select

from threatstamp.core.ids import ChannelId, RouteId, TeamId
from threatstamp.core.stamps.route import Contact, Verdict
from threatstamp.core.stamps.turn import TurnRecord
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows
from threatstamp.store.rows.stamps import read_turn
from threatstamp.store.sql import put, rows_at
from threatstamp.store.tables.routes import contacts, verdicts
from threatstamp.store.tables.stamps import turns

NO_ENTRY = (Verdict.WAITS, Verdict.EXISTING, Verdict.LAPSED)
"""Verdicts of which the ledger says nothing: nothing followed from the stamp, or not yet."""


class ReadRouteRows(Rows):
    """The ReadRoutes port."""

    def contact(self, channel: ChannelId, route: RouteId, *, team: TeamId) -> Contact | None:
        rows = rows_at(self.connection, contacts, team=team, channel=channel, route=route)
        row = rows.first()
        if row is None:
            return None
        return Contact(since=Micros(row["since"]), looked_at=row["looked_at"], covers=Micros(row["covers"]))

    def verdict(self, stamp: TurnRecord, route: RouteId) -> Verdict | None:
        row = rows_at(self.connection, verdicts, stamp_id=stamp.id, route=route).first()
        return Verdict(row["verdict"]) if row else None

    def judged(self, verdict: Verdict, *, team: TeamId) -> tuple[tuple[TurnRecord, RouteId], ...]:
        rows = self.connection.execute(
            select(turns, verdicts.c.route)
            .join(verdicts, verdicts.c.stamp_id == turns.c.id)
            .where(verdicts.c.verdict == verdict.value, turns.c.team == team)
            .order_by(turns.c.id)
        )
        return tuple((read_turn(row), RouteId(row["route"])) for row in rows.mappings())


class RouteRows(ReadRouteRows):
    """The Routes port."""

    def put_contact(self, channel: ChannelId, route: RouteId, *, team: TeamId, contact: Contact) -> None:
        put(
            self.connection,
            contacts,
            ("team", "channel", "route"),
            team=team,
            channel=channel,
            route=route,
            since=contact.since,
            looked_at=contact.looked_at,
            covers=contact.covers,
        )

    def put_verdict(self, stamp: TurnRecord, route: RouteId, *, verdict: Verdict, now: Micros) -> None:
        values = {"verdict": verdict.value, "judged_at": now}
        key = ("stamp_id", "route")
        put(self.connection, verdicts, key, stamp_id=stamp.id, route=route, **values)
        if verdict in NO_ENTRY:
            place = {"channel": stamp.place.channel, "ts": stamp.place.ts}
            self._note(verdict.value, **place, reaction=stamp.reaction, user=stamp.user, route=route)
