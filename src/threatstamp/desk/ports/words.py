"""Words of stories and posts, to be searched. They are written with the rows that bring them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from threatstamp.core.ids import StoryId
from threatstamp.core.news.wording import Phrase
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What was found: a story, or a stamped post that displays none. at: when it was recorded."""

    id: int
    story: StoryId | None
    place: Place | None
    at: Micros


MOST_COUNTED = 1_000
"""So far it is counted what has the words of a question: to count all of it takes longer with each story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """A part of what was found, the newest first. has_more: older ones follow.

    total: how many there are, all parts together. is_least: there are more, which nobody has counted.
    """

    total: int
    hits: tuple[Hit, ...]
    has_more: bool = False
    is_least: bool = False


class ReadWords(Protocol):
    """What can be searched."""

    def find(
        self,
        phrases: Sequence[Phrase],
        *,
        since: Micros,
        most: int,
        after: int = 0,
        without: Collection[int] = (),
    ) -> Hits:
        """Returns what has all the phrases and was recorded since then; `most` of it `after` so many.

        without: the ids of hits that neither appear nor count.
        """

    def marked(
        self, phrases: Sequence[Phrase], *, since: Micros, sources: Collection[str]
    ) -> tuple[Hit, ...]:
        """Returns, of what `find` would, all that may be confidential, the newest first.

        That is what has such a label anywhere in its words, and the stories that began in one of the sources.
        """

    def left_out(self, *, since: Micros, most: int, after: int = 0) -> Hits:
        """Returns the stories that were not posted anywhere, since they do not concern the company."""
