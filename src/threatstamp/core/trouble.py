"""A trouble: something that needs an operator, from the moment it is found until it is fixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from threatstamp.core.time import Micros


class TroubleKind(StrEnum):
    """What can be wrong. Each kind has sentences in the rooms `status` (trouble_*) and `slack` (alert_*)."""

    LATE = "late"
    """Messages into a channel (the subject) have waited too long."""
    UNDELIVERABLE = "undeliverable"
    """Slack refused a message for good. Subject: channel and code."""
    EDIT = "edit"
    """Slack refused to edit a message that it has. Subject: channel and code."""
    SWEEP = "sweep"
    """A source channel cannot be read."""
    PEOPLE = "people"
    """A group or a person cannot be read, and stamps wait for that."""
    LOST = "lost"
    """A name in the file cannot be found in the workspace."""
    SETTINGS = "settings"
    """The changed file is wrong; the old one goes on."""
    SOCKET = "socket"
    """The connection to Slack is lost."""
    FEED = "feed"
    FEED_BROKEN = "feed_broken"
    FEED_GONE = "feed_gone"
    FEED_OVERFLOW = "feed_overflow"
    FEED_SILENT = "feed_silent"


OF_DELIVERY = (TroubleKind.LATE, TroubleKind.UNDELIVERABLE, TroubleKind.EDIT)
"""Kinds that end by themselves once nothing late or refused is left."""

OF_FEEDS = (
    TroubleKind.FEED,
    TroubleKind.FEED_BROKEN,
    TroubleKind.FEED_GONE,
    TroubleKind.FEED_OVERFLOW,
    TroubleKind.FEED_SILENT,
)
"""Kinds whose subject is a feed's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something that needs an operator. At most one of a kind and subject is open at a time.

    subject: what it is about (a channel, a feed, a name). values: for the sentence.
    told: alerts know of it as it is now, open or fixed.
    """

    kind: TroubleKind
    subject: str
    values: Mapping[str, str] = field(default_factory=dict)
    opened_at: Micros
    fixed_at: Micros | None = None
    told: bool = False


def refused_subject(channel: str, code: str) -> str:
    """Returns what a trouble about a refused message is about: one for each channel and code of Slack's."""
    return f"{channel}:{code}"
