"""News: entries of feeds, the stories they tell, and where each story is displayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from threatstamp.core.ids import ChannelId, FeedName, StoryId, TeamId, Ts
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.story import KnownEntry, NewStory, Story
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros


class ReadEntries(Protocol):
    """Entries on record."""

    def known(self, feed: FeedName, entry_ids: Sequence[str]) -> Mapping[str, KnownEntry]:
        """Returns those of a feed that are on record, by their ids."""

    def by_link(
        self, feed: FeedName, keys: Sequence[str]
    ) -> Mapping[str, tuple[tuple[str, KnownEntry], ...]]:
        """Returns the known entries of a feed, with their ids, whose stories have these links."""


class Entries(ReadEntries, Protocol):
    """The same, to write."""

    def add(self, feed: FeedName, entries: Sequence[tuple[Entry, StoryId]], *, now: Micros) -> None: ...
    def revise(self, feed: FeedName, entry: Entry, *, now: Micros) -> None: ...
    def rename(self, feed: FeedName, old: str, entry: Entry) -> None:
        """A known entry has another id from now on."""


class ReadStories(Protocol):
    """Stories, and the posts that display them."""

    def by_link(
        self, keys: Sequence[str], *, besides: FeedName, since: Micros
    ) -> Mapping[str, tuple[StoryId, ...]]:
        """Returns the stories of these links since then, oldest first, that no entry of that feed tells."""

    def posted_at(self, posts: Sequence[Ts], channel: ChannelId, *, team: TeamId) -> frozenset[Ts]:
        """Returns which posts of other apps are a story's post already."""

    def posted_in(
        self, stories: Sequence[StoryId], channel: ChannelId, *, team: TeamId
    ) -> frozenset[StoryId]:
        """Returns which of the stories a channel displays, or is about to."""

    def of(self, departure: int) -> tuple[Story, ...]:
        """Returns the stories that a departure displays, as they are now, in their order."""

    def departures_of(self, story: StoryId) -> tuple[int, ...]: ...
    def at(self, place: Place) -> Story | None:
        """Returns the story that a post of ours displays by itself."""


class Stories(ReadStories, Protocol):
    """The same, to write."""

    def add(self, stories: Sequence[NewStory], *, now: Micros) -> None: ...
    def revise(self, story: StoryId, entry: Entry, *, key: str | None) -> None:
        """Gives a story an entry's words from now on."""

    def post(
        self,
        stories: Sequence[StoryId],
        channel: ChannelId,
        *,
        team: TeamId,
        departure: int | None,
        ts: Ts | None = None,
    ) -> None:
        """Notes that a departure of ours displays these stories, in order, or another app's post."""
