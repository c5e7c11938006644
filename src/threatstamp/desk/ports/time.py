"""Time, and how patient the desk is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How patient the desk is, in seconds. A lease outlives a post's timeout by far more than its start."""

    lease: float = 12.0
    timeout: float = 8.0
    margin: float = 2.0
    """A post must begin so long before lease and timeout would meet."""
    pace: float = 1.0
    scan: float = 2.0
    settling: float = 4.0
    late: float = 300.0
    """A forward that has waited so long is said in alerts."""
    feed_lease: float = 55.0
    """An answer that comes later counts as well, unless another process has asked meanwhile."""
    feed_late: float = 3_600.0
    """A feed that has been out of order for so long is said in alerts."""


class Clock(Protocol):
    """Time. now: microseconds since 1970; steady: seconds that go on while the process is stopped."""

    def now(self) -> int: ...
    def steady(self) -> float: ...
    def wait(self, seconds: float) -> bool:
        """Waits; False at once when the process is asked to end."""
