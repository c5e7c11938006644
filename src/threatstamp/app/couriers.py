"""The threads that deliver: one keeps the time, the others sleep until there is something to do."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable

from threatstamp.core.errors import StoreError
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.time import SECOND
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.ports.tools import Tools

log = logging.getLogger(__name__)


class Couriers:
    """Delivery threads. `wake` says that something may be owed; a scan every few seconds is the fallback.

    Of those that rest, one keeps the time: it sleeps until something will be due, or until another one that
    comes to rest knows of something earlier.
    """

    def __init__(self, deliver: Deliver, tools: Tools, *, count: int = 4) -> None:
        self._deliver = deliver
        self._store = tools.store
        self._clock = tools.clock
        self._timing = tools.timing
        self._ended = False
        self._woken = 0
        self._resting = 0
        self._handed: deque[tuple[Claim, float]] = deque()
        self._keeps_time = False
        self._deadline = 0.0
        lock = threading.Lock()
        self._sleepers = threading.Condition(lock)
        self._keeper = threading.Condition(lock)
        self._threads = [
            threading.Thread(target=self._run, name=f"courier-{number}", daemon=True)
            for number in range(count)
        ]

    def start(self) -> None:
        """Starts the threads. A single pass goes without them and delivers by itself."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        with self._sleepers:
            self._woken += 1
            self._call_one()

    def is_free(self) -> bool:
        """True if somebody rests who could take a claim at once."""
        with self._sleepers:
            return self._resting > len(self._handed) and not self._ended

    def hand(self, claims: Iterable[Claim], *, since: float) -> None:
        """Gives over claims that began then (steady clock): they go out without being looked for."""
        with self._sleepers:
            for claim in claims:
                self._handed.append((claim, since))
                self._call_one()

    def close(self, timeout: float) -> None:
        """Ends after what is under way, or after `timeout` seconds: what is not recorded is found again."""
        with self._sleepers:
            self._ended = True
            self._sleepers.notify_all()
            self._keeper.notify_all()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(timeout / len(self._threads))

    def _call_one(self) -> None:
        """Wakes a sleeper; the keeper of the time only if there is none."""
        sleeping = self._resting - self._keeps_time
        (self._sleepers if sleeping > 0 else self._keeper).notify()

    def _run(self) -> None:
        while not self._ended:
            try:
                if self._deliver_next():
                    continue
            except StoreError as error:
                log.warning("the database cannot be used: %s", error)
                self._clock.wait(1.0)
            except Exception:  # the one loop that must go on: the claim's lease brings it up again
                log.exception("a delivery failed")
                self._clock.wait(1.0)
            self._rest()

    def _deliver_next(self) -> bool:
        with self._sleepers:
            handed = self._handed.popleft() if self._handed else None
        if handed is None:
            # there may be more: another one looks while this one waits for Slack
            return self._deliver.one(claimed=self.wake)
        self._deliver.carry(handed[0], since=handed[1])
        return True

    def _rest(self) -> None:
        deadline = self._clock.steady() + self._until_due()
        with self._sleepers:
            if self._take_wake():
                return
            self._resting += 1
            if self._keeps_time:
                if deadline < self._deadline:
                    self._deadline = deadline
                    self._keeper.notify()
                self._sleepers.wait()
                self._take_wake()
            else:
                self._keep_time(deadline)
            self._resting -= 1

    def _keep_time(self, deadline: float) -> None:
        self._keeps_time, self._deadline = True, deadline
        while not self._take_wake():
            left = self._deadline - self._clock.steady()
            if left <= 0:
                break
            self._keeper.wait(left)
        self._keeps_time = False

    def _take_wake(self) -> bool:
        """True if there is a reason not to rest."""
        if self._handed or self._ended:
            return True
        if not self._woken:
            return False
        self._woken -= 1
        return True

    def _until_due(self) -> float:
        try:
            due = self._store.next_due(now=self._clock.now())
        except StoreError:
            return self._timing.scan
        if due is None:
            return self._timing.scan
        return min(max((due - self._clock.now()) / SECOND, 0.001), self._timing.scan)
