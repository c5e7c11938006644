"""The second pass, over XML that is not well-formed: what is whole is saved, whatever surrounds it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from threatstamp.feeds.plain import named_words, resolve
from threatstamp.feeds.prolog import Prolog
from threatstamp.feeds.tree import Tree

_NAME = r"[A-Za-z_][\w.\-]*(?::[A-Za-z_][\w.\-]*)?"
_START = re.compile(rf"""<({_NAME})((?>[^<>"']+|"[^"<]*"|'[^'<]*')*)>""")
_TORN_START = re.compile(rf"<({_NAME})([^<>]*)>")
_END = re.compile(rf"</({_NAME})[^<>]*>")
_ATTRIBUTE = re.compile(r"""([A-Za-z_][\w.:\-]*)\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)'|([^\s"'<>]+))""")
_LEAVES = named_words(
    "title link description pubdate guid author id updated published issued modified created "
    "category comments dc:date dc:creator dc:identifier dcterms:issued dcterms:modified "
    "content:encoded"
)
"""Elements that hold text and no other of these: the next one ends an unclosed one."""
_ENTRY_END = re.compile(r"</(?:[A-Za-z_][\w.\-]{0,30}:)?(?:item|entry)\s{0,9}>")
_MOST_TORN = 50
_ENTRIES = frozenset({"item", "entry"})
_PAGE = "xhtml:div"
"""Inside it, names of entries are words of a page."""
_AROUND = {"item": ("item", "entry"), "entry": ("item", "entry"), "channel": ("channel", "item", "entry")}


def read_loosely(prolog: Prolog, tree: Tree) -> None:
    """Fills the tree from any text, in linear time. Raises Refused and Cut.

    A bare "&" or "<" is text; an end without a start is left out; an end closes what is open inside it; an
    entry ends where the next one starts. What is still open at the end of the text is not whole.
    """
    Loose(prolog, tree).read()


class Loose:
    """One pass over a text."""

    __slots__ = ("_names", "_pages", "_text", "_torn", "_tree", "_without_end")

    def __init__(self, prolog: Prolog, tree: Tree) -> None:
        self._text = prolog.text
        self._tree = tree
        self._names: list[str] = []
        self._pages = 0
        self._without_end: set[str] = set()
        self._torn = _MOST_TORN

    def read(self) -> None:
        text, at = self._text, 0
        while (found := text.find("<", at)) >= 0:
            self._words(text[at:found])
            at = self._markup(found)
        if not self._names:
            self._words(text[at:])

    def _markup(self, at: int) -> int:
        """Reads what starts with "<" and returns where it ends."""
        text = self._text
        second = text[at + 1 : at + 2]
        if second == "!":
            return self._bang(at)
        if second == "?":
            return self._skipped(at, "?>")
        if second == "/":
            if match := _END.match(text, at):
                self._end(match[1])
                return match.end()
        elif match := _START.match(text, at) or _TORN_START.match(text, at):
            self._start(match[1], match[2])
            return match.end()
        return self._bare(at)

    def _bare(self, at: int) -> int:
        """Takes a "<" for what it is; each costs as much as an element, so it counts as one."""
        self._tree.count()
        self._tree.text("<")
        return at + 1

    def _bang(self, at: int) -> int:
        text = self._text
        if text.startswith("<![CDATA[", at):
            return self._cdata(at + 9)
        if text.startswith("<!--", at):
            return self._skipped(at, "-->")
        return self._skipped(at, ">")

    def _cdata(self, at: int) -> int:
        self._tree.count()
        end = self._find("]]>", at)
        torn = self._torn_end(at, end)
        if torn >= 0:
            self._tree.cdata()
            self._tree.text(self._text[at:torn])
            return torn
        if end < 0:
            return len(self._text) if self._names else at
        self._tree.cdata()
        self._tree.text(self._text[at:end])
        return end + 3

    def _torn_end(self, at: int, end: int) -> int:
        """Returns where a CDATA section without an end of its own stops; -1 for a section that is whole.

        That is at the end of its element, if the end of an entry would be inside otherwise.
        """
        if not self._names or self._torn == 0:
            return -1
        stop = end if end >= 0 else len(self._text)
        own = self._text.find(f"</{self._names[-1]}>", at, stop)
        if own < 0 or not _ENTRY_END.search(self._text, own, stop):
            return -1
        self._torn -= 1
        return own

    def _skipped(self, at: int, closing: str) -> int:
        end = self._find(closing, at + 2)
        if end < 0:
            return self._bare(at)
        self._tree.count()
        return end + len(closing)

    def _find(self, what: str, at: int) -> int:
        """Finds what, and remembers that there is no more of it: unclosed comments stay linear."""
        if what in self._without_end:
            return -1
        end = self._text.find(what, at)
        if end < 0:
            self._without_end.add(what)
        return end

    def _words(self, text: str) -> None:
        if text:
            self._tree.text(resolve(text))

    def _start(self, raw: str, rest: str) -> None:
        empty = rest.endswith("/")
        attributes = self._attributes(rest[:-1] if empty else rest)
        self._make_room(raw)
        self._tree.start(raw, attributes)
        self._names.append(raw)
        self._pages += self._tree.here.name == _PAGE
        if empty:
            self._close()

    def _attributes(self, rest: str) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for match in _ATTRIBUTE.finditer(rest):
            value = next(one for one in match.groups()[1:] if one is not None)
            found.setdefault(match[1], resolve(value))
        return found

    def _make_room(self, raw: str) -> None:
        """Ends what cannot hold the element that comes: an unclosed leaf, an unclosed entry."""
        name = self._tree.name(raw)
        if name in _LEAVES:
            here = self._tree.here
            if (
                here.name in _LEAVES
                and not _holds_markup(here.attributes)
                and self._tree.parent.name in _ENTRIES
            ):
                self._close()
        elif name in _AROUND:
            self._close_entry(_AROUND[name])

    def _close_entry(self, names: tuple[str, ...]) -> None:
        place = next((at for at, name in enumerate(self._tree.outermost) if name in names), None)
        if place is not None and self._pages == 0:
            for _ in range(len(self._names) - place):
                self._close()

    def _end(self, raw: str) -> None:
        if raw not in self._names:
            self._tree.count()
            return
        while True:
            closed = self._names[-1] == raw
            self._close()
            if closed:
                return

    def _close(self) -> None:
        self._names.pop()
        self._pages -= self._tree.here.name == _PAGE
        self._tree.end()


def _holds_markup(attributes: Mapping[str, str]) -> bool:
    return attributes.get("type", "").lower() in ("xhtml", "application/xhtml+xml")
