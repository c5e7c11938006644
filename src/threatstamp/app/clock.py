"""The system's clock."""

from __future__ import annotations

import threading
import time

from threatstamp.core.time import Micros

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A lease must age while the process is stopped, and also while the machine is suspended. On Linux only
CLOCK_BOOTTIME counts the time of a suspend (man 2 clock_gettime)."""


class SystemClock:
    """The Clock port. ended: set when the process has to end; it interrupts every wait."""

    def __init__(self, ended: threading.Event | None = None) -> None:
        self.ended = ended or threading.Event()

    def now(self) -> Micros:
        return Micros(time.time_ns() // 1_000)

    def steady(self) -> float:
        return time.clock_gettime(_STEADY)

    def wait(self, seconds: float) -> bool:
        return not self.ended.wait(seconds)
