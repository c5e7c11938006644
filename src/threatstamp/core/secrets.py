"""The one filter for everything that leaves the process: logs, errors, output, exports.

Secrets are recognised by their form and not by their value: a library may log a token that this program
never read, and a person may paste one into a channel name. In an address any value of the query may be one
(a feed's `?key=…`, a database's `?password=…`): they are all hidden, and their names are kept.
"""

from __future__ import annotations

import re

HIDDEN = "***"
_FORM = r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{6,}|xapp-[A-Za-z0-9-]{6,}"
_TOKENS = re.compile(_FORM)
_SECRETS = re.compile(
    rf"{_FORM}"
    r"|(?<=ticket=)[A-Za-z0-9-]+"  # the one-time ticket in a Socket Mode URL
    r"|(?<=hooks\.slack\.com/)[A-Za-z]+/[A-Za-z0-9/]{6,}"  # an incoming webhook
    r"|(?<=://)[^/@\s\"']*:[^/@\s\"']+(?=@)"  # user name and password in a URL
    r"|(?<=\bpassword=)[^\s&;#\"'\\]+"  # PostgreSQL's other way to write an address
)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s\"'<>\\]{0,4000}[?#][^\s\"'<>\\（）「」、。]+")
_VALUE = re.compile(r"(?<=[?&;#])([^=&;#?]*=)?([^&;#]+)")
_FLAG = re.compile(r"[A-Za-z]{1,12}")
"""A query without a value that is a word: `?rss`. Anything else there may be a key."""

_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


def hide(text: str) -> str:
    """Returns text in which every token, password, ticket, webhook path and query value is "***"."""
    return _ADDRESS.sub(_without_values, _SECRETS.sub(HIDDEN, text))


def hide_path(address: str) -> str:
    """Returns only the scheme and the server of an address that is a secret as a whole."""
    found = _ORIGIN.match(address)
    return hide(f"{found[0]}/{HIDDEN}") if found else HIDDEN


def holds_token(text: str) -> bool:
    """True if text contains something that looks like a Slack token."""
    return bool(_TOKENS.search(text))


def _without_values(address: re.Match[str]) -> str:
    return _VALUE.sub(_without_value, address[0])


def _without_value(part: re.Match[str]) -> str:
    name, value = part[1] or "", part[2]
    return part[0] if not name and _FLAG.fullmatch(value) else f"{name}{HIDDEN}"
