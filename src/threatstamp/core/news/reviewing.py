"""What nobody has stamped, and the act that says of all of it at once: seen, not ours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.news.story import Story
from threatstamp.core.time import DAY, Micros

REVIEW_SPAN = 7 * DAY
"""Microseconds. What was told longer ago is not counted any more; Monday morning has the weekend's."""

MOST_AT_ONCE = 2_000
"""Stories that one act marks, so that its entry in the ledger stays below 100 kB; another one goes on."""


class Reopened(StrEnum):
    """Why a story waits to be reviewed again. Each has words `reopened_…` in the catalogue `reviews`."""

    UNDONE = "undone"
    """A person took the act back."""
    LISTED = "listed"
    """A vulnerability in it is in CISA's catalogue now."""
    RULED = "ruled"
    """Its priority is higher."""
    TOUCHED = "touched"
    """It concerns a product of the company's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreviewed:
    """Stories that are posted, neither stamped nor reviewed. stories: the newest of them."""

    count: int = 0
    stories: tuple[Story, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """That a story was reviewed by such an act. act: its number in the ledger.

    ended_at: since when it waits to be reviewed again.
    """

    act: int
    at: Micros
    ended_at: Micros | None
