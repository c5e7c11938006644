"""The desk's clock: it begins with the host's time and follows Slack's."""

from __future__ import annotations

import logging
import threading
import time

from threatstamp.core.time import SECOND, Micros
from threatstamp.desk.ports.time import STALE

log = logging.getLogger(__name__)

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A lease must age while the process is stopped, and also while the machine is suspended. On Linux only
CLOCK_BOOTTIME counts the time of a suspend (man 2 clock_gettime)."""

DRIFT = 1e-4
"""Seconds a second by which two clocks may drift apart."""

LEAST_DIFFERENCE = 3
"""Seconds by which a host's clock has to be off before anybody is told."""


def host_time() -> Micros:
    """Returns the host's own time, which may be wrong, and jumps when somebody sets it."""
    return Micros(time.time_ns() // 1_000)


class SystemClock:
    """The Clock port. ended: set when the process has to end; it interrupts every wait.

    Slack's clock is the one that all processes share, and that posts and events are dated by. A host's clock
    may be minutes off, and be set right while the desk runs; then leases and due times would lie in the
    future, and a search for a message would begin after it. So between two corrections this clock runs with
    the steady one, and only an answer of Slack corrects it.
    """

    def __init__(self, ended: threading.Event | None = None) -> None:
        self.ended = ended or threading.Event()
        self._offset = host_time() - self._steady()
        self._is_told = False
        self._lock = threading.Lock()
        self._least = (self._offset / SECOND - LEAST_DIFFERENCE, self._steady() / SECOND)
        """Seconds that Slack's clock is at least ahead of the steady one, and when that was known."""

    def now(self) -> Micros:
        return Micros(self._steady() + self._offset)

    def steady(self) -> float:
        return time.clock_gettime(_STEADY)

    def wait(self, seconds: float) -> bool:
        return not self.ended.wait(seconds)

    @property
    def host_ahead(self) -> int:
        """Whole seconds by which the host's clock is ahead of this one; 0 if that is of no account."""
        ahead = round((host_time() - self.now()) / SECOND)
        return ahead if abs(ahead) > LEAST_DIFFERENCE else 0

    def follow(self, date: float, *, began: float, ended: float) -> None:
        """Corrects the clock by an answer of Slack, unless the two agree.

        date: seconds since 1970 by Slack's clock. began, ended: of the call, by the steady clock; the answer
        was made at some time between. What that explains is no difference: a slow answer is not a clock that
        is behind. Any thread may call this; two corrections by the same answers are one.
        """
        least, most = date - ended, date + STALE - began
        self._note(least, most, at=ended)
        if least <= self._offset / SECOND <= most:
            return
        # the least that it can be, and further answers only make it more exact: a clock that is ahead would
        # take the stamps of the next moments for older than a first contact, and not forward them
        self._offset = round(least * SECOND)
        if self.host_ahead and not self._is_told:
            self._is_told = True
            log.warning("this host's clock is %+d s off; the desk goes by Slack's", self.host_ahead)

    def earliest(self) -> Micros:
        with self._lock:
            least, at = self._least
        now = self._steady() / SECOND
        return min(Micros(round((now + least - DRIFT * (now - at)) * SECOND)), self.now())

    def _note(self, least: float, most: float, *, at: float) -> None:
        """Narrows down by how much Slack's clock is ahead of the steady one: the more answers, the closer."""
        with self._lock:
            known, since = self._least
            known -= DRIFT * (at - since)
            self._least = (max(known, least) if known <= most else least, at)

    @staticmethod
    def _steady() -> int:
        return time.clock_gettime_ns(_STEADY) // 1_000
