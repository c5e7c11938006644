"""The inbox: events that were kept before they were acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEvent:
    """An event that waits: Slack's own JSON, until it is processed."""

    id: int
    body: str
    attempts: int


class ReadInbox(Protocol):
    """What waits."""

    def counts(self) -> tuple[int, int]:
        """Returns how many events wait, and how many failed for good."""


class Inbox(ReadInbox, Protocol):
    """The same, to write."""

    def forget(self, event: int) -> None:
        """An event is processed, in the very transaction that recorded what it says."""
