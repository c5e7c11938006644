"""The last ruling about each story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from threatstamp.core.ids import StoryId
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.time import Micros


class ReadPriorities(Protocol):
    """Priorities of stories."""

    def of(self, stories: Sequence[StoryId]) -> Mapping[StoryId, StoryPriority]:
        """Returns what was ruled last about these, of those that were assessed."""

    def owed(self, *, most: int) -> tuple[StoryId, ...]:
        """Returns stories whose messages show another priority than they have, what was told last first."""


class Priorities(ReadPriorities, Protocol):
    """The same, to write."""

    def put(self, story: StoryId, said: StoryPriority, *, owed_at: Micros | None) -> None:
        """Replaces what was ruled about a story. owed_at: now, if its messages show something else."""

    def settle(self, story: StoryId) -> None:
        """Notes that edits of all messages of a story are ordered."""
