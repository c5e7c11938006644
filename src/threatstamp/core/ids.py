"""The ids that Slack and the desk give to things, each of its own type."""

from __future__ import annotations

import re
from typing import NewType

TeamId = NewType("TeamId", str)
ChannelId = NewType("ChannelId", str)
UserId = NewType("UserId", str)
GroupId = NewType("GroupId", str)
Ts = NewType("Ts", str)
"""Slack's message or event time, "seconds.microseconds" as text; the id of a message in its channel."""

Emoji = NewType("Emoji", str)
"""A reaction's canonical name: no colons, no skin tone, aliases resolved."""

RouteId = NewType("RouteId", str)
FeedName = NewType("FeedName", str)
"""A feed's identity: the name in the file."""

StoryId = NewType("StoryId", str)
"""32 hex digits."""

Key = NewType("Key", str)
"""What makes a departure recognisable in Slack's history; public, nothing secret."""

FORGOTTEN_USER = "U-REDACTED-"
"""How the name begins that stands in the place of a person whose data were redacted."""

_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")
_USER = re.compile(r"[UW][A-Z0-9]{2,}")
_GROUP = re.compile(r"S[A-Z0-9]{2,}")


def is_channel_id(name: str) -> bool:
    return bool(_CHANNEL.fullmatch(name))


def is_user_id(name: str) -> bool:
    return bool(_USER.fullmatch(name))


def is_group_id(name: str) -> bool:
    return bool(_GROUP.fullmatch(name))
