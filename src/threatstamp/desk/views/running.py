"""Which `run` processes work on a database, according to what each has written about itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Self

from threatstamp.core import signs as names
from threatstamp.core.time import MINUTE, Micros, later

ALIVE = MINUTE
"""A process that has written nothing for this long, in microseconds, counts as dead."""

GONE = "{}"
"""What a process writes when it ends normally, so that it does not count as alive for another minute."""

SOCKET, HTTP, NO_EVENTS = "socket", "http", "none"
"""How events reach a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What a process has written about itself.

    What has a default may be missing from what another version of the program writes.
    mode: how events reach it. connected: they can arrive. connections: how many sockets the app has in all,
    according to Slack. error: Slack's code if it refuses the connection, else "". last_event_at: None if no
    event has arrived yet. host_ahead: seconds by which the clock of its host is ahead of Slack's, which the
    desk goes by. shadow: it says nothing in Slack.
    """

    holder: str
    started_at: Micros
    version: str = ""
    mode: str = SOCKET
    connected: bool = False
    connections: int = 0
    error: str = ""
    last_event_at: Micros | None = None
    host_ahead: int = 0
    shadow: bool = False

    def write(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Returns what a process has written; None if that is its end, or no sign of life at all."""
        try:
            body = json.loads(text)
        except ValueError:
            return None
        if not isinstance(body, dict) or not {"holder", "started_at"} <= body.keys():
            return None
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in body.items() if name in known})


def read_running(signs: Mapping[str, tuple[str, Micros]], *, now: Micros) -> tuple[Running, ...]:
    """Returns the live processes. signs: all vital signs by name, each with the time it was written."""
    found = [
        (Running.read(text), at) for name, (text, at) in sorted(signs.items()) if name.startswith(names.RUN)
    ]
    # whoever asks goes by the host's clock, the process by Slack's
    return tuple(one for one, at in found if one is not None and now - later(at, one.host_ahead) < ALIVE)
