"""A departure: something that the desk owes to Slack. Its row is the work order; it goes out exactly once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.ids import ChannelId, Key, TeamId, Ts

FIRST_RETRY = 2.0
LAST_RETRY = 30.0
SETTLING = 4.0
"""Seconds to wait after an outcome that is not known: Slack may still be applying the message."""


class DepartureKind(StrEnum):
    """What is done. Reactions are idempotent; a refusal is told at most once; the rest exactly once.

    A double is a message of ours that arrived too late, after another process had taken over: it is taken
    back where another one stands for the same departure.
    """

    FORWARD = "forward"
    STORY = "story"
    DIGEST = "digest"
    REACTION = "reaction"
    LINE = "line"
    REFUSAL = "refusal"
    DOUBLE = "double"
    ALERT = "alert"


class State(StrEnum):
    """Where a departure stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One work order. Times in microseconds.

    unsure: an earlier attempt may have reached Slack, so its history is looked through before the next.
    revision: what should be shown; shown: what was shown last. body: what the kind needs to be said, JSON.
    """

    id: int
    key: Key
    team: TeamId
    kind: DepartureKind
    channel: ChannelId
    thread_ts: Ts | None
    state: State
    due_at: int
    created_at: int
    attempts: int
    unsure: bool
    revision: int
    shown: int
    message_ts: Ts | None
    error: str
    body: dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeparture:
    """A work order to be. name: its natural key as text, from which the key in Slack's metadata is made."""

    name: str
    team: TeamId
    kind: DepartureKind
    channel: ChannelId
    due_at: int
    thread_ts: Ts | None = None
    body: dict[str, object]

    @property
    def key(self) -> Key:
        made = hashlib.sha256(f"{self.team}|{self.kind}|{self.name}".encode()).hexdigest()
        return Key(made[:32])


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A worker's right to act on one departure until its lease ends. token: fences off older claims."""

    departure: Departure
    token: int
    edit: bool
    """The message stands; only what it shows is to be changed."""


def double(departure: Departure, ts: Ts, *, due_at: int) -> NewDeparture:
    """Returns the order to take a message back if it turns out that it stands twice."""
    return NewDeparture(
        name=f"{departure.id}|{ts}",
        team=departure.team,
        kind=DepartureKind.DOUBLE,
        channel=departure.channel,
        due_at=due_at,
        body={"departure": departure.id, "ts": ts},
    )


def retry_in(attempts: int) -> float:
    """Seconds until the next try after so many attempts: 2, 4, 8, 16, then 30."""
    return min(LAST_RETRY, FIRST_RETRY * 2.0 ** min(max(attempts - 1, 0), 10))
