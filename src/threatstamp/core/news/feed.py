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


class Reason(StrEnum):
    """What exactly is wrong, each with its kind. The value is the sentence's key in the room `feeds`."""

    kind: ProblemKind

    def __new__(cls, key: str, kind: ProblemKind) -> Reason:
        reason = str.__new__(cls, key)
        reason._value_, reason.kind = key, kind
        return reason

    READ_EMPTY = "read_empty", ProblemKind.NOT_A_FEED
    READ_HTML = "read_html", ProblemKind.NOT_A_FEED
    READ_JSON = "read_json", ProblemKind.NOT_A_FEED
    READ_OPML = "read_opml", ProblemKind.NOT_A_FEED
    READ_SITEMAP = "read_sitemap", ProblemKind.NOT_A_FEED
    READ_PDF = "read_pdf", ProblemKind.NOT_A_FEED
    READ_TEXT = "read_text", ProblemKind.NOT_A_FEED
    READ_XML = "read_xml", ProblemKind.NOT_A_FEED
    READ_NOT_WELL_FORMED = "read_not_well_formed", ProblemKind.MALFORMED
    READ_EARLY_WORDS = "read_early_words", ProblemKind.MALFORMED
    READ_UNKNOWN_ENTITY = "read_unknown_entity", ProblemKind.MALFORMED
    READ_JSON_BROKEN = "read_json_broken", ProblemKind.MALFORMED
    READ_JSON_NO_ITEMS = "read_json_no_items", ProblemKind.MALFORMED
    READ_JSON_ITEMS = "read_json_items", ProblemKind.MALFORMED
    READ_BROKEN_BYTES = "read_broken_bytes", ProblemKind.ENCODING
    READ_TOO_MANY_BYTES = "read_too_many_bytes", ProblemKind.TOO_LARGE
    READ_TOO_MANY_ENTRIES = "read_too_many_entries", ProblemKind.TOO_LARGE
    READ_TOO_MANY_ELEMENTS = "read_too_many_elements", ProblemKind.TOO_LARGE
    READ_TOO_MANY_ATTRIBUTES = "read_too_many_attributes", ProblemKind.TOO_LARGE
    READ_TOO_DEEP = "read_too_deep", ProblemKind.TOO_DEEP
    TIMEOUT = "timeout", ProblemKind.TIMEOUT
    ADDRESS_WRONG = "address_wrong", ProblemKind.FORBIDDEN_ADDRESS
    ADDRESS_SCHEME = "address_scheme", ProblemKind.FORBIDDEN_ADDRESS
    ADDRESS_CREDENTIALS = "address_credentials", ProblemKind.FORBIDDEN_ADDRESS
    ADDRESS_NOT_PUBLIC = "address_not_public", ProblemKind.FORBIDDEN_ADDRESS
    HTTP_STATUS = "http_status", ProblemKind.HTTP
    HTTP_REDIRECTS = "http_redirects", ProblemKind.HTTP
    HTTP_NOWHERE = "http_nowhere", ProblemKind.HTTP
    NETWORK_NAME = "network_name", ProblemKind.NETWORK
    NETWORK_REFUSED = "network_refused", ProblemKind.NETWORK
    NETWORK_UNREACHABLE = "network_unreachable", ProblemKind.NETWORK
    NETWORK_CERTIFICATE = "network_certificate", ProblemKind.NETWORK
    NETWORK_TLS = "network_tls", ProblemKind.NETWORK
    NETWORK_CUT = "network_cut", ProblemKind.NETWORK
    NETWORK_PROTOCOL = "network_protocol", ProblemKind.NETWORK
    NETWORK_PROXY_REFUSED = "network_proxy_refused", ProblemKind.NETWORK
    NETWORK_PROXY_UNKNOWN = "network_proxy_unknown", ProblemKind.NETWORK
    NETWORK_PROXY_WRONG = "network_proxy_wrong", ProblemKind.NETWORK
    ANSWER_TOO_LARGE = "answer_too_large", ProblemKind.TOO_LARGE
    ANSWER_TOO_MUCH = "answer_too_much", ProblemKind.TOO_LARGE
    ANSWER_HEAD = "answer_head", ProblemKind.TOO_LARGE
    ANSWER_ENCODING_UNKNOWN = "answer_encoding_unknown", ProblemKind.MALFORMED
    ANSWER_ENCODING_BROKEN = "answer_encoding_broken", ProblemKind.MALFORMED
    NOT_RECORDED = "not_recorded", ProblemKind.MALFORMED
    NOT_KNOWN = "not_known", ProblemKind.MALFORMED


def read_reason(said: str) -> Reason:
    """Returns a reason from the database; NOT_KNOWN for one of another version of the program."""
    return next((reason for reason in Reason if reason.value == said), Reason.NOT_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with a document. values: what the reason's sentence needs."""

    reason: Reason
    values: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def kind(self) -> ProblemKind:
        return self.reason.kind


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
