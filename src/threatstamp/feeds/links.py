"""Links: absolute, http or https, and safe to show; anything else is no link."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

from threatstamp.feeds.plain import says_nothing

LONGEST = 4_000
MOST_STEPS = 200
"""A base of more is none: each link is joined to every step of it."""
_BROKEN_LINES = re.compile(r"[\t\r\n]")
_UNSAFE = re.compile(
    r"""[\s<>"|\\^`{}\x00-\x20\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\uffff\ud800-\udfff]"""
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


def absolute(link: str | None, base: str | None) -> str | None:
    """Returns an absolute http(s) link, resolved against base; None for everything else."""
    if link is None or len(link) > LONGEST:
        return None
    link = _BROKEN_LINES.sub("", link.strip())
    if not link or says_nothing(link):
        return None
    try:
        return _web(_joined(link, base))
    except ValueError:
        return None


def joined_base(base: str | None, more: str | None) -> str | None:
    """Returns the base that an xml:base makes of the one around it; a broken one changes nothing."""
    return absolute(more, base) or base if more else base


def is_web(link: str) -> bool:
    """True for what is an absolute http(s) link by itself."""
    return link[:8].lower().startswith(("http://", "https://")) and absolute(link, None) is not None


def _joined(link: str, base: str | None) -> str:
    if _SCHEME.match(link):
        return link
    if link.startswith("//") and base is None:
        return "https:" + link
    return urljoin(base, link) if base and base.count("/") <= MOST_STEPS else link


def _web(link: str) -> str | None:
    parts = urlsplit(link)
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or not link[len(parts.scheme) :].startswith("://")
    ):
        return None
    _ = parts.port  # raises ValueError for what is no port
    if _UNSAFE.search(parts.netloc):
        return None
    link = parts.scheme + link[len(parts.scheme) :]  # Slack knows it in small letters only
    if _UNSAFE.search(link):
        link = _UNSAFE.sub(lambda match: quote(match[0], safe="", errors="replace"), link)
    return link if len(link) <= LONGEST else None
