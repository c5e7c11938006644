"""Whether a running desk does its work: what `/healthz`, `/readyz`, `/metrics` and the heartbeat go by.

Nothing here trusts that something was started: threads are looked at, writes have to have succeeded lately.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from threatstamp.app.loops import Pulse
from threatstamp.core.time import span
from threatstamp.desk.ports.time import Clock
from threatstamp.slack.socket import SocketState
from threatstamp.texts.catalogue import Texts

WRITTEN_WITHIN = 60.0
"""Seconds. A sign of life is written four times in them: see `WRITE_VITALS`."""

CONNECTED_WITHIN = 60.0
"""Seconds without a connection, after which it counts as lost: Slack replaces them every few hours."""

STARTED_WITHIN = 300.0
"""Seconds that a start may take: the first contact with many channels."""

SCHEDULED_WITHIN = 600.0
"""Seconds without any schedule, of which one is due each minute."""


class Part(StrEnum):
    """What a symptom is about, each with its sentence `health_…`."""

    START = "start"
    END = "end"
    THREAD = "thread"
    STUCK = "stuck"
    SCHEDULE = "schedule"
    DATABASE = "database"
    FILE = "file"
    CONNECTION = "connection"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom:
    """One reason why a desk is not well. name: which thread, or Slack's code; "" where that says nothing."""

    part: Part
    name: str = ""

    def body(self, texts: Texts) -> dict[str, str]:
        """Returns it as JSON has it."""
        message = texts(f"status.health_{self.part}", name=self.name)
        return {"part": self.part.value, "name": self.name, "message": message}


@dataclass(slots=True, kw_only=True)
class Signs:
    """What the desk notes of itself as it works; times by the steady clock, None for never.

    scheduled_at: when the engine last started something, in whichever process of those that share its work.
    """

    began_at: float
    is_started: bool = False
    written_at: float | None = None
    scheduled_at: float | None = None


@dataclass(slots=True, kw_only=True)
class Health:
    """Judges from outside, in any thread, without waiting for those that it judges.

    pulses: of every thread that the work needs. connection: returns None before the first attempt; None
    itself for a process that takes no events. cannot_write: true while an attempt to write has failed.
    file: the database's, if it is one.
    """

    signs: Signs
    clock: Clock
    ended: threading.Event
    pulses: Callable[[], Sequence[Pulse]]
    connection: Callable[[], SocketState | None] | None
    cannot_write: Callable[[], bool]
    file: Path | None = None
    _opened: tuple[int, int] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._opened = _identity(self.file)

    @property
    def is_file_lost(self) -> bool:
        """True if the opened file is not at its place: what is written is lost, and no write fails."""
        return self._opened is not None and _identity(self.file) != self._opened

    def symptoms(self) -> tuple[Symptom, ...]:
        """Returns why the desk is not alive and working; nothing if it is, or is about to be in time."""
        return tuple(self._symptoms())

    def unready(self) -> tuple[Symptom, ...]:
        """Returns why the work is not done, or events do not arrive, at this very moment."""
        found = self.symptoms()
        if found:
            return found
        if not self.signs.is_started:
            return (Symptom(part=Part.START),)
        if self.connection is None:
            return ()
        state = self.connection()
        return () if state is not None and state.connected else (Symptom(part=Part.CONNECTION),)

    def _symptoms(self) -> Iterator[Symptom]:
        if self.ended.is_set():
            yield Symptom(part=Part.END)
            return
        if not self.signs.is_started:
            if self._ago(self.signs.began_at) > STARTED_WITHIN:
                yield Symptom(part=Part.START)
            return
        yield from self._of_threads()
        yield from self._of_database()
        if self.connection is not None:
            yield from self._of_connection(self.connection())

    def _of_threads(self) -> Iterator[Symptom]:
        for pulse in self.pulses():
            if not pulse.is_alive:
                yield Symptom(part=Part.THREAD, name=pulse.name)
            elif pulse.busy_since is not None and self._ago(pulse.busy_since) > pulse.patience:
                yield Symptom(part=Part.STUCK, name=pulse.name)
        scheduled = self.signs.scheduled_at
        if scheduled is not None and self._ago(scheduled) > SCHEDULED_WITHIN:
            yield Symptom(part=Part.SCHEDULE)

    def _of_database(self) -> Iterator[Symptom]:
        written = self.signs.written_at
        if self.is_file_lost:
            yield Symptom(part=Part.FILE)
        elif self.cannot_write() or written is None or self._ago(written) > WRITTEN_WITHIN:
            yield Symptom(part=Part.DATABASE)

    def _of_connection(self, state: SocketState | None) -> Iterator[Symptom]:
        if state is None:
            if self._ago(self.signs.began_at) > CONNECTED_WITHIN:
                yield Symptom(part=Part.CONNECTION)
        elif state.error:
            yield Symptom(part=Part.REFUSED, name=state.error)
        elif not state.connected and self.clock.now() - state.since > span(CONNECTED_WITHIN):
            yield Symptom(part=Part.CONNECTION)

    def _ago(self, at: float) -> float:
        return self.clock.steady() - at


def _identity(file: Path | None) -> tuple[int, int] | None:
    """Returns which file is at a place, whatever it is called; None if there is none."""
    try:
        found = file.stat() if file is not None else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found is not None else None
