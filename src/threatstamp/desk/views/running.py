"""Which processes run on a database, by what each writes down of itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

from threatstamp.core import signs as names
from threatstamp.core.time import MINUTE, Micros

ALIVE = MINUTE
"""A process that gave no sign for so long is not running any more."""

GONE = "{}"
"""What a process leaves behind that ended in order, so that nobody waits for its silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What a process says of itself. connections: how many the app has, by Slack's own word.

    error: Slack's code, if it refuses the connection. None: never.
    """

    holder: str
    version: str
    started_at: Micros
    connected: bool
    connections: int
    error: str
    last_event_at: Micros | None

    def write(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Returns what a sign says; None for one that says goodbye."""
        body = json.loads(text)
        return cls(**body) if body else None


def read_running(signs: Mapping[str, tuple[str, Micros]], *, now: Micros) -> tuple[Running, ...]:
    """Returns the live processes. signs: by name, each with the time it was written."""
    found = [
        Running.read(text)
        for name, (text, at) in sorted(signs.items())
        if name.startswith(names.RUN) and now - at < ALIVE
    ]
    return tuple(one for one in found if one is not None)
