"""What the readers of XML ask an element for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

from threatstamp.core.news.entry import Element
from threatstamp.core.time import Micros
from threatstamp.feeds import plain
from threatstamp.feeds.dates import read_time
from threatstamp.feeds.links import joined_base
from threatstamp.feeds.tree import Node

_KEPT = ("sec:", "dc:", "dcterms:")

Children = dict[str, list[Node]]


def children_of(node: Node) -> Children:
    """Returns the elements right inside, by name, as they follow."""
    found: Children = {}
    for one in node.content:
        if isinstance(one, Node):
            found.setdefault(one.name, []).append(one)
    return found


def says_anything(node: Node) -> bool:
    """True if an element has content: an empty item is none."""
    return any(one.content or one.attributes for one in node.nodes)


def based(base: str | None, *nodes: Node | None) -> str | None:
    """Returns the base that xml:base makes of another one, from the outside in."""
    for node in nodes:
        if node is not None and "xml:base" in node.attributes:
            base = joined_base(base, node.attributes["xml:base"])
    return base


def first_time(children: Children, names: Iterable[str], zone: ZoneInfo) -> Micros | None:
    """Returns the first date that can be read."""
    for name in names:
        for node in children.get(name, ()):
            found = read_time(node.text(), zone)
            if found is not None:
                return found
    return None


def own_text(node: Node) -> str:
    """Returns the text of an element without that of the elements inside."""
    return "".join(one for one in node.content if isinstance(one, str))


def name_in(node: Node) -> str | None:
    """Returns who a person construct names: by name, else by mail, else by address; plain text as it is."""
    words = {one.name.rpartition(":")[2]: one.text() for one in node.nodes if one.text().strip()}
    if not words:
        return node.text()
    return words.get("name") or words.get("email") or words.get("uri") or words.get("url")


def kept_elements(node: Node) -> Iterator[Element]:
    """Returns everything of dc, dcterms and sec in document order, also those inside one another."""
    for one in node.content:
        if isinstance(one, Node) and one.name.startswith(_KEPT):
            yield Element(
                name=one.name,
                text=plain.one_line(own_text(one)) or "",
                attributes=tuple((key, plain.clean(value)) for key, value in one.attributes.items()),
            )
            yield from kept_elements(one)
