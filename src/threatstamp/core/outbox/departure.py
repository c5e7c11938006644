"""A departure: something that the desk owes to Slack. Its row is the work order; it goes out exactly once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.ids import ChannelId, Key, TeamId, Ts
from threatstamp.core.time import Micros

FIRST_RETRY = 2.0
LAST_RETRY = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureKind:
    """One kind of departure, and how it travels. Each is defined beside what it says, in the desk.

    The traits are stored with each departure, so that whoever looks for work needs no list of kinds.
    """

    name: str
    is_paced: bool = True
    """A message in a channel, which waits for that channel's pace; False for what appears in no channel."""

    is_reported: bool = True
    """An operator is told when it is late or refused, and `retry` opens it again."""

    at_most_once: bool = False
    """It leaves no trace to look for, so the claim ends the order before the act: lost, not doubled."""


class State(StrEnum):
    """How far a departure is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    UNDELIVERABLE = "undeliverable"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One work order.

    unsure: an earlier attempt may have reached Slack, so its history is searched before the next one.
    revision: what the message should display; displayed: what it displayed last.
    body: what the kind needs besides, as JSON that only the kind's own reader understands.
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
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeparture:
    """A work order to be. name: its natural key as text, from which the key in Slack's metadata is made."""

    name: str
    team: TeamId
    kind: DepartureKind
    channel: ChannelId
    due_at: Micros
    thread_ts: Ts | None = None
    body: str = "{}"

    @property
    def key(self) -> Key:
        made = hashlib.sha256(f"{self.team}|{self.kind.name}|{self.name}".encode()).hexdigest()
        return Key(made[:32])


def retry_in(attempts: int) -> float:
    """Seconds until the next try after so many attempts: 2, 4, 8, 16, then 30."""
    return min(LAST_RETRY, FIRST_RETRY * 2.0 ** min(max(attempts - 1, 0), 10))
