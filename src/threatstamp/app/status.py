"""`status`: how the desk stands, from what it wrote down itself. Asks nobody but the database."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.app.vitals import read_running
from threatstamp.core.departure import Departure
from threatstamp.desk.ports import Clock, Trouble
from threatstamp.store import SqlStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Times in microseconds, None for never. running: what live processes say of themselves."""

    running: tuple[dict[str, object], ...]
    last_event_at: int | None
    last_sweeps: dict[str, int]
    inbox_waiting: int
    inbox_failed: int
    owed: int
    undeliverable: tuple[Departure, ...]
    troubles: tuple[Trouble, ...]
    entries: int
    head: str

    @property
    def ok(self) -> bool:
        """True if no operator is needed."""
        alive = any(one.get("connected") for one in self.running)
        return alive and not (self.undeliverable or self.troubles or self.inbox_failed)


def read_status(store: SqlStore, clock: Clock) -> Status:
    """Returns how things stand now."""
    waiting, failed = store.inbox_count()
    with store.reading() as tx:
        vitals = tx.vitals()
        last = next(iter(tx.entries(newest=True, limit=1)), None)
        sweeps = {
            name.rpartition(":")[2]: int(value)
            for name, (value, _) in vitals.items()
            if name.startswith("swept:")
        }
        event = vitals.get("last_event")
        return Status(
            running=read_running(vitals, now=clock.now()),
            last_event_at=int(event[0]) if event else None,
            last_sweeps=sweeps,
            inbox_waiting=waiting,
            inbox_failed=failed,
            owed=store.owed_count(),
            undeliverable=tx.undeliverable(),
            troubles=tx.troubles(),
            entries=last.sequence if last else 0,
            head=last.hash if last else "",
        )
