"""Forwards: what follows from a stamp and a route."""

from __future__ import annotations

from typing import Protocol

from threatstamp.core.ids import ChannelId, Emoji, Key, RouteId, TrackName, Ts
from threatstamp.core.outbox.departure import Departure
from threatstamp.core.stamps.forward import Forward, NewForward
from threatstamp.core.stamps.post import Place, PostRecord
from threatstamp.core.stamps.turn import TurnRecord
from threatstamp.core.time import Micros


class ReadForwards(Protocol):
    """Forwards on record."""

    def of_post(self, post: Place, reaction: Emoji) -> tuple[Forward, ...]: ...
    def beside(self, forward: Forward) -> tuple[Forward, ...]:
        """Returns the post's forwards to the same destination, whatever their route or reaction."""

    def cards(self, post: Place) -> tuple[int, ...]:
        """Returns the departures of the forwards that are cards of the post's case, see `ReadCases.at`."""

    def tracks(self, post: Place) -> tuple[TrackName, ...]:
        """Returns the tracks of the cards of the post's case, those of the oldest first."""

    def shown(self, post: Place) -> tuple[int, ...]:
        """Returns the departures of the forwards about a post that have a message of their own by now."""

    def of(self, departure: int) -> tuple[Forward, PostRecord | None] | None:
        """Returns the forward that a departure delivers, with the post that it is about."""

    def collected(self, digest: Departure, body: str) -> tuple[tuple[Forward, PostRecord | None], ...]:
        """Returns the forwards that are said in a digest, each with its post. body: of their departures."""

    def in_shadow(self) -> tuple[tuple[Forward, PostRecord | None], ...]:
        """Returns the forwards that were recorded while the desk was in shadow, each with its post."""

    def turns(self, post: Place, reaction: Emoji, *, route: RouteId) -> tuple[TurnRecord, ...]:
        """Returns the stamps that fired the route, and every withdrawal of that reaction on the post.

        Withdrawals are not judged by routes; `holdings` ignores those without a stamp before.
        """

    def thread(self, card: int) -> Ts | None:
        """Returns the thread of a card: its own, or that of the post in which it is itself. None: not yet."""

    def original(self, place: Place) -> Place | None:
        """Returns the post that the forward of ours at this place is about; None if there is no forward."""


class Forwards(ReadForwards, Protocol):
    """The same, to write."""

    def add(self, new: NewForward, *, departure: int, now: Micros) -> None: ...
    def readdress(self, forward: Forward, destination: ChannelId, *, key: Key, due_at: Micros) -> bool:
        """Gives a forward that was not sent another destination and makes it due; False if the key is taken.

        key: the idempotency key of a forward to that destination.
        """

    def move(self, forward: Forward, *, event_at: Micros) -> None:
        """Corrects the time of the stamp that a forward of a route with `each` belongs to."""
