"""The corpus: small documents with one trap each, and beside each what was written down by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from threatstamp.cli.read import body
from threatstamp.core.news.entry import Document
from threatstamp.feeds.reading import read_document

CORPUS = Path(__file__).parent / "corpus"
SHARED = Path(__file__).parents[2].parent / "shared/data"
TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A document of the corpus. given: the header, address and zone that came with it."""

    name: str
    path: Path
    expected: dict[str, Any]
    given: dict[str, Any]
    elements: dict[str, list[Any]]

    @property
    def family(self) -> str:
        return self.name.partition("/")[0]

    def read(self) -> Document:
        return read_document(
            self.path.read_bytes(),
            content_type=self.given.get("content_type"),
            base=self.given.get("base"),
            zone=ZoneInfo(self.given.get("zone", "Asia/Tokyo")),
        )


def samples() -> Iterator[Sample]:
    """Returns every document of the corpus that has its expectation beside it."""
    for path in sorted(CORPUS.glob("*/*.json")):
        expected = json.loads(path.read_text(encoding="utf-8"))
        given, elements = expected.pop("given", {}), expected.pop("elements", {})
        document = next(one for one in path.parent.glob(f"{path.stem}.*") if one.suffix != ".json")
        name = f"{path.parent.name}/{path.stem}"
        yield Sample(name=name, path=document, expected=expected, given=given, elements=elements)


def read_body(document: Document) -> dict[str, Any]:
    """Returns the form of `read --json`, with the kind of the problem only: the words are the catalogue's."""
    found: dict[str, Any] = body(document)
    if found["problem"]:
        assert found["problem"].pop("message")
    return found
