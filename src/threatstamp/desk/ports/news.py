"""What one transaction can read and write of feeds, entries, stories and where they are shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from threatstamp.core.entry import Entry, Fetched
from threatstamp.core.feed import FeedClaim, FeedState, Request
from threatstamp.core.ids import ChannelId, FeedName, StoryId, TeamId, Ts
from threatstamp.core.post import Place
from threatstamp.core.story import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What is on record of an entry."""

    story: StoryId
    title: str
    """Of the story."""
    shown_digest: str
    whole_digest: str
    began: bool
    """This very feed began the story, so that its words are those that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStory:
    """A story to be kept. link_key: by which another feed's entry is known to say the same."""

    story: Story
    link_key: str | None


class News(Protocol):
    """Feeds, and what came of them."""

    def holds_feed(self, claim: FeedClaim) -> bool: ...
    def put_feed(self, claim: FeedClaim, state: FeedState) -> None:
        """Records how a feed stands, and ends the claim."""

    def known_entries(self, feed: FeedName, entry_ids: Sequence[str]) -> Mapping[str, KnownEntry]: ...
    def add_entries(self, feed: FeedName, entries: Sequence[tuple[Entry, StoryId]], *, now: int) -> None: ...
    def revise_entry(self, feed: FeedName, entry: Entry, *, now: int) -> None: ...
    def add_stories(self, stories: Sequence[NewStory], *, now: int) -> None: ...
    def rename_entry(self, feed: FeedName, old: str, entry: Entry) -> None:
        """A known entry has another id from now on."""

    def entries_by_link(
        self, feed: FeedName, keys: Sequence[str]
    ) -> Mapping[str, tuple[tuple[str, KnownEntry], ...]]:
        """Returns the known entries of a feed, with their ids, whose stories have these links."""

    def revise_story(self, story: StoryId, entry: Entry, *, key: str | None) -> None:
        """Shows a story with an entry's words from now on."""

    def stories_by_link(
        self, keys: Sequence[str], *, besides: FeedName, since: int
    ) -> Mapping[str, tuple[StoryId, ...]]:
        """Returns the stories of these links since then, oldest first, that no entry of that feed tells."""

    def shown_at(self, posts: Sequence[Ts], channel: ChannelId, *, team: TeamId) -> frozenset[Ts]:
        """Returns which posts of other apps are a story's post already."""

    def shown_in(self, stories: Sequence[StoryId], channel: ChannelId, *, team: TeamId) -> frozenset[StoryId]:
        """Returns which of the stories are shown in a channel, or are about to be."""

    def show(
        self,
        stories: Sequence[StoryId],
        channel: ChannelId,
        *,
        team: TeamId,
        departure: int | None,
        ts: Ts | None = None,
    ) -> None:
        """Notes that a departure of ours shows these stories, in order, or another app's post."""

    def shown_by(self, departure: int) -> tuple[Story, ...]:
        """Returns the stories that a departure shows, as they stand now, in their order."""

    def departures_of(self, story: StoryId) -> tuple[int, ...]: ...
    def story_at(self, place: Place) -> Story | None:
        """Returns the story that a post of ours shows by itself."""


class Fetching(Protocol):
    """The way to feeds' servers."""

    def fetch_all(self, requests: Sequence[tuple[FeedClaim, Request]]) -> Iterator[tuple[FeedClaim, Fetched]]:
        """Asks many servers at once, each for one document at a time; yields answers as they come."""
