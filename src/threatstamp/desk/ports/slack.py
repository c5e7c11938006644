"""Slack, as the steps need it: what is seen there, and what is said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

from threatstamp.core.ids import ChannelId, Emoji, GroupId, Key, Ts, UserId
from threatstamp.core.stamps.look import SeenReaction
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.time import Micros


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
    """One page of a channel or of a thread, read between `started` and `ended`.

    after: the cursor of the next page, "" on the last.
    """

    started: Micros
    ended: Micros
    posts: tuple[SeenPost, ...]
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMessage:
    """One of our own messages in Slack's history. revision: what it displayed when it was posted."""

    ts: Ts
    revision: int


class Saying:
    """What is said in Slack. Each kind of departure has its own, with its blocks in `slack/blocks`."""

    __slots__ = ()

    event: ClassVar[str] = "threatstamp_message"
    """The event type in the message's metadata, which other apps may listen to."""


class Workspace(Protocol):
    """Slack, as the steps need it. Every method raises SlackError; nothing here is retried inside."""

    def recall(self, place: Place) -> Snapshot | None:
        """Returns a post that was seen just now, without asking anybody."""

    def look_up(self, place: Place) -> Snapshot:
        """Reads a post with its permalink; SlackError("message_not_found", permanent) if it is gone."""

    def history(self, channel: ChannelId, *, oldest: Micros, cursor: str) -> Page:
        """Reads one page of a channel back to `oldest`, newest first, without replies."""

    def replies(self, place: Place, *, oldest: Micros, cursor: str) -> Page:
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
        """Replaces what a message of ours displays."""

    def find(self, key: Key, *, channel: ChannelId, thread_ts: Ts | None, since: Micros) -> OwnMessage | None:
        """Looks for our own message with that key, posted since then."""

    def react(self, channel: ChannelId, ts: Ts, *, emoji: Emoji) -> None:
        """Puts our own reaction there; no error if it is there already."""

    def unsay(self, channel: ChannelId, ts: Ts) -> None:
        """Deletes a message of ours; no error if it is gone already."""

    def whisper(self, saying: Saying, *, to: UserId, channel: ChannelId, thread_ts: Ts | None) -> None:
        """Says something that only one person sees."""

    def members(self, group: GroupId) -> frozenset[UserId]:
        """Returns who is in a user group now, perhaps a minute old."""

    def is_external(self, user: UserId) -> bool:
        """True for a person of another organisation."""
