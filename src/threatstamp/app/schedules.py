"""When a schedule last began, in whichever process: those on one database share the work of the engine."""

from __future__ import annotations

from threatstamp.app.health import Signs
from threatstamp.core import signs as names
from threatstamp.desk.ports.tools import Tools


class Schedules:
    """Keeps `Signs.scheduled_at` true. Nothing is missed before `expect`."""

    def __init__(self, tools: Tools, signs: Signs) -> None:
        self._tools = tools
        self._signs = signs
        self._seen: str | None = None

    def expect(self) -> None:
        """Notes that from now on one schedule after the other has to begin."""
        self._seen = self._read()
        self._signs.scheduled_at = self._tools.clock.steady()

    def note(self) -> None:
        """Notes here and for the other processes that a schedule has begun. Raises StoreError."""
        if self._signs.scheduled_at is not None:
            self._signs.scheduled_at = self._tools.clock.steady()
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            tx.vitals.put(names.SCHEDULED, str(now), now=now)

    def look(self) -> None:
        """Looks whether another process was told to begin something. Raises StoreError."""
        if self._signs.scheduled_at is None:
            return
        newest = self._read()
        if newest != self._seen:  # and not whether it is recent: the other's clock may be another one
            self._seen, self._signs.scheduled_at = newest, self._tools.clock.steady()

    def _read(self) -> str | None:
        with self._tools.store.reading() as read:
            return read.vitals.get(names.SCHEDULED)
