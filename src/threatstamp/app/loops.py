"""Background threads: loops that act on request, and chores that run at intervals."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from threatstamp.core.errors import SlackError, StoreError
from threatstamp.desk.ports.time import Clock

log = logging.getLogger(__name__)

LOOP_PATIENCE = 2 * 3600.0
"""Seconds that a sweep or a round may take, with every wait that Slack and servers ask for."""

CHORE_PATIENCE = 300.0
"""Seconds that one chore may take: names are resolved by many calls, each of which may be slow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How a thread is. busy_since: when it began what it does now, by the steady clock; None while it rests.

    patience: seconds after which it hangs, if it is still at the same thing.
    """

    name: str
    is_alive: bool
    busy_since: float | None = None
    patience: float = 0.0


class Loop:
    """A thread that calls `act` whenever it is requested, until it is ended.

    Errors are logged, and the loop goes on: the next run does what this one left undone.
    """

    def __init__(self, name: str, act: Callable[[], object], *, clock: Clock) -> None:
        self._name = name
        self._act = act
        self._clock = clock
        self._busy_since: float | None = None
        self._requested = threading.Event()
        self._is_ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def request(self) -> None:
        """Requests one more run. Requests before it begins are one."""
        self._requested.set()

    def end(self) -> None:
        """Ends the thread after the present run."""
        self._is_ended = True
        self._requested.set()

    def join(self, timeout: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def pulse(self) -> Pulse:
        alive, since = self._thread.is_alive(), self._busy_since
        return Pulse(name=self._name, is_alive=alive, busy_since=since, patience=LOOP_PATIENCE)

    def _run(self) -> None:
        while True:
            self._requested.wait()
            self._requested.clear()  # before the run: a request during it is for another one
            if self._is_ended:
                return
            self._busy_since = self._clock.steady()
            safely(self._name, self._act)
            self._busy_since = None


@dataclass(slots=True, kw_only=True)
class Chore:
    """Something that runs every `every` seconds, the first time at once."""

    name: str
    every: float
    act: Callable[[], object]
    due_at: float = 0.0
    """By the steady clock."""

    def request(self) -> None:
        """Makes it run at the next tick."""
        self.due_at = 0.0


class ChoreThread:
    """A thread that runs chores one after the other, checking every `tick` seconds which are due.

    A chore that fails is logged and tried again next time; the others are not affected.
    """

    def __init__(self, chores: Sequence[Chore], *, clock: Clock, tick: float) -> None:
        self._chores = chores
        self._clock = clock
        self._tick = tick
        self._busy_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="chores", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def pulse(self) -> Pulse:
        alive, since = self._thread.is_alive(), self._busy_since
        return Pulse(name=self._thread.name, is_alive=alive, busy_since=since, patience=CHORE_PATIENCE)

    def _run(self) -> None:
        while self._clock.wait(self._tick):
            now = self._clock.steady()
            for chore in self._chores:
                if now >= chore.due_at:
                    chore.due_at = now + chore.every  # before the run, so that a request during it counts
                    self._busy_since = self._clock.steady()
                    safely(chore.name, chore.act)
                    self._busy_since = None


def safely(name: str, act: Callable[[], object]) -> None:
    """Calls `act`, logging any error, so that the thread survives."""
    try:
        act()
    except (StoreError, SlackError) as error:
        log.warning("%s has to wait: %s", name, error)
    except Exception:  # a bug: it must not stop the thread, whose next run may have other work
        log.exception("%s failed", name)
