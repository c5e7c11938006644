"""Stamps: the facts about people's reactions, and the turns derived from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from threatstamp.core.ids import Emoji, UserId
from threatstamp.core.stamps.look import Look, Presence
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.turn import Mark, Turn, TurnRecord
from threatstamp.core.time import Micros

StampedPost = tuple[Place, Emoji]
"""A post and a reaction on it, whoever made it."""


class ReadStamps(Protocol):
    """Facts and turns on record."""

    def marks(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[Mark, ...]: ...
    def presences(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[Presence, ...]:
        """Returns what the looks at a post prove about one person."""

    def turns(self, place: Place, reaction: Emoji, *, user: UserId) -> tuple[TurnRecord, ...]:
        """Returns one person's turns, oldest first."""

    def turns_at(self, places: Sequence[Place]) -> tuple[TurnRecord, ...]:
        """Returns everybody's turns on several posts, oldest first."""

    def imported(self, posts: Sequence[StampedPost]) -> frozenset[StampedPost]:
        """Returns those of them that the old script has forwarded, as its imported record says."""


class Stamps(ReadStamps, Protocol):
    """The same, to write."""

    def add_mark(self, place: Place, reaction: Emoji, *, user: UserId, mark: Mark, now: Micros) -> None: ...
    def add_looks(self, looks: Sequence[Look]) -> None: ...
    def add_turn(
        self, place: Place, post: Place, *, reaction: Emoji, user: UserId, turn: Turn, now: Micros
    ) -> TurnRecord: ...
    def settle(self, record: TurnRecord, turn: Turn) -> None:
        """Gives a turn on record a better time; it stays the same turn, with its id and verdicts."""

    def drop(self, record: TurnRecord) -> None:
        """Deletes a turn that did not happen, with its verdicts."""

    def count_unrouted(self, place: Place, reaction: Emoji, *, user: UserId, mark: Mark) -> None:
        """Counts a reaction that no route listens to, without recording who made it."""

    def add_imported(self, posts: Sequence[StampedPost], *, now: Micros) -> None:
        """Notes what the old script has forwarded; none of it may be on record yet."""
