"""The inbox: events from Slack, stored durably before they are acknowledged, until they are processed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxEvent:
    """An event that waits. body: Slack's own JSON. attempts: including the present one."""

    id: int
    body: str
    attempts: int


class ReadInbox(Protocol):
    """Events that wait."""

    def counts(self) -> tuple[int, int]:
        """Returns how many events wait, and how many failed for good."""


class Inbox(ReadInbox, Protocol):
    """The same, to write."""

    def forget(self, event: int) -> None:
        """Deletes a processed event, in the transaction that records what follows from it."""
