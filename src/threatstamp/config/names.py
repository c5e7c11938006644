"""How people write channels, people, groups and mentions, and the one form that each is kept in."""

from __future__ import annotations

import re
import unicodedata

from threatstamp.core.ids import is_channel_id, is_group_id, is_user_id

_CHANNEL_NAME = re.compile(r"#[^\s#@<>,&|:;\"'()\[\]{}/\\!?.*`~=+%^$、。]{1,80}")
_WRAPPED_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_WRAPPED_GROUP = re.compile(r"<!subteam\^(S[A-Z0-9]+)(?:\|[^>]*)?>")
_WRAPPED_CHANNEL = re.compile(r"<#([CG][A-Z0-9]+)(?:\|[^>]*)?>")
_TOWN = r"https://[a-z0-9.-]+\.slack\.com"
_LINKED_CHANNEL = re.compile(rf"{_TOWN}/(?:archives|client/[TE][A-Z0-9]+)/([CG][A-Z0-9]+)/?")
_LINKED_USER = re.compile(rf"{_TOWN}/team/([UW][A-Z0-9]+)/?")
_WRAPPED_EMAIL = re.compile(r"<mailto:([^|>]+)(?:\|[^>]*)?>")
_WRAPPED_CALL = re.compile(r"<!(here|channel|everyone)(?:\|[^>]*)?>", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s<>|,]+@[^@\s<>|,]+\.[^@\s<>|,]+")
_HANDLE = re.compile(r"@[^\s@<>&|,]{1,80}")


def channel_name(text: str) -> str | None:
    """Returns "#name" as Slack writes it, or an id, also out of a link; None for what cannot be a channel."""
    wrapped = _WRAPPED_CHANNEL.fullmatch(text) or _LINKED_CHANNEL.fullmatch(text)
    if wrapped:
        return wrapped[1]
    if is_channel_id(text):
        return text
    name = unicodedata.normalize("NFC", text).lower()
    name = f"#{name[1:]}" if name.startswith("＃") else name
    return name if _CHANNEL_NAME.fullmatch(name) else None


def is_everyone(text: str) -> bool:
    """True for what calls all people of a channel, or of the workspace."""
    return _call(text) in ("channel", "everyone")


def person_name(text: str) -> str | None:
    """Returns a user or group id, an e-mail address or an @handle; None for anything else."""
    for wrapped in (_WRAPPED_USER, _WRAPPED_GROUP, _WRAPPED_EMAIL, _LINKED_USER):
        match = wrapped.fullmatch(text)
        if match:
            text = match[1]
    if _call(text):
        return None
    is_name = is_user_id(text) or is_group_id(text) or _EMAIL.fullmatch(text) or _HANDLE.fullmatch(text)
    return text if is_name else None


def mention_name(text: str) -> str | None:
    """Like `person_name`, and "here"."""
    return "here" if _call(text) == "here" else person_name(text)


def _call(text: str) -> str | None:
    """Returns "here", "channel" or "everyone", however it is written."""
    wrapped = _WRAPPED_CALL.fullmatch(text)
    word = (wrapped[1] if wrapped else text.removeprefix("@")).lower()
    return word if word in ("here", "channel", "everyone") else None
