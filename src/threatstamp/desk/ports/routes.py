"""Routes: their first contacts with source channels, and their verdicts on stamps."""

from __future__ import annotations

from typing import Protocol

from threatstamp.core.ids import ChannelId, RouteId, TeamId
from threatstamp.core.stamps.route import Contact, Verdict
from threatstamp.core.stamps.turn import TurnRecord
from threatstamp.core.time import Micros


class ReadRoutes(Protocol):
    """Contacts and verdicts on record."""

    def contact(self, channel: ChannelId, route: RouteId, *, team: TeamId) -> Contact | None: ...
    def verdict(self, stamp: TurnRecord, route: RouteId) -> Verdict | None: ...
    def judged(self, verdict: Verdict, *, team: TeamId) -> tuple[tuple[TurnRecord, RouteId], ...]:
        """Returns the stamps that have this verdict, each with the route that gave it."""


class Routes(ReadRoutes, Protocol):
    """The same, to write."""

    def put_contact(self, channel: ChannelId, route: RouteId, *, team: TeamId, contact: Contact) -> None: ...
    def put_verdict(self, stamp: TurnRecord, route: RouteId, *, verdict: Verdict, now: Micros) -> None: ...
