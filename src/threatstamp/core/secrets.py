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
    # user name and password in a URL; a password may hold "/" and "@", and a number before "/" is a port
    r"|(?<=://)[^/@:\s\"'<>]*:(?!\d{1,5}[/?#])[^\s\"'<>]{1,500}(?=@)"
    r"|(?<=\bpassword=)[^\s&;#\"'\\]+"  # PostgreSQL's other way to write an address
)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://[^\s\"'<>\\]{0,4000}[?#;][^\s\"'<>\\（）「」、。]+")
_VALUE = re.compile(r"(?<=[?&;#])([^=&;#?]*=)?([^&;#]+)")
_QUERY = re.compile(r"(?<=[?&])[A-Za-z_][\w.\[\]-]{0,60}=[^\s&#\"'<>\\（）「」、。]+")
"""Part of a query in an address without a scheme, or in the first line of a request: `GET /feed?key=…`."""

_FLAG = re.compile(r"(?:rss|rdf|atom|feed|xml|json|index|all|full|new|latest|ja|jp|en)\d?", re.IGNORECASE)
"""A query without a value that says what is wanted: `?rss`. Anything else there may be a key."""

_ANCHOR = re.compile(r"[A-Za-z][A-Za-z-]{0,40}")
"""A place within a page: `#errors`."""

_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


def hide(text: str) -> str:
    """Returns text in which every token, password, ticket, webhook path and query value is "***"."""
    hidden = _ADDRESS.sub(_without_values, _SECRETS.sub(HIDDEN, text))
    return _QUERY.sub(lambda part: part[0].partition("=")[0] + f"={HIDDEN}", hidden)


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
    is_anchor = part.string[part.start() - 1] == "#" and _ANCHOR.fullmatch(value)
    return part[0] if not name and (is_anchor or _FLAG.fullmatch(value)) else f"{name}{HIDDEN}"
