"""Reviews: which stories somebody has seen, and said that they are not the company's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from threatstamp.core.ids import StoryId
from threatstamp.core.news.reviewing import Review, Unreviewed
from threatstamp.core.time import Micros


class ReadReviews(Protocol):
    """Stories that are reviewed, and that are not."""

    def unreviewed(self, *, since: Micros, until: Micros, most: int) -> Unreviewed:
        """Returns the stories told since then, and posted until then, that nobody has stamped or reviewed.

        A stamp on a digest's message is a stamp on none of its stories. most: so many of them are listed.
        """

    def of(self, stories: Sequence[StoryId]) -> Mapping[StoryId, Review]:
        """Returns the last review of each of these that ever had one."""

    def last_act(self) -> int | None:
        """Returns the newest act of which something still holds."""

    def held_by(self, act: int) -> tuple[StoryId, ...]:
        """Returns the stories that are reviewed by an act, and not by a later one, and not reopened."""


class Reviews(ReadReviews, Protocol):
    """The same, to write."""

    def mark(self, stories: Sequence[StoryId], *, act: int, now: Micros) -> None: ...
    def end(self, stories: Sequence[StoryId], *, now: Micros) -> None:
        """Notes that these wait to be reviewed again."""
