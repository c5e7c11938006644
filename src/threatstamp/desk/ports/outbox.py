"""The outbox: the calls that the desk owes to Slack, and the claims on their destinations."""

from __future__ import annotations

from typing import Protocol

from threatstamp.core.ids import ChannelId, Key, TeamId, Ts
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.outbox.departure import Departure, NewDeparture
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros


class ReadOutbox(Protocol):
    """Departures on record."""

    def get(self, departure: int) -> Departure: ...
    def at(self, place: Place) -> Departure | None:
        """Returns the departure whose message is at that place."""

    def keyed(self, key: Key) -> Departure | None:
        """Returns the departure with that key."""

    def is_unsettled(self, team: TeamId, channel: ChannelId) -> bool:
        """True if a message of ours may be in a channel although its delivery is not on record."""


class ReadBacklog(Protocol):
    """Departures that wait, or went wrong."""

    def count(self) -> int:
        """Returns how many departures wait, edits included."""

    def undeliverable(self) -> tuple[Departure, ...]:
        """Returns the departures of reported kinds that Slack refused for good."""

    def late(self, *, before: Micros) -> tuple[Departure, ...]:
        """Returns the pending departures of reported kinds that were ordered before that, and have failed."""

    def stuck_edits(self) -> tuple[Departure, ...]:
        """Returns the departures whose message exists, but whose last edit failed."""


class Outbox(ReadOutbox, Protocol):
    """The same, to write."""

    def owe(self, new: NewDeparture, *, now: Micros) -> int | None:
        """Records a departure and returns its id; None if one with the same key exists already."""

    def owe_claimed(
        self, new: NewDeparture, *, now: Micros, lease: float, holder: str
    ) -> tuple[int, Claim | None] | None:
        """Like `owe`, and claims the departure if its destination is free and nothing else is due there."""

    def revise(self, departure: int, *, now: Micros) -> None:
        """Notes that a departure's content changed. If its message exists, an edit is due at once."""

    def put_off(
        self, departure: int, *, due_at: Micros, error: str, unsure: bool, searched: str = ""
    ) -> None:
        """Postpones a departure. error: the code of a failed attempt, else "". searched: as in Departure."""

    def reopen(self, departure: int, *, due_at: Micros) -> None:
        """Makes a cancelled or undeliverable departure pending again."""

    def put_body(self, departure: int, body: str) -> None:
        """Gives a departure that was not sent another body."""

    def cancel(self, departure: int) -> None:
        """Ends a departure that was not sent, and whose reason is gone."""

    def put_delivered(self, departure: int, *, ts: Ts | None, displayed: int, now: Micros) -> None:
        """Records a delivery, or an edit.

        If a newer revision exists than `displayed`, an edit is due at once.
        """

    def put_undeliverable(self, departure: int, *, error: str, unsure: bool) -> None:
        """Ends a departure that Slack refused. unsure: its message may exist, in case it is retried."""

    def put_gone(self, departure: int, *, error: str) -> None:
        """Ends the edits of a message that was deleted, or that Slack does not let us edit any more."""


class Claims(Protocol):
    """Claims on destinations, while their outcome is recorded."""

    def holds(self, claim: Claim) -> bool:
        """True if the claim is still ours. Nobody else can get it until this transaction ends."""

    def release(self, claim: Claim, *, next_at: Micros) -> None:
        """Ends a claim that is still ours. The next paced message may go there from `next_at` on."""
