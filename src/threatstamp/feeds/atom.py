"""Atom 1.0 and 0.3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from threatstamp.core.news.entry import Entry
from threatstamp.feeds.children import (
    Children,
    based,
    children_of,
    first_time,
    kept_elements,
    name_in,
    says_anything,
)
from threatstamp.feeds.drafts import Draft, FeedDraft, Setting, collect, people, person
from threatstamp.feeds.links import absolute
from threatstamp.feeds.namespaces import ATOM, family
from threatstamp.feeds.structured import typed_line, typed_lines
from threatstamp.feeds.tree import Node

_PAGES = ("", "text/html", "application/xhtml+xml")
_ALTERNATE = ("", "alternate", "http://www.iana.org/assignments/relation/alternate")
_PUBLISHED = ("published", "issued", "created", "dcterms:issued", "dc:date")
_UPDATED = ("updated", "modified", "dcterms:modified")
_OWN = frozenset({"title", "id", "updated", "entry", "modified", "link", "tagline", "subtitle", "author"})


def is_atom(root: Node) -> bool:
    """True for a feed, or an entry by itself. The name proves nothing: Atom must be declared or in it."""
    if root.name not in ("feed", "entry"):
        return False
    names = [one.name for one in root.nodes]
    spoken = any(family(uri) == ATOM for uri in root.attributes.values())
    return spoken or not names or not _OWN.isdisjoint(names)


def read_atom(roots: Sequence[Node], setting: Setting) -> FeedDraft:
    """Reads the first feed's title and link, and the entries of all.

    A relative link counts from xml:base, else from the document's address, else from the feed's own links. An
    entry by itself is a feed of one; it may say where it was taken from.
    """
    root = roots[0]
    children = children_of(root)
    if root.name == "entry":
        children = next((children_of(source) for source in children.get("source", ())), {})
    base = setting.base or _address(children)
    link = _alternate(children, based(base, root))
    drafts, more = collect(
        _entry(node, outer, base, names, setting) for outer, names in _feeds(roots) for node in _whole(outer)
    )
    return FeedDraft(title=_title(children), link=link, drafts=drafts, more=more)


def _feeds(roots: Iterable[Node]) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """Returns each feed with its authors, which its entries inherit."""
    for root in roots:
        yield root, _authors(children_of(root)) if root.name == "feed" else ()


def _whole(root: Node) -> Iterator[Node]:
    for node in (root,) if root.name == "entry" else root.nodes:
        if node.name == "entry" and node.whole and says_anything(node):
            yield node


def _entry(node: Node, feed: Node, base: str | None, inherited: tuple[str, ...], setting: Setting) -> Draft:
    children = children_of(node)
    return Draft(
        ids=(_text(children, "id"), node.attribute("about")),
        entry=Entry(
            entry_id="",
            title=_title(children),
            link=_alternate(children, based(base, *((feed,) if feed is not node else ()), node)),
            summary=_summary(children),
            published_at=first_time(children, _PUBLISHED, setting.zone),
            updated_at=first_time(children, _UPDATED, setting.zone),
            authors=_authors(children) or inherited,
            elements=tuple(kept_elements(node)),
        ),
    )


def _address(children: Children) -> str | None:
    for wanted in ("self", "alternate"):
        for node in children.get("link", ()):
            if node.attributes.get("rel", "alternate") == wanted and (
                found := absolute(node.attributes.get("href"), None)
            ):
                return found
    return None


def _alternate(children: Children, base: str | None) -> str | None:
    """Returns the page that says the same: an alternate link, of HTML before other types."""
    found: list[tuple[bool, str]] = []
    for node in children.get("link", ()):
        if node.attributes.get("rel", "").strip().lower() not in _ALTERNATE:
            continue
        link = absolute(node.attributes.get("href") or node.text(), based(base, node))
        if link:
            kind = node.attributes.get("type", "").partition(";")[0].strip().lower()
            found.append((kind not in _PAGES, link))
    return min(found, key=lambda one: one[0])[1] if found else None


def _title(children: Children) -> str | None:
    return next((found for node in children.get("title", ()) if (found := typed_line(node))), None)


def _summary(children: Children) -> str | None:
    nodes = (*children.get("summary", ()), *children.get("content", ()))
    return next((found for node in nodes if (found := typed_lines(node))), None)


def _text(children: Children, name: str) -> str | None:
    return next((found for node in children.get(name, ()) if (found := node.text().strip())), None)


def _authors(children: Children) -> tuple[str, ...]:
    """Returns the authors, else those of the feed that an entry was taken from."""
    sources = [children_of(node) for node in children.get("source", ())]
    for around in (children, *sources):
        if found := people(person(name_in(node)) for node in around.get("author", ())):
            return found
    return people(person(node.text()) for node in children.get("dc:creator", ()))
