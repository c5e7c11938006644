"""The vital signs that a `run` process writes about itself every few seconds."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from threatstamp import __version__
from threatstamp.core import signs
from threatstamp.core.time import Micros
from threatstamp.desk.policy.shadow import stay_as_it_is
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.views.running import GONE, SOCKET, Running
from threatstamp.slack.socket import SocketState


def holder_name() -> str:
    """Returns a name for this process that is unique among those on the same database.

    The random part is for containers, which often have the same host name and process id 1.
    """
    return f"{socket.gethostname()}:{os.getpid()}:{os.urandom(3).hex()}"


@dataclass(slots=True)
class ProcessVitals:
    """What this process knows about itself. mode: how events reach it.

    is_displaced: another process has begun the shadow since, or ended it, so this one has to end.
    """

    started_at: Micros
    mode: str = SOCKET
    socket: SocketState | None = None
    last_event_at: Micros | None = None
    shadow: bool = False
    is_displaced: bool = False

    def write(self, tools: Tools, *, host_ahead: int) -> None:
        """Writes it to the database. host_ahead: seconds by which the host's clock is ahead of the desk's."""
        state = self.socket
        running = Running(
            holder=tools.holder,
            version=__version__,
            started_at=self.started_at,
            mode=self.mode,
            connected=bool(state and state.connected),
            connections=state.connections if state else 0,
            error=state.error if state else "",
            last_event_at=self.last_event_at,
            host_ahead=host_ahead,
            shadow=self.shadow,
        )
        now = tools.clock.now()
        with tools.store.transaction() as tx:
            tx.vitals.put(f"{signs.RUN}{tools.holder}", running.write(), now=now)
            self.is_displaced = not stay_as_it_is(tx, in_shadow=self.shadow, now=now)
            if self.last_event_at is not None:
                tx.vitals.put(signs.LAST_EVENT, str(self.last_event_at), now=now)

    def say_goodbye(self, tools: Tools) -> None:
        """Writes that the process has ended, so that `status` does not take it for alive any more."""
        now = tools.clock.now()
        with tools.store.transaction() as tx:
            tx.vitals.put(f"{signs.RUN}{tools.holder}", GONE, now=now)
            stay_as_it_is(tx, in_shadow=self.shadow, now=now)
