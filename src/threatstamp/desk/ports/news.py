"""News: entries of feeds, their stories, and where each story is displayed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from threatstamp.core.ids import ChannelId, FeedName, StoryId, TeamId, Ts
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.joining import Bond, Heard
from threatstamp.core.news.story import KnownEntry, NewStory, Story
from threatstamp.core.news.trail import StoryTrail
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros

FEED_DIGEST = "feed_digest"
"""The kind of departure that says once a working day what feeds did not post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestedStory:
    """A line of a feeds' daily digest. is_said: its message is in the channel already."""

    story: Story
    team: TeamId
    channel: ChannelId
    is_said: bool


class ReadEntries(Protocol):
    """Entries on record."""

    def known(self, feed: FeedName, entry_ids: Sequence[str]) -> Mapping[str, KnownEntry]:
        """Returns the entries of a feed that are on record, by their ids."""

    def on_pages(self, feed: FeedName, keys: Sequence[str]) -> Mapping[str, tuple[KnownEntry, ...]]:
        """Returns a feed's known entries by their pages' keys, shared ones too, the newest few thousand."""


class Entries(ReadEntries, Protocol):
    """The same, to write."""

    def add(
        self, feed: FeedName, entries: Sequence[tuple[Entry, StoryId, Bond | None]], *, now: Micros
    ) -> None:
        """Records new entries, each with its story, and why it belongs to it; None: it began it."""

    def revise(self, feed: FeedName, entry: Entry, *, now: Micros) -> None: ...
    def leave_out(self, feed: FeedName, entries: Sequence[Entry], *, now: Micros) -> None:
        """Notes that these are not posted, since they do not concern the company."""

    def rename(self, feed: FeedName, old: str, entry: Entry) -> None:
        """Gives a known entry another id, that of `entry`."""

    def move(self, feed: FeedName, entry: Entry, to: StoryId, *, bond: Bond | None) -> None:
        """Makes a known entry part of another story, and lets that be found by it."""

    def join(self, other: StoryId, into: StoryId) -> None:
        """Notes that a story goes on in another, which is found by what both were found by."""


class ReadStories(Protocol):
    """Stories on record."""

    def existing(self, stories: Sequence[StoryId]) -> frozenset[StoryId]:
        """Returns which of these are on record."""

    def by_link(
        self, keys: Sequence[str], *, excluding: FeedName, since: Micros
    ) -> Mapping[str, tuple[StoryId, ...]]:
        """Returns the stories with these link keys made since then, oldest first.

        Without those that an entry of the feed `excluding` reports.
        """

    def told_since(self, since: Micros, *, most: int) -> tuple[Story, ...]:
        """Returns the stories of which an entry was recorded since then, the one that was told last first."""

    def of(self, departure: int) -> tuple[Story, ...]:
        """Returns the stories that a departure displays, with their present content, in order.

        One alone also knows which other feeds tell it.
        """

    def words(self, story: StoryId) -> str:
        """Returns what a story's entries say beside their titles: summaries, and elements of their own."""

    def naming(self, key: str, *, most: int) -> tuple[StoryId, ...]:
        """Returns the stories that name an id, by its key; the newest so many, oldest first."""

    def trail(self, story: StoryId) -> StoryTrail | None:
        """Returns what is on record of a story, from its first entry on."""

    def at(self, place: Place) -> Story | None:
        """Returns the story at a post of ours; None for a digest, which displays several."""


class Stories(ReadStories, Protocol):
    """The same, to write."""

    def add(self, stories: Sequence[NewStory], *, now: Micros) -> None: ...
    def revise(self, story: StoryId, entry: Entry, *, key: str | None) -> None:
        """Replaces a story's content by an entry's. key: its new link key."""

    def name_kind(self, story: StoryId, kind: str | None) -> None:
        """Notes of what kind a person said that a story is; None: nobody says so any more."""


class ReadPublications(Protocol):
    """Where stories are displayed, or will be."""

    def posted_at(self, posts: Sequence[Ts], channel: ChannelId, *, team: TeamId) -> frozenset[Ts]:
        """Returns which of these posts of other apps are some story's post already."""

    def posted_in(
        self, stories: Sequence[StoryId], channel: ChannelId, *, team: TeamId
    ) -> frozenset[StoryId]:
        """Returns which of the stories a channel displays, or will display as soon as a departure is sent."""

    def departures_of(self, story: StoryId) -> tuple[int, ...]: ...
    def places_of(self, story: StoryId) -> tuple[Place, ...]:
        """Returns the messages that display a story, ours and other apps', as far as they are posted."""

    def beside(self, place: Place) -> tuple[Place, ...]:
        """Returns the posts of the story that a message displays, in any channel, that message first."""

    def digested(self, since: Micros) -> tuple[DigestedStory, ...]:
        """Returns the stories of the feeds' daily digests that are not said yet, or were said since then."""


class Publications(ReadPublications, Protocol):
    """The same, to write."""

    def post(
        self,
        stories: Sequence[StoryId],
        channel: ChannelId,
        *,
        team: TeamId,
        departure: int | None,
        ts: Ts | None = None,
    ) -> None:
        """Notes where these stories are displayed, in order: in a departure of ours or another app's post."""

    def leave_digest(self, stories: Sequence[StoryId], channel: ChannelId, *, team: TeamId) -> None:
        """Takes these out of the feeds' daily digests of a channel, said or not, so that it can post them."""


class ReadClues(Protocol):
    """What stories can be found by, which the entries bring with them."""

    def found(self, clues: Sequence[str], *, since: Micros) -> Mapping[str, tuple[StoryId, ...]]:
        """Returns the stories with these clues that were told since then, newest first."""

    def heard(self, stories: Iterable[StoryId]) -> Mapping[StoryId, Heard]:
        """Returns what is on record of these, for joining."""
