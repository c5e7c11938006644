"""Namespaces by the prefix that everyone knows, whatever prefix or spelling a document uses."""

from __future__ import annotations

RSS = "rss"
ATOM = "atom"
_PREFIXES = {
    "purl.org/rss/1.0": RSS,
    "my.netscape.com/rdf/simple/0.9": RSS,
    "channel.netscape.com/rdf/simple/0.9": RSS,
    "my.netscape.com/publish/formats/rss-0.91.dtd": RSS,
    "backend.userland.com/rss": RSS,
    "backend.userland.com/rss2": RSS,
    "backend.userland.com/rss091": RSS,
    "blogs.law.harvard.edu/tech/rss": RSS,
    "cyber.law.harvard.edu/rss": RSS,
    "www.rssboard.org/rss-specification": RSS,
    "www.w3.org/2005/atom": ATOM,
    "purl.org/atom/ns": ATOM,
    "www.w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    "www.w3.org/xml/1998/namespace": "xml",
    "www.w3.org/1999/xhtml": "xhtml",
    "purl.org/dc/elements/1.1": "dc",
    "purl.org/dc/elements/1.0": "dc",
    "purl.org/dc/terms": "dcterms",
    "purl.org/rss/1.0/modules/content": "content",
    "jvn.jp/rss/mod_sec": "sec",
    "search.yahoo.com/mrss": "media",
    "www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
}
_CONVENTIONAL = frozenset(_PREFIXES.values()) - {"xhtml"}


def family(uri: str) -> str | None:
    """Returns the usual prefix of a namespace; None for one that we do not know."""
    key = uri.strip().lower().removeprefix("http://").removeprefix("https://").rstrip("/#")
    if key.startswith("jvn.jp/rss/mod_sec/"):
        return "sec"
    return _PREFIXES.get(key)


def undeclared(prefix: str) -> str | None:
    """Returns what a prefix that nobody declared is taken for."""
    return prefix.lower() if prefix.lower() in _CONVENTIONAL else None
