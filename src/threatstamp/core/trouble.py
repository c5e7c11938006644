"""A trouble: a condition that needs an operator, from the moment it is found until it is fixed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from threatstamp.core.time import Micros


class TroubleKind(StrEnum):
    """What can be wrong. Each kind has texts in the catalogues `status` (trouble_*) and `slack` (alert_*)."""

    LATE = "late"
    """Messages into a channel have failed for too long. Subject: the channel."""
    UNDELIVERABLE = "undeliverable"
    """Slack refused a message for good. Subject: channel and error code."""
    EDIT = "edit"
    """Slack refused to edit a message of ours for good. Subject: channel and error code."""
    SWEEP = "sweep"
    """A source channel cannot be read. Subject: the channel."""
    POST = "post"
    """A post, or a waiting stamp on it, cannot be taken, and is tried again. Subject: pass, channel, ts."""
    CASE = "case"
    """The case of a post could not be opened; its forward went out without. Subject: channel, ts."""
    PEOPLE = "people"
    """A group or a person cannot be read, and stamps wait for that. Subject: its id."""
    LOST = "lost"
    """A name in the settings file cannot be found in the workspace. Subject: the name."""
    AMBIGUOUS = "ambiguous"
    """A name in the settings file could mean several things. Subject: the name."""
    SETTINGS = "settings"
    """The changed settings file is wrong, so the previous one stays in force. No subject."""
    SOCKET = "socket"
    """The Socket Mode connection is lost, or no process takes events. No subject."""
    CONNECTIONS = "connections"
    """Slack counts more connections of this app than there are processes of ours. No subject."""
    SHEET = "sheet"
    """A tab of the spreadsheet cannot be read or written. Subject: its name."""
    TICKET = "ticket"
    """Tickets cannot be made in a tracker, or not be asked for. Subject: its name."""
    FACTS = "facts"
    """A source of facts about vulnerabilities cannot be fetched. Subject: its name."""
    FEED = "feed"
    """A feed cannot be read, and is held back."""
    FEED_BROKEN = "feed_broken"
    """A feed's document is broken, but some of its entries can be read."""
    FEED_GONE = "feed_gone"
    """A feed's server said 410 (Gone); the feed is not polled any more."""
    FEED_OVERFLOW = "feed_overflow"
    """A feed probably dropped entries between two rounds."""
    FEED_SILENT = "feed_silent"
    """A feed has brought nothing for unusually long."""


OF_DELIVERY = (TroubleKind.LATE, TroubleKind.UNDELIVERABLE, TroubleKind.EDIT)
"""Kinds that are closed once the outbox holds nothing late or refused any more."""

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
    """A condition that needs an operator. At most one of a kind and subject is open at a time.

    subject: what it is about (a channel, a feed, a name). values: the placeholders of its sentence.
    told: an alert about it has been ordered.
    """

    kind: TroubleKind
    subject: str
    values: Mapping[str, str] = field(default_factory=dict)
    opened_at: Micros
    fixed_at: Micros | None = None
    told: bool = False


def refused_subject(channel: str, code: str) -> str:
    """Returns the subject of a trouble about a refused message: one for each channel and error code."""
    return f"{channel}:{code}"
