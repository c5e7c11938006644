"""Times in which the database cannot be written: people are told, and then what waited goes on at once."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from threatstamp.core.errors import DeskError, StoreError
from threatstamp.core.ids import Key
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.troubles.alerting import OUTAGE, Alert

log = logging.getLogger(__name__)

PATIENCE = 4.0
"""Seconds after which people are told: another program may lock the database for a moment."""

SENT_WITHIN = 30.0
"""Seconds within which the call of an alert has to begin."""


class Outage:
    """Watches whether the database can be written.

    An alert about it cannot go through the outbox, which is in that database. So it is posted directly,
    once at the beginning and once at the end, and a crash in between may lose it: `status` tries to write
    by itself.

    on_end: called when the database can be written again.
    """

    def __init__(self, tools: Tools, *, on_end: Callable[[], None]) -> None:
        self._tools = tools
        self._on_end = on_end
        self._lock = threading.Lock()
        self._since: float | None = None
        self._is_told = False

    @property
    def is_on(self) -> bool:
        """True from the first failure until something could be written."""
        return self._since is not None

    def note(self, error: StoreError) -> None:
        """Something could not be written. Any thread may call this."""
        now = self._tools.clock.steady()
        with self._lock:
            if self._since is None:
                log.error("the database cannot be written: %s", error)
                self._since = now
            if self._is_told or now - self._since < PATIENCE:
                return
            self._is_told = True
        self._tell(str(error), fixed=False)

    def end(self) -> None:
        """Something could be written."""
        with self._lock:
            if self._since is None:
                return
            is_told, self._is_told, self._since = self._is_told, False, None
        log.info("the database can be written again")
        self._on_end()
        if is_told:
            self._tell("", fixed=True)

    def _tell(self, error: str, *, fixed: bool) -> None:
        channel, clock = self._tools.policy.alerts, self._tools.clock
        if channel is None:
            return
        alert = Alert(kind=OUTAGE, values={} if fixed else {"cause": error}, fixed=fixed)
        try:
            self._tools.workspace.post(
                alert,
                channel=channel,
                thread_ts=None,
                key=Key(os.urandom(16).hex()),
                revision=1,
                until=clock.steady() + SENT_WITHIN,
            )
        except DeskError as failed:
            log.warning("nobody could be told that: %s", failed)
