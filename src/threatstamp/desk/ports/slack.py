"""Slack, as the steps need it: what is seen there, and what is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from threatstamp.core.forward import Order, Standing
from threatstamp.core.ids import ChannelId, Emoji, GroupId, Key, Ts, UserId
from threatstamp.core.post import Place, Snapshot
from threatstamp.core.story import Story


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenReaction:
    """One emoji under a post as a look found it. whole: everybody who used it is in `users`."""

    reaction: Emoji
    users: frozenset[UserId]
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPost:
    """A post as a look found it."""

    place: Place
    snapshot: Snapshot
    reactions: tuple[SeenReaction, ...]
    latest_reply: Ts | None = None
    """Given for a post that has a thread under it."""
    by_app: bool = False
    """Another app posted it, not a person, and not we."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a channel or of a thread, read between `started` and `ended` (microseconds).

    after: the cursor of the next page, "" on the last.
    """

    started: int
    ended: int
    posts: tuple[SeenPost, ...]
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One of our own messages in Slack's history. revision: what it showed when it was posted."""

    ts: Ts
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardSaying:
    """A forward as it should stand now. quiet: taken back before it was ever said, so it calls nobody."""

    order: Order
    place: Place
    standing: Standing
    snapshot: Snapshot | None
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSaying:
    """The line in a source post's thread that says where it went."""

    route_name: str
    to: tuple[ChannelId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSaying:
    """What an operator is told: a trouble, or that it is mended, or the ledger's head."""

    kind: str
    values: Mapping[str, str]
    mended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalSaying:
    """What somebody is told, privately, whose stamp may not be used."""

    user: UserId
    route_name: str
    reaction: Emoji


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySaying:
    """One story, as it stands now."""

    story: Story


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSaying:
    """The news of one feed that came at once, a line each, oldest first."""

    source: str
    stories: tuple[Story, ...]


Saying = ForwardSaying | LineSaying | AlertSaying | StorySaying | DigestSaying
"""What is posted as a message, rendered by the workspace."""


class Workspace(Protocol):
    """Slack, as the steps need it. Every method raises SlackError; nothing here is retried inside."""

    def recall(self, place: Place) -> Snapshot | None:
        """Returns a post that was seen just now, without asking anybody."""

    def look_up(self, place: Place) -> Snapshot:
        """Reads a post with its permalink; SlackError("message_not_found", permanent) if it is gone."""

    def history(self, channel: ChannelId, *, oldest: int, cursor: str) -> Page:
        """Reads one page of a channel back to `oldest` (microseconds), newest first, without replies."""

    def replies(self, place: Place, *, oldest: int, cursor: str) -> Page:
        """Reads one page of a thread's replies since `oldest`."""

    def everyone(self, place: Place) -> SeenPost:
        """Reads one post with every user of every reaction, where a page cut the list short."""

    def post(
        self,
        saying: Saying,
        *,
        channel: ChannelId,
        thread_ts: Ts | None,
        key: Key,
        revision: int,
        until: float,
    ) -> Ts:
        """Posts once. Raises LeaseLostError, having sent nothing, when `until` (steady clock) has passed."""

    def edit(
        self, saying: Saying, *, channel: ChannelId, ts: Ts, key: Key, revision: int, until: float
    ) -> None:
        """Replaces what a message of ours shows."""

    def find(self, key: Key, *, channel: ChannelId, thread_ts: Ts | None, since: int) -> Found | None:
        """Looks for our own message with that key, posted since then."""

    def react(self, channel: ChannelId, ts: Ts, *, emoji: Emoji) -> None:
        """Puts our own reaction there; no error if it stands already."""

    def unsay(self, channel: ChannelId, ts: Ts) -> None:
        """Deletes a message of ours; no error if it is gone already."""

    def whisper(self, saying: RefusalSaying, *, channel: ChannelId, thread_ts: Ts | None) -> None:
        """Says something that only one person sees."""

    def members(self, group: GroupId) -> frozenset[UserId]:
        """Returns who is in a user group now, perhaps a minute old."""

    def is_external(self, user: UserId) -> bool:
        """True for a person of another organisation."""
