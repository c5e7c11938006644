"""A story's trail: what is on record of it, from the entry that began it to the forwards of its posts."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.ids import ChannelId, FeedName, StoryId, Ts
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.joining import Bond
from threatstamp.core.news.story import Story
from threatstamp.core.time import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryTrail:
    """An entry of a story. is_first_contact: it was there already when the desk first read its feed.

    bond: why it belongs to the story; None: it began it. recorded_in, follows: see `KnownEntry`.
    is_left_out: it was not posted, since it does not concern the company.
    """

    feed: FeedName
    entry: Entry
    bond: Bond | None
    recorded_in: StoryId
    follows: Micros | None
    seen_at: Micros
    revised_at: Micros | None
    is_first_contact: bool
    is_left_out: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SentTrail:
    """What became of a departure: its kind and state, when it was ordered and delivered.

    error: Slack's code or that of a withheld one, "" for none.
    """

    kind: str
    state: str
    ordered_at: Micros
    delivered_at: Micros | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StampTrail:
    """A turn of a stamp on a post. kind: "stamp" or "withdrawal"."""

    reaction: str
    kind: str
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardTrail:
    """A forward of a post. route: its id."""

    route: str
    destination: str
    sent: SentTrail


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalTrail:
    """A route's refusal of a stamp on a post. route: its id. why: "refused", "external" or "marked"."""

    route: str
    why: str
    at: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class PostTrail:
    """A post that displays a story. sent: None if another app posted it."""

    channel: ChannelId
    ts: Ts | None
    sent: SentTrail | None
    stamps: tuple[StampTrail, ...]
    forwards: tuple[ForwardTrail, ...]
    refusals: tuple[RefusalTrail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryTrail:
    """A story with its entries, and the posts that display it."""

    story: Story
    made_at: Micros
    entries: tuple[EntryTrail, ...]
    posts: tuple[PostTrail, ...]
