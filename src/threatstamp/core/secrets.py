"""One filter for whatever leaves the desk: logs, errors, printed words, exports. No secret passes it.

Tokens are recognised by their form, since a library or a person may put one anywhere.
"""

from __future__ import annotations

import re

HIDDEN = "***"
_FORM = r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{6,}|xapp-[A-Za-z0-9-]{6,}"
_TOKENS = re.compile(_FORM)
_SECRETS = re.compile(
    rf"{_FORM}"
    r"|(?<=ticket=)[A-Za-z0-9-]+"  # of Socket Mode's address
    r"|(?<=hooks\.slack\.com/)[A-Za-z]+/[A-Za-z0-9/]{6,}"  # an incoming webhook
    r"|(?<=://)[^/@\s\"']*:[^/@\s\"']+(?=@)"  # name and password in an address
)


def hide(text: str) -> str:
    """Returns text with every token, password and ticket in it replaced by stars."""
    return _SECRETS.sub(HIDDEN, text)


def holds_token(text: str) -> bool:
    """True for text with something like a Slack token in it."""
    return bool(_TOKENS.search(text))
