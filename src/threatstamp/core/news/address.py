"""A feed's address: what of it may be displayed, and how it is remembered without its secrets.

An address may hold a key (`?key=…`). It is in the settings file or the environment, and the desk asks with
it; the database, the ledger, exports and displays have it with its values hidden. Where a feed has moved to
is remembered in that form, too, if the hidden values can be filled in from the known address again.
"""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit, urlunsplit

from threatstamp.core.secrets import HIDDEN, hide, hide_path


def shown_address(url: str, *, whole: bool) -> str:
    """Returns an address as it may be displayed and recorded. whole: even its path is a secret."""
    return hide_path(url) if whole else hide(url)


def address_key(url: str) -> str:
    """Returns a digest by which an address is known again: SHA-256, 64 hex digits."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()


def remembered(url: str, *, known: str, whole: bool) -> str | None:
    """Returns an address in the form that `recalled` understands; None if it holds other secrets than known.

    Such an address is not remembered: the known one is asked again, and leads there again.
    """
    shown = shown_address(url, whole=whole)
    return shown if recalled(shown, known=known, whole=whole) == url else None


def recalled(shown: str, *, known: str, whole: bool) -> str:
    """Returns the address to ask: what is displayed, with the hidden values of the known address.

    The known address itself, if it has none of that name.
    """
    if shown == shown_address(known, whole=whole):
        return known
    there, here = urlsplit(shown), urlsplit(known)
    if whole:
        return urlunsplit((there.scheme, there.netloc, here.path, here.query, ""))
    query = _filled(there.query, here.query)
    return known if query is None else urlunsplit(there._replace(query=query))


def _filled(query: str, known: str) -> str | None:
    """Returns a query with its hidden values filled in, in the order of each name; None if one is missing."""
    values: dict[str, list[str]] = {}
    for part in known.split("&"):
        name, sign, value = part.partition("=")
        values.setdefault(name + sign if sign else "", []).append(value if sign else name)
    filled: list[str] = []
    for part in query.split("&"):
        name = part.removesuffix(HIDDEN)
        if name == part:
            filled.append(part)
        elif values.get(name):
            filled.append(name + values[name].pop(0))
        else:
            return None
    return "&".join(filled)
