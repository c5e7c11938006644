"""Couriers: the threads that deliver. One keeps the time; the others sleep until they are woken."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable

from threatstamp.app.loops import Pulse
from threatstamp.core.errors import StoreError
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.time import SECOND
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.ports.tools import Tools

log = logging.getLogger(__name__)


class CourierThreads:
    """The Couriers port: a few threads that call `Deliver.one` while there is something to deliver.

    Several, because a call to Slack takes about 150 ms, and destinations are independent of
    each other. `wake` signals new work of this process. A scan every few seconds finds that of
    other processes and of a crash.

    Among the idle threads, one is the timekeeper: it sleeps until the next departure is due. Otherwise all of
    them would wake at the same moment for one piece of work. A thread that becomes idle and knows of an
    earlier time moves the timekeeper's deadline.
    """

    def __init__(self, deliver: Deliver, tools: Tools, *, count: int = 4) -> None:
        self._deliver = deliver
        self._store = tools.store
        self._clock = tools.clock
        self._timing = tools.timing
        self._ended = False
        self._wakes = 0
        self._idle = 0
        self._handed: deque[tuple[Claim, float]] = deque()
        self._has_timekeeper = False
        self._deadline = 0.0
        lock = threading.Lock()
        self._sleepers = threading.Condition(lock)
        self._timekeeper = threading.Condition(lock)
        self._threads = [
            threading.Thread(target=self._run, name=f"courier-{number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        """Starts the threads. `poll` and `sweep` do not: they deliver in the main thread."""
        for thread in self._threads:
            thread.start()

    def pulses(self) -> tuple[Pulse, ...]:
        """Returns how each thread is. One that hangs shows in what it does not deliver: a trouble."""
        return tuple(Pulse(name=thread.name, is_alive=thread.is_alive()) for thread in self._threads)

    def wake(self) -> None:
        """Wakes an idle thread: something may be due. If all are busy, the next idle one looks for work."""
        with self._sleepers:
            self._wakes += 1
            self._wake_one()

    def is_free(self) -> bool:
        """True if a thread is idle that has no claim waiting for it."""
        with self._sleepers:
            return self._idle > len(self._handed) and not self._ended

    def hand(self, claims: Iterable[Claim], *, since: float) -> None:
        """Hands over claims that began at `since` (steady clock): they are executed without a search."""
        with self._sleepers:
            for claim in claims:
                self._handed.append((claim, since))
                self._wake_one()

    def close(self, timeout: float) -> None:
        """Ends the threads after their present delivery, or gives up waiting after about `timeout` seconds.

        A delivery that is abandoned is safe: its lease ends, and the next holder looks for its message.
        """
        with self._sleepers:
            self._ended = True
            self._sleepers.notify_all()
            self._timekeeper.notify_all()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout / len(self._threads))

    def _wake_one(self) -> None:
        """Wakes a sleeping thread; the timekeeper only if there is no other."""
        sleeping = self._idle - self._has_timekeeper
        (self._sleepers if sleeping > 0 else self._timekeeper).notify()

    def _run(self) -> None:
        while not self._ended:
            try:
                if self._deliver_next():
                    continue
            except StoreError as error:
                log.warning("the database cannot be used: %s", error)
                self._clock.wait(1.0)
            except Exception:  # the thread must go on; the departure is due again when its lease ends
                log.exception("a delivery failed")
                self._clock.wait(1.0)
            self._rest()

    def _deliver_next(self) -> bool:
        with self._sleepers:
            handed = self._handed.popleft() if self._handed else None
        if handed is None:
            # there may be more: another thread looks for it while this one waits for Slack
            return self._deliver.one(claimed=self.wake)
        self._deliver.carry(handed[0], since=handed[1])
        return True

    def _rest(self) -> None:
        deadline = self._clock.steady() + self._until_due()  # reads the database, so before taking the lock
        with self._sleepers:
            if self._take_wake():
                return
            self._idle += 1
            if self._has_timekeeper:
                if deadline < self._deadline:
                    self._deadline = deadline
                    self._timekeeper.notify()
                self._sleepers.wait()
                self._take_wake()
            else:
                self._keep_time(deadline)
            self._idle -= 1

    def _keep_time(self, deadline: float) -> None:
        self._has_timekeeper, self._deadline = True, deadline
        while not self._take_wake():
            left = self._deadline - self._clock.steady()
            if left <= 0:
                break
            self._timekeeper.wait(left)
        self._has_timekeeper = False

    def _take_wake(self) -> bool:
        """True if there is a reason not to be idle. Uses up one wake-up, so that each wakes one thread."""
        if self._handed or self._ended:
            return True
        if not self._wakes:
            return False
        self._wakes -= 1
        return True

    def _until_due(self) -> float:
        try:
            due = self._store.next_due(now=self._clock.now())
        except StoreError:
            return self._timing.scan
        if due is None:
            return self._timing.scan
        return min(max((due - self._clock.now()) / SECOND, 0.001), self._timing.scan)
