"""The clock, and the waits and timeouts of the protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from threatstamp.core.time import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Waits and timeouts, in seconds."""

    lease: float = 12.0
    """How long a claim on a destination lasts: after a crash, its messages wait that long."""
    timeout: float = 8.0
    """Of one call to Slack."""
    margin: float = 2.0
    """Spare time between the end of the last possible call and the end of the lease."""
    pace: float = 1.0
    """Between two messages in one channel: Slack allows about one a second."""
    scan: float = 2.0
    """Between two scans for due departures, which are the fallback if no thread is woken."""
    settling: float = 4.0
    """After a call without an answer: Slack may still be executing it, so a search would come too early."""
    reconnect: float = 12.0
    """Without a connection for so long, a new one is made: Slack's client by itself may never try again."""
    late: float = 300.0
    """A message that has failed for this long is reported in alerts."""
    event_lease: float = 30.0
    """Another worker may take an event that was not processed for so long: the first one probably died."""
    feed_lease: float = 55.0
    """How long a claim on a feed lasts. A later result still counts if no other process claimed the feed."""
    feed_late: float = 3_600.0
    """A feed that has had a problem for this long is reported in alerts."""

    @property
    def longest_start(self) -> float:
        """Seconds after a claim within which a call may begin: its answer must come before the lease ends.

        Otherwise another process could take over, search, find nothing and post, while the first call is
        still on its way.
        """
        return self.lease - self.timeout - self.margin


STALE = 2.0
"""Seconds by which an answer's Date may be old: whole seconds, and renewed about once a second."""

CLOCK_ERROR = 3.0
"""Seconds by which a clock may differ from Slack's although Slack's answers agree with it."""


class Clock(Protocol):
    """Time."""

    def now(self) -> Micros:
        """Returns the time by Slack's clock, within a few seconds once Slack has answered; it may jump."""

    def earliest(self) -> Micros:
        """Returns a time that Slack's clock has passed for certain; close to now if it answers often."""

    def steady(self) -> float:
        """Returns seconds that only grow, also while the process is stopped; for leases and durations."""

    def wait(self, seconds: float) -> bool:
        """Waits this long and returns True; returns False at once when the process has to end."""
