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
    r"|(?<=\bpassword=)[^\s&;#\"'\\]+"  # PostgreSQL's other way to write an address
)
_WORD = re.compile(r"[^\s\"'<>]+")
"""What one address can stand in. Each word is looked through once, whatever it pretends to be."""

_LOGIN = re.compile(r"://([^/@:]*):")
_PORT = re.compile(r"\d{1,5}[/?#]")
_HOST = re.compile(r"[^/?#@:]+\.[^/?#@:]")
_ADDRESS_WORD = re.compile(r"[^\s\"'<>\\]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://")
_ASKED = re.compile(r"[?#;][^（）「」、。]+")
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
    if "://" in text:
        text = _WORD.sub(_without_login, text)
    hidden = _SECRETS.sub(HIDDEN, text)
    if "://" in hidden:
        hidden = _ADDRESS_WORD.sub(_without_values, hidden)
    return _QUERY.sub(lambda part: part[0].partition("=")[0] + f"={HIDDEN}", hidden)


def hide_path(address: str) -> str:
    """Returns only the scheme and the server of an address that is a secret as a whole."""
    found = _ORIGIN.match(address)
    return hide(f"{found[0]}/{HIDDEN}") if found else HIDDEN


def holds_token(text: str) -> bool:
    """True if text contains something that looks like a Slack token."""
    return bool(_TOKENS.search(text))


def _without_login(word: re.Match[str]) -> str:
    """Hides user name and password, which may hold "/" and "@": up to the last "@" of the word."""
    text = word[0]
    end = text.rfind("@")
    leads_on = bool(_HOST.match(text, end + 1))
    for login in _LOGIN.finditer(text, 0, max(end, 0)):
        is_port = _PORT.match(text, login.end()) and not leads_on and _is_host(login[1])
        if login.end() < end and not is_port:
            return text[: login.start(1)] + HIDDEN + text[end:]
    return text


def _is_host(name: str) -> bool:
    """True if a number after it is a port: a user's name before a password has seldom a dot."""
    return name == "localhost" or bool(_HOST.match(name))


def _without_values(word: re.Match[str]) -> str:
    text = word[0]
    begin, end = _SCHEME.search(text), 0
    if begin is None:
        return text
    for asked in _ASKED.finditer(text, begin.end()):
        end = asked.end()
    address = text[begin.start() : end]
    return text[: begin.start()] + _VALUE.sub(_without_value, address) + text[max(begin.start(), end) :]


def _without_value(part: re.Match[str]) -> str:
    name, value = part[1] or "", part[2]
    is_anchor = part.string[part.start() - 1] == "#" and _ANCHOR.fullmatch(value)
    return part[0] if not name and (is_anchor or _FLAG.fullmatch(value)) else f"{name}{HIDDEN}"
