"""Signs of life that `status` reads: who runs, how the line stands, what came last."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from threatstamp import __version__
from threatstamp.desk.ports import Clock, Store
from threatstamp.slack.socket import LineState

ALIVE = 60_000_000
"""A process that gave no sign for so long (microseconds) is not running any more."""


def holder_name() -> str:
    """Returns a name for this process among those that share a database."""
    return f"{socket.gethostname()}:{os.getpid()}:{os.urandom(3).hex()}"


@dataclass(slots=True)
class Vitals:
    """What this process writes of itself every few seconds."""

    holder: str
    started_at: int
    line: LineState | None = None
    last_event_at: int = 0
    last_sweep_at: int = 0

    def write(self, store: Store, clock: Clock) -> None:
        line = self.line
        value = {
            "holder": self.holder,
            "version": __version__,
            "started_at": self.started_at,
            "connected": bool(line and line.connected),
            "connections": line.connections if line else 0,
            "error": line.error if line else "",
            "last_event_at": self.last_event_at or None,
        }
        with store.transaction() as tx:
            now = clock.now()
            tx.put_vital(f"run:{self.holder}", json.dumps(value), now=now)
            if self.last_event_at:
                tx.put_vital("last_event", str(self.last_event_at), now=now)

    def forget(self, store: Store) -> None:
        """Says goodbye, so that status need not wait for silence."""
        with store.transaction() as tx:
            tx.put_vital(f"run:{self.holder}", "{}", now=0)


def read_running(values: Mapping[str, tuple[str, int]], *, now: int) -> tuple[dict[str, object], ...]:
    """Returns what live processes say of themselves. values: by name, each with the time it was written."""
    found = [
        json.loads(value)
        for name, (value, at) in sorted(values.items())
        if name.startswith("run:") and now - at < ALIVE
    ]
    return tuple(one for one in found if one)
