"""The clock, and how patient the desk is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from threatstamp.core.time import Micros


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
    """After an outcome that is not known: Slack may still be applying the message."""
    late: float = 300.0
    """A forward that has waited so long is reported in alerts."""
    feed_lease: float = 55.0
    """An answer that comes later counts as well, unless another process has asked meanwhile."""
    feed_late: float = 3_600.0
    """A feed that has been out of order for so long is reported in alerts."""

    @property
    def longest_start(self) -> float:
        """Seconds after a claim within which a post may begin: its answer must come before the lease ends."""
        return self.lease - self.timeout - self.margin


class Clock(Protocol):
    """Time. steady: seconds that go on while the process is stopped, and that nobody can set."""

    def now(self) -> Micros: ...
    def steady(self) -> float: ...
    def wait(self, seconds: float) -> bool:
        """Waits; False at once when the process is asked to end."""
