"""The system's clock."""

from __future__ import annotations

import threading
import time

from threatstamp.core.time import Micros

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the process is stopped, and on Linux while the machine sleeps: a lease ages all the same."""


class SystemClock:
    """The Clock port. Waiting ends when the process is asked to end."""

    def __init__(self, ended: threading.Event | None = None) -> None:
        self.ended = ended or threading.Event()

    def now(self) -> Micros:
        return Micros(time.time_ns() // 1_000)

    def steady(self) -> float:
        return time.clock_gettime(_STEADY)

    def wait(self, seconds: float) -> bool:
        return not self.ended.wait(seconds)
