"""The threads that deliver: one keeps the time, the others sleep until there is something to do."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable

from threatstamp.core.departure import Claim
from threatstamp.core.errors import StoreError
from threatstamp.desk.deliver import Deliver
from threatstamp.desk.ports import Clock, Store, Timing

log = logging.getLogger(__name__)

SECOND = 1_000_000


class Couriers:
    """Delivery threads. `wake` says that something may be owed; a scan every few seconds is the fallback."""

    def __init__(
        self, deliver: Deliver, *, store: Store, clock: Clock, timing: Timing, count: int = 4
    ) -> None:
        self._deliver = deliver
        self._store = store
        self._clock = clock
        self._timing = timing
        self._ended = False
        self._woken = 0
        self._resting = 0
        self._handed: deque[tuple[Claim, float]] = deque()
        self._timed = False
        """One thread waits with the time, so that the others need not look."""
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._run, name=f"courier-{number}", daemon=True)
            for number in range(count)
        ]
        deliver.on_claim = self.wake  # there may be more: another one looks while this one waits for Slack

    def start(self) -> None:
        """Starts the threads. Without them, `drain` delivers."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        with self._changed:
            self._woken += 1
            self._changed.notify()

    def is_free(self) -> bool:
        """True if somebody rests who could take a claim at once."""
        with self._changed:
            return self._resting > len(self._handed) and not self._ended

    def hand(self, claims: Iterable[Claim], *, since: float) -> None:
        """Gives over claims that began then (steady clock): they go out without being looked for."""
        with self._changed:
            for claim in claims:
                self._handed.append((claim, since))
                self._changed.notify()

    def close(self, timeout: float) -> None:
        """Ends after what is under way, or after `timeout` seconds: what is not recorded is found again."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout / len(self._threads))

    def drain(self) -> None:
        """Delivers what is due now, in this thread, until nothing can be claimed any more."""
        while self._deliver.one():
            pass

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
        with self._changed:
            handed = self._handed.popleft() if self._handed else None
        if handed is None:
            return self._deliver.one()
        self._deliver.carry(handed[0], since=handed[1])
        return True

    def _rest(self) -> None:
        with self._changed:
            if self._take_wake():
                return
            if self._timed:
                self._wait(None)
                return
            self._timed = True
        timeout = self._until_due()
        with self._changed:
            if not self._take_wake():
                self._wait(timeout)
            self._timed = False
            if self._handed:
                self._changed.notify()  # whoever carries it does not keep the time meanwhile

    def _wait(self, timeout: float | None) -> None:
        self._resting += 1
        self._changed.wait(timeout)
        self._resting -= 1
        self._take_wake()

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
