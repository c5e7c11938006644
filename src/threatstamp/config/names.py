"""The forms in which people write channels, people, groups and mentions."""

from __future__ import annotations

import re

from threatstamp.core.ids import is_channel_id, is_group_id, is_user_id

_CHANNEL_NAME = re.compile(r"#[^\s#@<>,&|:;\"'()\[\]{}/\\!?.]{1,80}")
_WRAPPED_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_WRAPPED_GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]+)(?:\|[^>]*)?>")
_WRAPPED_CHANNEL = re.compile(r"<#([CG][A-Z0-9]+)(?:\|[^>]*)?>")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_HANDLE = re.compile(r"@[^\s@<>&,]{1,80}")

EVERYONE = frozenset({"channel", "@channel", "<!channel>", "everyone", "@everyone", "<!everyone>"})
HERE = frozenset({"here", "@here", "<!here>"})


def channel_name(text: str) -> str | None:
    """Returns "#name" or an id; None for what cannot be a channel."""
    wrapped = _WRAPPED_CHANNEL.fullmatch(text)
    if wrapped:
        return wrapped[1]
    return text if is_channel_id(text) or _CHANNEL_NAME.fullmatch(text) else None


def person_name(text: str) -> str | None:
    """Returns a user or group id, an e-mail address or an @handle; None for anything else."""
    for wrapped in (_WRAPPED_USER, _WRAPPED_GROUP):
        match = wrapped.fullmatch(text)
        if match:
            return match[1]
    if text in EVERYONE or text in HERE:
        return None
    is_name = is_user_id(text) or is_group_id(text) or _EMAIL.fullmatch(text) or _HANDLE.fullmatch(text)
    return text if is_name else None


def mention_name(text: str) -> str | None:
    """Like `person_name`, and "here"."""
    return "here" if text in HERE else person_name(text)
