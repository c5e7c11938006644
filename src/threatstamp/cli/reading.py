"""What `read` finds in stories: the rules and names by which it looks, and stories that are lines of text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from threatstamp.config.actors import galaxy_names, known_names
from threatstamp.config.kinds import kind_rules
from threatstamp.core.facts.actors import NameBook, NamedThreat
from threatstamp.core.facts.gist import Gist, gist_of
from threatstamp.core.facts.subject import KindRules
from threatstamp.core.news.entry import Document, Entry, derived_id
from threatstamp.core.text import well_formed

LARGEST_LIST = 50_000_000
"""Bytes of a list of names; the largest galaxies have ten million."""


@dataclass(frozen=True, slots=True)
class Reader:
    """By what stories are read."""

    rules: KindRules
    book: NameBook

    def gist(self, entry: Entry) -> Gist:
        return gist_of(entry, self.rules, self.book)


def reader(lists: Iterable[Path]) -> Reader:
    """Returns what stories are read by. lists: names beside the built-in ones, in MISP's form.

    Raises OSError or ValueError for a list that cannot be read; its argument is the path.
    """
    more = [name for path in lists for name in _listed(path)]
    return Reader(kind_rules(), NameBook([*known_names(), *more]))


def lines_document(data: bytes) -> Document:
    """Returns plain text as a document of which each line that says something is an entry."""
    lines = (line.strip() for line in _decoded(data).splitlines())
    return Document(entries=tuple(_entry(well_formed(line)) for line in lines if line))


def _entry(line: str) -> Entry:
    entry = Entry(entry_id="", own_id=False, title=line)
    return Entry(entry_id=derived_id(entry), own_id=False, title=line)


def _decoded(data: bytes) -> str:
    """Reads UTF-8, with or without BOM, or what Windows calls Shift_JIS."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp932", "replace")


def _listed(path: Path) -> tuple[NamedThreat, ...]:
    with path.open("rb") as file:
        return galaxy_names(file.read(LARGEST_LIST).decode("utf-8-sig", "replace"))
