"""RSS 0.9x, 1.0 and 2.0, and JVNRSS: items, with everything of dc, dcterms and sec kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from threatstamp.core.news.entry import Entry
from threatstamp.core.time import Micros
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
from threatstamp.feeds.links import absolute, is_web
from threatstamp.feeds.namespaces import RSS, family
from threatstamp.feeds.structured import typed_line, typed_lines, untyped_line, untyped_lines
from threatstamp.feeds.tree import Node

_TITLES = ("title", "atom:title", "dc:title")
_SUMMARIES = (
    "description",
    "atom:summary",
    "dc:description",
    "dcterms:abstract",
    "content:encoded",
    "atom:content",
    "xhtml:body",
    "xhtml:div",
    "body",
    "fullitem",
)
_PUBLISHED = ("pubdate", "dcterms:issued", "atom:published", "dcterms:created", "dcterms:available")
_UPDATED = ("dcterms:modified", "atom:updated")
_DATED = ("dc:date", "dcterms:date")


def is_rss(root: Node) -> bool:
    """True for the roots of RSS. RDF alone is none: other things are written in it, too."""
    if root.name in ("rss", "channel", "item"):
        return True
    if root.name.lower() not in ("rdf:rdf", "rdf"):
        return False
    spoken = any(family(uri) == RSS for uri in root.attributes.values())
    return spoken or any(one.name in ("channel", "item") for one in root.nodes)


def read_rss(roots: Sequence[Node], setting: Setting) -> FeedDraft:
    """Reads title and link from the first channel, and items wherever they are.

    A relative link counts from the nearest xml:base, else from the channel's link, else from the document.
    """
    root, channel = next(_channels(roots), (roots[0], None))
    children = children_of(channel) if channel else {}
    link = _link(children, based(setting.base, root, channel))
    around = link or setting.base
    drafts, more = collect(
        _item(node, based(around, *outer, node), setting)
        for node, outer in _items(roots)
        if says_anything(node) or node.attribute("about")
    )
    return FeedDraft(title=_title(children), link=link, drafts=drafts, more=more)


def _channels(roots: Iterable[Node]) -> Iterator[tuple[Node, Node]]:
    for root in roots:
        if root.name == "channel":
            yield root, root
        yield from ((root, node) for node in root.nodes if node.name == "channel")


def _items(roots: Iterable[Node]) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    """Returns each whole item with the elements around it."""
    for root in roots:
        if root.name == "item":
            yield from ((root, ()) for _ in (1,) if root.whole)
            continue
        for node in root.nodes:
            if node.name in ("channel", "items"):
                yield from ((one, (root, node)) for one in node.nodes if one.name == "item" and one.whole)
            elif node.name == "item" and node.whole:
                yield node, (root,)


def _item(node: Node, base: str | None, setting: Setting) -> Draft:
    children = children_of(node)
    guid = next((text for one in children.get("guid", ()) if (text := one.text().strip())), None)
    about = node.attribute("about")
    published, updated = _times(children, setting)
    return Draft(
        ids=(guid, about),
        entry=Entry(
            entry_id="",
            title=_title(children),
            link=_link(children, base) or _permalink(children) or absolute(about, None),
            summary=_summary(children),
            published_at=published,
            updated_at=updated,
            authors=_authors(children),
            elements=tuple(kept_elements(node)),
        ),
    )


def _title(children: Children) -> str | None:
    for name in _TITLES:
        for node in children.get(name, ()):
            if found := typed_line(node) if name == "atom:title" else untyped_line(node):
                return found
    return None


def _summary(children: Children) -> str | None:
    for name in _SUMMARIES:
        for node in children.get(name, ()):
            if found := typed_lines(node) if name.startswith("atom:") else untyped_lines(node):
                return found
    return None


def _link(children: Children, base: str | None) -> str | None:
    """Returns the first link that is one: RSS's own, else Atom's alternate."""
    for node in children.get("link", ()):
        if found := absolute(node.text(), based(base, node)):
            return found
    for node in (*children.get("link", ()), *children.get("atom:link", ())):
        if node.attributes.get("rel", "alternate") == "alternate" and (
            found := absolute(node.attributes.get("href"), based(base, node))
        ):
            return found
    return None


def _permalink(children: Children) -> str | None:
    """Returns the guid where it is a link and does not say that it is none."""
    for node in children.get("guid", ()):
        says = next((value for key, value in node.attributes.items() if key.lower() == "ispermalink"), "true")
        link = node.text().strip()
        if says.strip().lower() != "false" and is_web(link):
            return absolute(link, None)
    return None


def _times(children: Children, setting: Setting) -> tuple[Micros | None, Micros | None]:
    """Returns when an item was published and updated.

    dc:date says the latest of both: beside an issue date it is an update, alone it is the publication.
    """
    published = first_time(children, _PUBLISHED, setting.zone)
    updated = first_time(children, _UPDATED, setting.zone)
    dated = first_time(children, _DATED, setting.zone)
    if published is None and updated is None:
        return dated, None
    if updated is None and dated is not None and dated != published and "dcterms:issued" in children:
        return published, dated
    return published, updated


def _authors(children: Children) -> tuple[str, ...]:
    for names in (("author", "dc:creator", "dc:author"), ("atom:author",), ("managingeditor",)):
        found = people(person(name_in(node)) for name in names for node in children.get(name, ()))
        if found:
            return found
    return ()
