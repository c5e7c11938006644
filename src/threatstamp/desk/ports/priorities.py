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


class Priorities(ReadPriorities, Protocol):
    """The same, to write."""

    def put(self, story: StoryId, said: StoryPriority, *, now: Micros) -> None:
        """Replaces what was ruled about a story."""
