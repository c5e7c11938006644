"""Elements of an XML document, one after the other, also of one that is almost well-formed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

PIECE = 65_536
DEEPEST = 50

_BARE = re.compile(rb"""(<[^<>]*?[\w:.-])\s*=\s*([^\s"'<>=]+)(?=[^<>]*>)""")
"""An attribute without quotation marks, as IPA's own sample has one."""


@dataclass(slots=True)
class Element:
    """An element by its local name; `text` is what stands directly in it, on both sides of its children."""

    name: str
    attributes: Mapping[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> Iterator[Element]:
        return (child for child in self.children if child.name == name)

    def said(self, name: str) -> str:
        """Returns the text of the first child of this name; "" if there is none."""
        return next((one.text.strip() for one in self.all(name)), "")


class BrokenXmlError(ValueError):
    """The document breaks off, or is none; what was yielded before is whole."""


def elements(content: bytes, name: str) -> Iterator[Element]:
    """Yields the elements of this name. Raises BrokenXmlError."""
    count = 0
    try:
        for one in _elements(content, name):
            count += 1
            yield one
    except BrokenXmlError:
        mended = _mended(content)
        if mended == content:
            raise
        for number, one in enumerate(_elements(mended, name)):
            if number >= count:
                yield one


def _mended(content: bytes) -> bytes:
    previous = b""
    while content != previous:  # of several bare attributes in one tag one at a time is found
        previous, content = content, _BARE.sub(rb'\1="\2"', content)
        if len(content) > 2 * len(previous) + 1_000:
            break
    return content


def _elements(content: bytes, name: str) -> Iterator[Element]:
    reader = _Reader(name)
    for begin in range(0, len(content) or 1, PIECE):
        piece = content[begin : begin + PIECE]
        try:
            reader.parser.Parse(piece, begin + PIECE >= len(content))
        except expat.ExpatError as error:
            yield from reader.take()
            raise BrokenXmlError(str(error)) from error
        yield from reader.take()


class _Reader:
    def __init__(self, name: str) -> None:
        self._name = name
        self._open: list[Element] = []
        self._depth = 0
        self._found: list[Element] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse

    def take(self) -> list[Element]:
        found, self._found = self._found, []
        return found

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise BrokenXmlError("nested too deep")
        local = name.rpartition(":")[2]
        if self._open or local == self._name:
            one = Element(
                name=local, attributes={key.rpartition(":")[2]: said for key, said in attributes.items()}
            )
            if self._open:
                self._open[-1].children.append(one)
            self._open.append(one)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if self._open:
            one = self._open.pop()
            if not self._open:
                self._found.append(one)

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].text += text

    def _refuse(self, *_: object) -> None:
        raise BrokenXmlError("DOCTYPE")
