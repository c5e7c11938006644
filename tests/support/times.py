"""Moments in tests, in seconds since 1970."""

from __future__ import annotations

from threatstamp.core.time import SECOND, Micros

S = SECOND


def at(seconds: float) -> Micros:
    """Returns the moment this many seconds after 1970."""
    return Micros(round(seconds * SECOND))
