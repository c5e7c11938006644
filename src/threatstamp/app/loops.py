"""What runs in threads of its own: loops that wait until they are wanted, and chores by the clock."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from threatstamp.core.errors import SlackError, StoreError
from threatstamp.desk.ports.time import Clock

log = logging.getLogger(__name__)


class Loop:
    """A thread that does something whenever it is wanted, until it is ended.

    What goes wrong is logged, and the loop goes on: the next time finds the same work.
    """

    def __init__(self, name: str, act: Callable[[], object]) -> None:
        self._name = name
        self._act = act
        self._wanted = threading.Event()
        self._is_ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def want(self) -> None:
        """Has it done once more, soon; several wishes at once are one."""
        self._wanted.set()

    def end(self) -> None:
        """Ends it after what is under way."""
        self._is_ended = True
        self._wanted.set()

    def join(self, timeout: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()  # before the act: a wish that comes meanwhile is another one
            if self._is_ended:
                return
            safely(self._name, self._act)


@dataclass(slots=True, kw_only=True)
class Chore:
    """Something that is done every so many seconds, at once the first time."""

    name: str
    every: float
    act: Callable[[], object]
    due_at: float = 0.0
    """By the steady clock."""

    def want(self) -> None:
        """Has it done at the next tick, whenever it was done last."""
        self.due_at = 0.0


class House:
    """A thread that does the chores. One that fails holds up no other."""

    def __init__(self, chores: Sequence[Chore], *, clock: Clock, tick: float) -> None:
        self._chores = chores
        self._clock = clock
        self._tick = tick
        self._thread = threading.Thread(target=self._run, name="house", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout: float) -> None:
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        while self._clock.wait(self._tick):
            now = self._clock.steady()
            for chore in self._chores:
                if now >= chore.due_at:
                    chore.due_at = now + chore.every  # before the act, so that a wish meanwhile counts
                    safely(chore.name, chore.act)


def safely(name: str, act: Callable[[], object]) -> None:
    """Does something that must not end its thread, whatever happens."""
    try:
        act()
    except (StoreError, SlackError) as error:
        log.warning("%s has to wait: %s", name, error)
    except Exception:  # a loop must go on: the next time finds the same work
        log.exception("%s failed", name)
