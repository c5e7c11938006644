"""An entry: one piece of news as a feed document gives it, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.news.feed import Problem, Validators
from threatstamp.core.time import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A namespaced element that is kept for later use, by its usual prefix: "sec:cvss", "dcterms:issued"."""

    name: str
    text: str
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry. Plain text, nothing escaped; None: not known.

    entry_id: what the feed calls it (Atom's id, RSS's guid, RDF's about), else what stands for that.
    link: an absolute http(s) address.
    """

    entry_id: str
    title: str | None = None
    link: str | None = None
    summary: str | None = None
    published_at: Micros | None = None
    updated_at: Micros | None = None
    authors: tuple[str, ...] = ()
    elements: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed document as read: entries in its own order, each id once, and what is wrong with it.

    Entries that could be saved from a broken document come with its problem.
    """

    title: str | None = None
    link: str | None = None
    entries: tuple[Entry, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of one question. Exactly one of document, unchanged and problem says how it went;
    a document may carry a problem of its own.

    validators: to be kept, None to keep the old ones. moved_to: the address to ask from now on.
    retry_after: seconds that the server wants to be left alone. gone: it said 410, and is not asked again.
    """

    document: Document | None = None
    unchanged: bool = False
    problem: Problem | None = None
    validators: Validators | None = None
    moved_to: str | None = None
    retry_after: float | None = None
    gone: bool = False
