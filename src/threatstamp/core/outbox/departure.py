"""A departure: a call to Slack that the desk owes. Its row is the work order, executed exactly once.

A departure is recorded in the same transaction as its reason, so a crash can lose neither, and the message
is sent afterwards. Transactional outbox: https://microservices.io/patterns/data/transactional-outbox.html
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.ids import ChannelId, Key, TeamId, Ts
from threatstamp.core.time import Micros

FIRST_RETRY = 2.0
"""Seconds before the first retry."""

LAST_RETRY = 30.0
"""The longest wait between two retries, in seconds."""

MESSAGE_GONE = "message_not_found"
"""Slack's error code for a message that was deleted: there is nothing left to edit."""


class Withheld(StrEnum):
    """Why the desk itself does not send a departure. Each has words in the catalogue `codes`."""

    SHARED = "destination_is_shared"
    """Another organisation reads the destination, and the route does not allow that."""
    UNFOUND = "destination_unknown"
    """Its destination is a name for which no channel was found, so far."""
    OWN_CHANNEL = "destination_is_source"
    """Its destination is the post's own channel by now, under another name."""
    MARKED = "post_is_marked"
    """The post's TLP label is stricter than what may go there, which was only seen when it was delivered."""
    INCOMPLETE = "record_incomplete"
    """The rows that its content is made of are not in the database."""
    UNREADABLE = "content_unreadable"
    """No content can be made of its body: a fault of ours, or the body of another version."""
    UNKNOWN = "unknown_kind"
    """Only another version of the program knows its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureKind:
    """One kind of departure, with what delivery has to know about it. The desk defines each beside its text.

    The traits are stored with each departure, so that the queries for due work need no list of kinds.
    """

    name: str
    is_paced: bool = True
    """It posts into a channel, so it keeps to Slack's limit of about one message per second and channel
    (https://docs.slack.dev/apis/web-api/rate-limits). False for calls that post nothing there."""

    is_reported: bool = True
    """An operator is alerted when it is late or refused, and `retry` opens it again."""

    at_most_once: bool = False
    """It leaves nothing in Slack's history by which a repeat could be avoided. So the claim itself completes
    the departure, before the call: after a crash it is lost rather than sent twice."""


class State(StrEnum):
    """The state of a departure. A delivered one whose `revision` is newer than `displayed` owes an edit."""

    PENDING = "pending"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    CANCELLED = "cancelled"
    SHADOW = "shadow"
    """Ordered while the desk was in shadow: it is never due, unless an operator retries it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One work order.

    unsure: an earlier attempt may have reached Slack, so the history is searched before the next attempt.
    revision: number of the content that the message should have; displayed: of the content that it has.
    attempts: since the last success. error: Slack's code of the last failure or the value of a `Withheld`, ""
    after a success.
    searched: the cursor at which an interrupted search for the message goes on, "" for the first page. It is
    valid until the next attempt to post: a claim empties it, and only that claim's search may set it again.
    body: JSON that only the kind's own reader understands.
    """

    id: int
    key: Key
    team: TeamId
    kind: DepartureKind
    channel: ChannelId
    thread_ts: Ts | None
    state: State
    due_at: Micros
    created_at: Micros
    attempts: int
    unsure: bool
    revision: int
    displayed: int
    message_ts: Ts | None
    error: str
    searched: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeparture:
    """A work order to be recorded. name: its natural key, so that ordering it twice orders it once."""

    name: str
    team: TeamId
    kind: DepartureKind
    channel: ChannelId
    due_at: Micros
    thread_ts: Ts | None = None
    body: str = "{}"

    @property
    def key(self) -> Key:
        """The idempotency key: unique in the outbox, and sent in the metadata of the message.

        A digest, because everybody in the channel can read metadata: it reveals no names or routes.
        """
        made = hashlib.sha256(f"{self.team}|{self.kind.name}|{self.name}".encode()).hexdigest()
        return Key(made[:32])


def retry_in(attempts: int) -> float:
    """Returns the seconds to wait after this many attempts: 2, 4, 8, 16, then 30 (exponential backoff)."""
    return min(LAST_RETRY, FIRST_RETRY * 2.0 ** min(max(attempts - 1, 0), 10))
