"""The ids of Slack and of the desk, each with a type of its own."""

from __future__ import annotations

import re
from typing import NewType

TeamId = NewType("TeamId", str)
ChannelId = NewType("ChannelId", str)
UserId = NewType("UserId", str)
GroupId = NewType("GroupId", str)
Ts = NewType("Ts", str)
"""A message's or event's time as Slack writes it, "seconds.microseconds"; a message's id in its channel."""

Emoji = NewType("Emoji", str)
"""A reaction's canonical name: without colons and skin tone, aliases resolved."""

RouteId = NewType("RouteId", str)
TrackName = NewType("TrackName", str)
"""Of a track: a value of `Track`, or one of the company's own."""

TrackerName = NewType("TrackerName", str)
"""Of a tracker: its name in the settings file."""

FeedName = NewType("FeedName", str)
"""A feed's identity: its name in the settings file."""

StoryId = NewType("StoryId", str)
"""32 hex digits."""

Key = NewType("Key", str)
"""Identifies a departure in the metadata of its message, so that it can be found in Slack's history.

Public.
"""

FORGOTTEN_USER = "U-REDACTED-"
"""Prefix of the alias that replaces the id of a redacted person."""

_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,}")
_USER = re.compile(r"[UW][A-Z0-9]{2,}")
_GROUP = re.compile(r"S[A-Z0-9]{2,}")


def is_channel_id(name: str) -> bool:
    return bool(_CHANNEL.fullmatch(name))


def is_channel(name: str) -> bool:
    """True for a channel as the settings name it, by its #name or its id."""
    return name.startswith("#") or is_channel_id(name)


def is_user_id(name: str) -> bool:
    return bool(_USER.fullmatch(name))


def is_group_id(name: str) -> bool:
    return bool(_GROUP.fullmatch(name))
