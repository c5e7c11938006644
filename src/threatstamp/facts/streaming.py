"""A long list in a JSON document, read one table after the other: the whole may not fit into memory."""

from __future__ import annotations

import json
import re
from codecs import getincrementaldecoder
from collections.abc import Iterator
from pathlib import Path

from threatstamp.core.facts.document import DocumentError, DocumentFault
from threatstamp.facts.files import reading
from threatstamp.facts.loose import Loose, table

PIECE = 1_000_000
MOST_HEAD = 100_000
"""Bytes before the list."""

MOST_RECORD = 20_000_000
"""Signs of one record of the list."""

_SPACE = re.compile(r"[\s,]*")


class JsonList:
    """The list of this name in a JSON document. head: what stands before it, without nested tables.

    Raises DocumentError, FOREIGN if there is no such list.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self._begin = re.compile(rf'"{name}"\s*:\s*\[')
        with reading(path) as file:
            text = next(_texts(file.read), "")
        found = self._begin.search(text, 0, MOST_HEAD)
        if found is None:
            raise DocumentError(DocumentFault.FOREIGN)
        self.head = _head(text[: found.start()])

    def __iter__(self) -> Iterator[Loose]:
        """Yields the tables. Raises DocumentError where the document breaks off."""
        decoder = json.JSONDecoder()
        with reading(self.path) as file:
            texts = _texts(file.read)
            text = next(texts, "")
            found = self._begin.search(text)
            at = found.end() if found else len(text)
            while True:
                at = _SPACE.match(text, at).end()  # type: ignore[union-attr]
                if text[at : at + 1] == "]":
                    return
                try:
                    one, at = decoder.raw_decode(text, at)
                except (ValueError, RecursionError) as error:
                    more = next(texts, "")
                    if not more or len(text) - at > MOST_RECORD:
                        raise DocumentError(DocumentFault.BROKEN, reason=str(error)) from error
                    text, at = text[at:] + more, 0
                else:
                    yield table(one)


def _texts(read: object) -> Iterator[str]:
    decoder = getincrementaldecoder("utf-8-sig")("replace")
    while piece := read(PIECE):  # type: ignore[operator]
        yield decoder.decode(piece)


def _head(text: str) -> Loose:
    try:
        return table(json.loads(text.rstrip().rstrip(",") + "}"))
    except (ValueError, RecursionError):
        return {}
