"""The threads that deliver: one keeps the time, the others sleep until there is something to do."""

from __future__ import annotations

import logging
import threading

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
        self._timed = False
        """One thread waits with the time, so that the others need not look."""
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._run, name=f"courier-{number}", daemon=True)
            for number in range(count)
        ]
        deliver.on_claim = self.wake  # there may be more: another one looks while this one waits for Slack

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        with self._changed:
            self._woken += 1
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
                if self._deliver.one():
                    continue
            except StoreError as error:
                log.warning("the database cannot be used: %s", error)
                self._clock.wait(1.0)
            except Exception:  # the one loop that must go on: the claim's lease brings it up again
                log.exception("a delivery failed")
                self._clock.wait(1.0)
            self._rest()

    def _rest(self) -> None:
        with self._changed:
            if self._take_wake():
                return
            if self._timed:
                self._changed.wait()
                self._take_wake()
                return
            self._timed = True
        timeout = self._until_due()
        with self._changed:
            if not self._woken and not self._ended:
                self._changed.wait(timeout)
            self._take_wake()
            self._timed = False

    def _take_wake(self) -> bool:
        if not self._woken:
            return self._ended
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
