"""The last ruling about each story, and what people have said of their products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from threatstamp.core.ids import StoryId
from threatstamp.core.priority.exposure import Exposure
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.time import Micros


class ReadPriorities(Protocol):
    """Priorities of stories."""

    def of(self, stories: Sequence[StoryId]) -> Mapping[StoryId, StoryPriority]:
        """Returns what was ruled last about these, of those that were assessed."""

    def owed(self, *, most: int) -> tuple[StoryId, ...]:
        """Returns stories whose messages show another priority than they have, what was told last first."""

    def asking(self, *, most: int) -> tuple[tuple[tuple[str, ...], int], ...]:
        """Returns products of which somebody should say whether the internet reaches them.

        Each time with a forward about their story that is not where the story itself is: its departure. The
        newest forwards first.
        """

    def exposures(self) -> tuple[Exposure, ...]:
        """Returns the products that somebody was asked about, or has answered for."""


class Priorities(ReadPriorities, Protocol):
    """The same, to write."""

    def put(self, story: StoryId, said: StoryPriority, *, owed_at: Micros | None) -> None:
        """Replaces what was ruled about a story. owed_at: now, if its messages show something else."""

    def settle(self, story: StoryId) -> None:
        """Notes that edits of all messages of a story are ordered."""

    def put_exposure(self, exposure: Exposure) -> None:
        """Replaces what is on record of a product."""
