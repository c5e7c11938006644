"""The outbox: whatever is owed to Slack, and the claims on its destinations."""

from __future__ import annotations

from typing import Protocol

from threatstamp.core.ids import Ts
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.outbox.departure import Departure, NewDeparture
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros


class ReadOutbox(Protocol):
    """Departures on record."""

    def get(self, departure: int) -> Departure: ...
    def at(self, place: Place) -> Departure | None:
        """Returns the departure whose message is at that place."""

    def count(self) -> int:
        """Returns how many wait."""

    def undeliverable(self) -> tuple[Departure, ...]:
        """Returns those of reported kinds that Slack refused for good."""

    def late(self, *, before: Micros) -> tuple[Departure, ...]:
        """Returns those of reported kinds that were tried and still wait, although they are older."""

    def stuck_edits(self) -> tuple[Departure, ...]:
        """Returns the messages that exist, but whose last edit Slack refused."""


class Outbox(ReadOutbox, Protocol):
    """The same, to write."""

    def owe(self, new: NewDeparture, *, now: Micros) -> int | None:
        """Adds a departure and returns its id; None if it is there already."""

    def owe_claimed(
        self, new: NewDeparture, *, now: Micros, lease: float, holder: str
    ) -> tuple[int, Claim | None] | None:
        """The same, and claims it at once where its destination is free and nothing else waits there."""

    def revise(self, departure: int, *, now: Micros) -> None:
        """Has what a departure displays made anew, once its message exists."""

    def put_off(self, departure: int, *, due_at: Micros, error: str, unsure: bool) -> None: ...
    def reopen(self, departure: int, *, due_at: Micros) -> None: ...
    def cancel(self, departure: int) -> None: ...
    def put_delivered(self, departure: int, *, ts: Ts | None, displayed: int, now: Micros) -> None: ...
    def put_undeliverable(self, departure: int, *, error: str, unsure: bool) -> None:
        """Nothing tries it any more. unsure: its message may exist all the same, should it be tried again."""

    def put_gone(self, departure: int, *, error: str) -> None:
        """Our message cannot be edited any more: somebody deleted it, or the channel is closed."""


class Claims(Protocol):
    """A claim, at the moment when its outcome is recorded."""

    def holds(self, claim: Claim) -> bool:
        """True if nobody has taken over; nobody can until this transaction ends."""

    def release(self, claim: Claim, *, next_at: Micros) -> None:
        """Ends a claim that is still ours; the destination rests until then."""
