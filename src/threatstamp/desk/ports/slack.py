"""Slack, as far as the steps need it: what they read there, and what they send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from threatstamp.core.ids import ChannelId, Emoji, GroupId, Key, Ts, UserId
from threatstamp.core.stamps.look import SeenReaction
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.time import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPost:
    """A post as a page of history contains it."""

    place: Place
    snapshot: Snapshot
    reactions: tuple[SeenReaction, ...]
    latest_reply: Ts | None = None
    """The newest reply in the post's thread; None without a thread."""
    by_app: bool = False
    """Another app posted it: neither a person nor we."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a channel or a thread.

    started, ended: between which times Slack made it, by its own clock: the page has every event from before,
    and none from after. after: the cursor
    of the next page, "" on the last. unread: messages that could not be made sense of, each with the
    name of the error.
    """

    started: Micros
    ended: Micros
    posts: tuple[SeenPost, ...]
    after: str = ""
    unread: tuple[tuple[Place, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMessage:
    """A message of ours in Slack's history. revision: of the content in it, from its metadata."""

    ts: Ts
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One page of a search for a message of ours. found: None if it is not on this page.

    after: the cursor of the next page, "" on the last.
    """

    found: OwnMessage | None
    after: str = ""


class Saying:
    """The content of a message. Each kind of departure has a subclass, with its blocks in `slack/blocks`."""

    __slots__ = ()

    event: ClassVar[str] = "threatstamp_message"
    """The event type in the message's metadata; other apps can subscribe to it
    (https://docs.slack.dev/messaging/message-metadata)."""


class Workspace(Protocol):
    """Slack, as far as the steps need it. Every method may raise SlackError; none retries by itself."""

    def recall(self, place: Place) -> Snapshot | None:
        """Returns a post that arrived recently, from memory; None if it is not there. Makes no call."""

    def look_up(self, place: Place) -> Snapshot:
        """Reads a post with its permalink.

        Raises SlackError("message_not_found", permanent) if it is gone.
        """

    def history(self, channel: ChannelId, *, oldest: Micros, cursor: str) -> Page:
        """Reads one page of a channel back to `oldest`, newest first, without replies."""

    def replies(self, place: Place, *, oldest: Micros, cursor: str) -> Page:
        """Reads one page of a thread's replies since `oldest`."""

    def everyone(self, place: Place) -> SeenPost:
        """Reads one post with the complete lists of users, which a page may shorten."""

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
        """Posts a message, with key and revision in its metadata; returns its ts.

        Raises LeaseLostError, and has sent nothing, if `until` (by the steady clock) has passed.
        """

    def edit(
        self, saying: Saying, *, channel: ChannelId, ts: Ts, key: Key, revision: int, until: float
    ) -> None:
        """Replaces the content of a message of ours. Idempotent. until: as for `post`."""

    def find(
        self, key: Key, *, channel: ChannelId, thread_ts: Ts | None, since: Micros, cursor: str
    ) -> Search:
        """Searches one page of a destination for the message with this key that our bot posted since then.

        The author counts, because anybody who reads the channel can copy a key.
        """

    def react(self, channel: ChannelId, ts: Ts, *, emoji: Emoji) -> None:
        """Adds our reaction to a message. Idempotent: no error if it is there already."""

    def unsay(self, channel: ChannelId, ts: Ts) -> None:
        """Deletes a message of ours. Idempotent: no error if it is gone already."""

    def put_canvas(self, saying: Saying, *, channel: ChannelId, mark: Key, must_exist: bool) -> None:
        """Makes a channel's canvas say this and nothing else. Idempotent: it is known by the mark in it.

        must_exist: raises SlackError("message_not_found", permanent) if it is gone, or not ours any more.
        Otherwise SlackError("channel_canvas_already_exists", permanent) if the channel has another one.
        A permanent error that is ambiguous, too: whether the channel has one could not be found out.
        """

    def pin(self, channel: ChannelId, ts: Ts) -> None:
        """Pins a message to its channel. Idempotent: no error if it is pinned already."""

    def whisper(self, saying: Saying, *, to: UserId, channel: ChannelId | None, thread_ts: Ts | None) -> None:
        """Posts an ephemeral message, which only one person sees and no history contains.

        channel: None: a direct message, which stays.
        """

    def members(self, group: GroupId) -> frozenset[UserId]:
        """Returns the members of a user group. They may be cached for a minute."""

    def is_external(self, user: UserId) -> bool:
        """True for a person of another organisation. May be cached for a minute."""
