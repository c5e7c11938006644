"""A feed: where news comes from, how it is requested, and what is known about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from threatstamp.core.ids import ChannelId, FeedName
from threatstamp.core.news.address import shown_address
from threatstamp.core.news.marking import Labels, Tlp
from threatstamp.core.time import EPOCH, Micros


class ProblemKind(StrEnum):
    """What can be wrong with a feed document or with its transfer. Public: `read --json` prints the value."""

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
    """What exactly is wrong, with its kind. The value is the key of the sentence in the catalogue `feeds`."""

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
    NETWORK_PROXY_AUTHENTICATION = "network_proxy_authentication", ProblemKind.NETWORK
    NETWORK_PROXY_UNKNOWN = "network_proxy_unknown", ProblemKind.NETWORK
    NETWORK_PROXY_WRONG = "network_proxy_wrong", ProblemKind.NETWORK
    ANSWER_TOO_LARGE = "answer_too_large", ProblemKind.TOO_LARGE
    ANSWER_TOO_MUCH = "answer_too_much", ProblemKind.TOO_LARGE
    ANSWER_HEAD = "answer_head", ProblemKind.TOO_LARGE
    ANSWER_ENCODING_UNKNOWN = "answer_encoding_unknown", ProblemKind.MALFORMED
    ANSWER_ENCODING_BROKEN = "answer_encoding_broken", ProblemKind.MALFORMED
    NOT_RECORDED = "not_recorded", ProblemKind.MALFORMED
    NOT_KNOWN = "not_known", ProblemKind.MALFORMED


def read_reason(value: str) -> Reason:
    """Returns a reason by its value; NOT_KNOWN for one that another version of the program wrote."""
    return next((reason for reason in Reason if reason.value == value), Reason.NOT_KNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a document. values: the placeholders of the reason's sentence."""

    reason: Reason
    values: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def kind(self) -> ProblemKind:
        return self.reason.kind


class Keep(StrEnum):
    """How much of an entry is stored: all, or only title, link and time, as for commercial news."""

    FULL = "full"
    HEADLINE = "headline"


DIGEST_AT = time(9)
"""When a feed's digest is said unless it says otherwise, as the morning line of cases."""


class Show(StrEnum):
    """Which of its news a feed posts: all, or what concerns the company; see `Relevance`.

    DIGEST: that, and the rest as lines of one message a working day.
    """

    ALL = "all"
    RELEVANT = "relevant"
    DIGEST = "digest"


class Layer(StrEnum):
    """The layers of threat intelligence in ISO/IEC 27002:2022, 5.7."""

    STRATEGIC = "strategic"
    TACTICAL = "tactical"
    OPERATIONAL = "operational"


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server sent with a document that was understood, for the next conditional GET (RFC 9110, 13)."""

    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    """SHA-256 of the body, 64 hex digits: many servers ignore conditions and send the same document again."""

    zone: str | None = None
    """The zone in which the document's dates without one were read; None if that was not recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request for a feed's document.

    zone: for dates without one. most: bytes, also after decompression.
    """

    url: str
    zone: ZoneInfo
    most: int
    validators: Validators = Validators()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as the settings file has it.

    channel: as written, "" for a feed that is only recorded. every: seconds. most: bytes.
    backlog: how many entries are posted at first contact. burst: how many of one later round are posted one
    by one, before the rest becomes a digest. is_secret: the whole address is one, as `url_env` says.
    digest: with `Show.DIGEST`, when the rest is said. tlp: what all its news is marked with.
    purpose, layer, owner, reviewed_on: for the register of sources.
    """

    name: FeedName
    url: str
    zone: ZoneInfo
    channel: str = ""
    every: float = 600.0
    backlog: int = 3
    burst: int = 5
    post: bool = True
    show: Show = Show.ALL
    digest: time = DIGEST_AT
    tlp: Tlp | None = None
    store: Keep = Keep.FULL
    most: int = 2_000_000
    preset: str | None = None
    is_secret: bool = False
    purpose: str = ""
    layer: Layer | None = None
    owner: str = ""
    reviewed_on: date | None = None

    @property
    def shown(self) -> str:
        """The address as it may be displayed and recorded."""
        return shown_address(self.url, whole=self.is_secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundFeed:
    """A feed with the id of its channel; None if it posts nothing, or the channel cannot be found."""

    feed: Feed
    channel: ChannelId | None = None

    @property
    def is_lost(self) -> bool:
        """True if it should post, but its channel cannot be found.

        Such a feed is not polled: its entries would be on record as known, and never be posted.
        """
        return self.feed.post and self.channel is None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """What is known about a feed. Times are None for what has not happened yet."""

    name: FeedName
    url: str
    """Where it is requested, its secrets hidden (`recalled`); a permanent redirect may have changed it."""
    named: str
    """The digest of its address in the settings when this state began; another there begins a new state."""
    moved_to: str | None = None
    """Where a permanent redirect leads, for people: with its secrets hidden."""
    validators: Validators = Validators()
    due_at: Micros = EPOCH
    held_until: Micros = EPOCH
    """It is not requested before that by itself: the back-off, or Retry-After if that is later."""
    told_until: Micros = EPOCH
    """The server's own word (Retry-After, RFC 9110, 10.2.3): it counts for a person's `poll`, too."""
    tried_at: Micros | None = None
    succeeded_at: Micros | None = None
    changed_at: Micros | None = None
    """The last document with something new."""
    asked_whole_at: Micros | None = None
    """The last request without conditions."""
    met_at: Micros | None = None
    """First contact: the first document that was understood."""
    failures: int = 0
    """Since the last success."""
    problem: Problem | None = None
    problem_since: Micros | None = None
    """When the present, uninterrupted problem began."""
    overflow_at: Micros | None = None
    """Set if the last document had nothing in common with what was known: entries were probably missed."""
    gone: bool = False
    """The server said 410."""
    had_entries: bool = False
    """The last document that was understood was not empty."""
    news_at: tuple[Micros, ...] = ()
    """When its newest entries came, oldest first, to know which silence is unusual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedClaim:
    """A worker's right to poll one feed and to record the result until its lease ends. token: see `Claim`."""

    state: FeedState
    token: int


def labels_of(feeds: Iterable[Feed]) -> Labels:
    """Returns the labels that the settings give to all news of some feeds."""
    return Labels(by_feed={one.name: one.tlp for one in feeds if one.tlp is not None})
