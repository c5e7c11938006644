"""A document as a light tree: names by their usual prefix, the feed's own without one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from threatstamp.core.news.feed import Reason
from threatstamp.feeds import namespaces
from threatstamp.feeds.plain import named
from threatstamp.feeds.problems import (
    DEEPEST,
    MOST_ATTRIBUTES,
    MOST_ELEMENTS,
    MOST_ENTRIES,
    Cut,
    Refused,
)

_ENTRIES = frozenset({"item", "entry"})
_NONE: Mapping[str, str] = {}
_STRUCTURE = frozenset({"rss", "rdf", "feed", "channel", "item", "entry"})


class Node:
    """An element. content: text and elements as they follow each other. whole: its end was seen."""

    __slots__ = ("attributes", "cdata", "content", "name", "whole")

    def __init__(self, name: str, attributes: Mapping[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.content: list[str | Node] = []
        self.cdata = False
        self.whole = False

    @property
    def nodes(self) -> Iterator[Node]:
        return (one for one in self.content if isinstance(one, Node))

    def text(self) -> str:
        """Returns all text inside."""
        content = self.content
        if len(content) == 1 and isinstance(content[0], str):
            return content[0]
        return "".join(one if isinstance(one, str) else one.text() for one in content)

    def attribute(self, name: str) -> str | None:
        """Returns an attribute by its name, whatever its prefix."""
        found = self.attributes.get(name)
        if found is None and self.attributes:
            ending = ":" + name
            return next((value for key, value in self.attributes.items() if key.endswith(ending)), None)
        return found


class _Scope:
    """The namespaces that hold inside an element, and the names that were looked up in them."""

    __slots__ = ("depth", "names", "uris")

    def __init__(self, depth: int, uris: dict[str, str]) -> None:
        self.depth = depth
        self.uris = uris
        self.names: dict[str, str] = {}


class Tree:
    """Builds the tree from a parser's calls and holds the limits. Raises Refused and Cut."""

    __slots__ = ("_adopted", "_core", "_count", "_here", "_scopes", "_stack", "entries", "top", "unknown")

    def __init__(self) -> None:
        self.top = Node("", _NONE)
        self.unknown: str | None = None
        self.entries = 0
        self._here = self.top
        self._stack = [self.top]
        self._scopes = [_Scope(0, {})]
        self._adopted: set[str] = set()
        self._core = namespaces.RSS
        self._count = 0

    @property
    def outermost(self) -> list[str]:
        """The names of the first few open elements, which say where entries can be."""
        return [node.name for node in self._stack[1:5]]

    @property
    def here(self) -> Node:
        return self._here

    @property
    def parent(self) -> Node:
        return self._stack[-2] if len(self._stack) > 1 else self.top

    def name(self, raw: str) -> str:
        """Returns the name that an element would have here."""
        return self._scopes[-1].names.get(raw) or self._named(raw)

    def start(self, raw: str, attributes: Mapping[str, str]) -> None:
        stack = self._stack
        self._count += 1
        if len(stack) > DEEPEST:
            raise Refused(Reason.READ_TOO_DEEP, most=DEEPEST)
        if self._count > MOST_ELEMENTS:
            raise Cut(Reason.READ_TOO_MANY_ELEMENTS, most=MOST_ELEMENTS)
        if attributes:
            if len(attributes) > MOST_ATTRIBUTES:
                raise Refused(Reason.READ_TOO_MANY_ATTRIBUTES, most=MOST_ATTRIBUTES)
            self._declare(attributes)
        if len(stack) == 1:
            self._root(raw)
        name = self._scopes[-1].names.get(raw) or self._named(raw)
        if name in _ENTRIES and len(stack) <= 3:
            self.entries += 1
            if self.entries > MOST_ENTRIES:
                raise Cut(Reason.READ_TOO_MANY_ENTRIES, most=MOST_ENTRIES)
        node = Node(name, attributes or _NONE)
        self._here.content.append(node)
        stack.append(node)
        self._here = node

    def end(self, _raw: str = "") -> None:
        stack = self._stack
        stack.pop().whole = True
        self._here = stack[-1]
        if self._scopes[-1].depth > len(stack):
            self._scopes.pop()

    def text(self, data: str) -> None:
        self._here.content.append(data)

    def cdata(self) -> None:
        self._here.cdata = True

    def entity(self, name: str) -> str | None:
        """Adds the characters of a named entity; an unknown one is kept as written."""
        self.count()
        found = named(name)
        if found is None:
            self.unknown = self.unknown or name
        self._here.content.append(found or f"&{name};")
        return found

    def count(self) -> None:
        """Counts what is not an element and costs as much."""
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise Cut(Reason.READ_TOO_MANY_ELEMENTS, most=MOST_ELEMENTS)

    def _declare(self, attributes: Mapping[str, str]) -> None:
        declared = {
            key[6:]: value
            for key, value in attributes.items()
            if key.startswith("xmlns") and key[5:6] in ("", ":")
        }
        if declared:
            uris = {**self._scopes[-1].uris, **declared}
            if len(uris) > MOST_ATTRIBUTES:
                raise Refused(Reason.READ_TOO_MANY_ATTRIBUTES, most=MOST_ATTRIBUTES)
            self._scopes.append(_Scope(len(self._stack) + 1, uris))

    def _root(self, raw: str) -> None:
        """A root's own namespace is the feed's, even a strange one."""
        prefix, _, local = raw.rpartition(":")
        if local.lower() not in ("rss", "rdf", "feed", "channel", "entry"):
            return
        self._core = namespaces.ATOM if local.lower() in ("feed", "entry") else namespaces.RSS
        self._scopes[-1].names.clear()
        uri = self._scopes[-1].uris.get(prefix)
        if uri and (namespaces.family(uri) is None or local.lower() == "rss"):
            self._adopted.add(uri)

    def _named(self, raw: str) -> str:
        prefix, _, local = raw.rpartition(":")
        scope = self._scopes[-1]
        name = self._name(prefix, local, scope.uris.get(prefix))
        scope.names[raw] = name
        return name

    def _name(self, prefix: str, local: str, uri: str | None) -> str:
        if uri in self._adopted:
            return local.lower()
        family = namespaces.family(uri) if uri else namespaces.undeclared(prefix) if prefix else self._core
        if family == self._core:
            return local.lower()
        if family:
            return f"{family}:{local}"
        if not prefix and uri and len(self._stack) <= 3 and local.lower() in _STRUCTURE:
            self._adopted.add(uri)
            return local.lower()
        return f"?{prefix}:{local}"
