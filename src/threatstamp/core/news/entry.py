"""An entry: one piece of news in a feed document, whatever the format."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from threatstamp.core.news.feed import Problem, Validators
from threatstamp.core.time import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A namespaced element, kept for later use. name: with its usual prefix: "sec:cvss", "dcterms:issued"."""

    name: str
    text: str
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry. Plain text, not escaped; None means not known.

    entry_id: Atom's id, RSS's guid or RDF's about; if there is none, derived from other values.
    own_id: True if the publisher gave it. link: an absolute http(s) address.
    """

    entry_id: str
    own_id: bool = True
    title: str | None = None
    link: str | None = None
    summary: str | None = None
    published_at: Micros | None = None
    updated_at: Micros | None = None
    authors: tuple[str, ...] = ()
    elements: tuple[Element, ...] = ()

    @property
    def at(self) -> Micros | None:
        """When it was published; if only an update is dated, then."""
        return self.updated_at if self.published_at is None else self.published_at

    def texts(self) -> Iterator[str]:
        """Yields what it says beside its title: its summary, and the elements of its own."""
        yield self.summary or ""
        for one in self.elements:
            yield one.text
            yield from (value for _, value in one.attributes)


_DERIVED = "sha256:"


def derived_id(entry: Entry) -> str:
    """Returns an id for an entry whose publisher gave none that is its own: a digest of link, title and time.

    The summary counts only where there is no title: publishers complete it later.
    """
    words = [entry.title or "", "" if entry.title else entry.summary or "", str(entry.at or "")]
    said = "\x1f".join([*words, entry.link] if entry.link else words)
    return _DERIVED + hashlib.sha256(said.encode(errors="replace")).hexdigest()


def is_derived(entry_id: str) -> bool:
    return entry_id.startswith(_DERIVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed document as read: its entries in document order, each id once.

    A broken document may have both a problem and the entries that could be read.
    """

    title: str | None = None
    link: str | None = None
    entries: tuple[Entry, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The result of one request. Exactly one of document, unchanged and problem is set.

    A document may have a problem of its own. validators: to be stored; None keeps the old ones.
    moved_to: the address to use from now on (301, 308). retry_after: seconds, from the header of that name.
    gone: the server said 410, so the feed is not requested again.
    """

    document: Document | None = None
    unchanged: bool = False
    problem: Problem | None = None
    validators: Validators | None = None
    moved_to: str | None = None
    retry_after: float | None = None
    gone: bool = False
