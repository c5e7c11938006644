"""Time: whole microseconds since 1970 in UTC.

Slack's timestamps have microseconds and are ids as well, so they must survive a round trip exactly. A float
of seconds has too few digits for that.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NewType

from threatstamp.core.ids import Ts

Micros = NewType("Micros", int)
"""A moment: microseconds since 1970-01-01T00:00Z. The span between two moments is a plain int."""

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

EPOCH = Micros(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def later(at: Micros, seconds: float) -> Micros:
    """Returns the moment this many seconds after another; before it if the number is negative."""
    return Micros(at + span(seconds))


def span(seconds: float) -> int:
    """Returns a number of seconds as whole microseconds."""
    return round(seconds * SECOND)


def micros_of(ts: str) -> Micros:
    """Returns Slack's "1700000000.000100" as a moment. Raises ValueError for anything else."""
    seconds, _, fraction = ts.partition(".")
    return Micros(int(seconds) * SECOND + int((fraction or "0").ljust(6, "0")[:6]))


def ts_of(at: Micros) -> Ts:
    """Returns a moment in Slack's form: "1700000000.000100"."""
    return Ts(f"{at // SECOND}.{at % SECOND:06d}")


def datetime_of(at: Micros) -> datetime:
    """Returns a moment as an aware time in UTC, exact to the microsecond (`fromtimestamp` would round)."""
    return _EPOCH + timedelta(microseconds=at)


def utc_text(at: Micros) -> str:
    """Returns a moment as ISO 8601 in UTC, truncated to the second: "2026-11-24T05:00:00Z"."""
    return datetime_of(at).strftime("%Y-%m-%dT%H:%M:%SZ")
