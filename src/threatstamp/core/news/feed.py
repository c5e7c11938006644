"""A feed: where news comes from, how it is asked for, and what was found there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from threatstamp.core.ids import ChannelId, FeedName
from threatstamp.core.time import EPOCH, Micros


class ProblemKind(StrEnum):
    """What can be wrong with a feed document or with the way to it."""

    NOT_A_FEED = "not_a_feed"
    MALFORMED = "malformed"
    ENCODING = "encoding"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    TIMEOUT = "timeout"
    FORBIDDEN_ADDRESS = "forbidden_address"
    HTTP = "http"
    NETWORK = "network"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with a document. reason and values choose the sentence in the room `feeds`."""

    kind: ProblemKind
    reason: str
    values: Mapping[str, str | int] = field(default_factory=dict)


class Keep(StrEnum):
    """How much of an entry is kept: all of it, or its title, link and time (commercial news)."""

    FULL = "full"
    HEADLINE = "headline"


class Layer(StrEnum):
    """The layers of threat intelligence that ISO/IEC 27001:2022 A.5.7 names."""

    STRATEGIC = "strategic"
    TACTICAL = "tactical"
    OPERATIONAL = "operational"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave with a document that was understood, to ask for the next one with."""

    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    """SHA-256 of the body, 64 hex digits."""

    zone: str | None = None
    """By which the document's dates without a zone were read; None for one read before this was noted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to a feed's server. zone: for dates that carry none. most: bytes, also decompressed."""

    url: str
    zone: ZoneInfo
    most: int
    validators: Validators = Validators()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as the file names it; with purpose, layer, owner and review it is a line of the source register.

    channel: as written, "" where only its facts are wanted. every: seconds. most: bytes.
    """

    name: FeedName
    url: str
    zone: ZoneInfo
    channel: str = ""
    every: float = 600.0
    backlog: int = 3
    burst: int = 5
    post: bool = True
    store: Keep = Keep.FULL
    most: int = 2_000_000
    preset: str | None = None
    purpose: str = ""
    layer: Layer | None = None
    owner: str = ""
    reviewed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundFeed:
    """A feed with its channel found in the workspace; None: it posts nothing, or the channel is lost."""

    feed: Feed
    channel: ChannelId | None = None

    @property
    def is_lost(self) -> bool:
        """It should post, and cannot: its documents wait until the channel is found."""
        return self.feed.post and self.channel is None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is known of a feed; None: never.

    url: where it is asked, which a permanent redirect may have changed; named: what the file said then.
    due_at: when its turn comes; held_until: it is left alone until then (Retry-After, back-off).
    met_at: its first document that was understood. problem_since: since when there has been one without end.
    overflow_at: the last document had nothing in common with what was known: entries were probably lost.
    had_entries: the last document that was understood had some.
    news_at: when its newest entries came, oldest first, to know what is usual.
    """

    name: FeedName
    url: str
    named: str
    validators: Validators = Validators()
    due_at: Micros = EPOCH
    held_until: Micros = EPOCH
    tried_at: Micros | None = None
    succeeded_at: Micros | None = None
    changed_at: Micros | None = None
    asked_whole_at: Micros | None = None
    met_at: Micros | None = None
    failures: int = 0
    problem: Problem | None = None
    problem_since: Micros | None = None
    overflow_at: Micros | None = None
    gone: bool = False
    had_entries: bool = False
    news_at: tuple[Micros, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedClaim:
    """A worker's right to ask one feed and to record what came, until its lease ends."""

    state: FeedState
    token: int
