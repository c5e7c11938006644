"""A claim: one worker's right to act on a departure, until its lease ends."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.outbox.departure import Departure


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A worker's right to act on one departure. token: grows with each claim, so that older ones are refused.

    The lease belongs to the destination, not to the departure: one message a channel is under way at a time.
    """

    departure: Departure
    token: int
    edit: bool
    """The message exists; only what it displays is to be changed."""
