"""The one filter for everything that leaves the process: logs, errors, output, exports.

Secrets are recognised by their form and not by their value: a library may log a token that this program
never read, and a person may paste one into a channel name.
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
)


def hide(text: str) -> str:
    """Returns text in which every token, password, ticket and webhook path is replaced by "***"."""
    return _SECRETS.sub(HIDDEN, text)


def holds_token(text: str) -> bool:
    """True if text contains something that looks like a Slack token."""
    return bool(_TOKENS.search(text))
