"""Tickets in the developers' trackers, in a thread of its own: nothing of Slack's way waits for a tracker."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from threatstamp.app.loops import Loop, Pulse
from threatstamp.config.trackers import TrackerSettings
from threatstamp.core.cases.ticket import Ticket
from threatstamp.core.ids import TrackerName
from threatstamp.desk.cases.briefing import BriefSaying
from threatstamp.desk.cases.tickets_out import TendTickets
from threatstamp.desk.ports.tickets import TicketDraft
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.tickets import draft_of

if TYPE_CHECKING:
    from threatstamp.app.desk import Desk
    from threatstamp.tickets.asking import TrackerClient

EVERY = 5.0
"""Seconds between two looks for a ticket that is due; a tracker is asked only if there is one."""


class Ticketing:
    """Does what is due with the tickets of the trackers in force, whenever it is requested."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tend = TendTickets(desk.tools, draft=self._draft)
        self._loop = Loop("tickets", self.work, clock=desk.tools.clock)
        self._lock = threading.Lock()
        self._is_closed = False
        self._begun_with: tuple[TrackerSettings, ...] | None = None
        self._open: dict[TrackerName, TrackerClient] = {}

    def start(self) -> None:
        self._loop.start()

    def begin_anew(self) -> None:
        """Leaves no tracker alone any more after a failure."""
        self._tend.begin_anew(self._open)
        self.request()

    def request(self) -> None:
        self._loop.request()

    def pulse(self) -> Pulse:
        return self._loop.pulse()

    def close(self) -> None:
        """Ends it; a call to a tracker that is under way is broken off."""
        self._loop.end()
        with self._lock:
            self._is_closed = True
            self._end_calls()

    def join(self, timeout: float) -> None:
        self._loop.join(timeout)

    def work(self) -> None:
        """Does what is due. Raises StoreError; PolicyError if SSL_CERT_FILE cannot be used."""
        self._adopt(self._desk.settings.trackers)
        if self._open and self._tend.run(self._open):
            self._desk.couriers.wake()

    def _adopt(self, trackers: tuple[TrackerSettings, ...]) -> None:
        """Opens the trackers of changed settings anew: what was wrong before may be right now."""
        if trackers is self._begun_with:
            return
        from threatstamp.tickets.opening import open_tracker  # most desks have no tracker

        with self._lock:
            self._end_calls()
            if not self._is_closed:
                self._open = {one.plan.name: open_tracker(one) for one in trackers}
        self._tend.begin_anew(self._open)
        self._begun_with = trackers

    def _end_calls(self) -> None:
        for one in self._open.values():
            one.close()
        self._open = {}

    def _draft(self, ticket: Ticket, saying: BriefSaying) -> TicketDraft:
        return draft_of(ticket, saying, Texts(self._desk.settings.language))
