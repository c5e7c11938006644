"""A claim: one worker's exclusive right to execute a departure until its lease ends."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.outbox.departure import Departure


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A worker's exclusive right to execute one departure.

    token: a fencing token. It grows with each claim, so a worker that was paused
    past its lease can be recognised when it wants to record an outcome
    (https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html).
    The lease belongs to the destination, not to the departure: one message per
    channel is in flight at a time.
    """

    departure: Departure
    token: int
    edit: bool
    """The message exists already, and its content has to be updated."""
