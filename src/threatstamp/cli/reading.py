"""What `read` finds in stories: the rules and names by which it looks, and stories that are lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from threatstamp.config.actors import galaxy_names, known_names
from threatstamp.config.kinds import kind_rules
from threatstamp.config.known import catalogue
from threatstamp.config.reading import LARGEST, NOTHING_OWN, ReadingSettings
from threatstamp.core.assets.naming import NameFinder
from threatstamp.core.assets.product import Product
from threatstamp.core.facts.actors import NameBook, NamedThreat
from threatstamp.core.facts.gist import Gist, gist_of
from threatstamp.core.facts.subject import KindRules
from threatstamp.core.news.entry import Document, Entry, derived_id
from threatstamp.core.text import well_formed

LONGEST = 20_000
"""So many characters of a story are searched for products."""


@dataclass(frozen=True, slots=True)
class ProductSaid:
    """A product that a story names. version: "7.4.3" or "<7.4.3"; "" for none. why: what the text has."""

    name: str
    version: str
    why: str


@dataclass(frozen=True, slots=True)
class Reader:
    """By what stories are read."""

    rules: KindRules
    book: NameBook
    products: NameFinder

    def gist(self, entry: Entry) -> Gist:
        return gist_of(entry, self.rules, self.book)

    def products_in(self, entry: Entry) -> tuple[ProductSaid, ...]:
        """Returns the products that an entry names; one without a version only if it names none for it."""
        text = f"{entry.title or ''}\n{entry.summary or ''}"[:LONGEST]
        said = tuple(dict.fromkeys(self._said(text)))
        versioned = {one.name for one in said if one.version}
        return tuple(one for one in said if one.version or one.name not in versioned)

    def _said(self, text: str) -> Iterator[ProductSaid]:
        for mention in self.products.find(text):
            versions = [str(span) for span in mention.versions] or [""]
            yield from (ProductSaid(name, one, mention.words) for name in mention.of for one in versions)


def reader(
    lists: Iterable[Path], own: Iterable[Product] = (), settings: ReadingSettings = NOTHING_OWN
) -> Reader:
    """Returns what stories are read by.

    lists: names of groups beside the built-in ones, in MISP's form. own: the company's products. settings:
    its words and names. Raises what `galaxy_file` raises.
    """
    more = [name for path in lists for name in galaxy_file(path)]
    finder = NameFinder(catalogue().names(own))
    book = NameBook([*known_names(), *settings.names, *more])
    return Reader(kind_rules(settings.words), book, finder)


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


def galaxy_file(path: Path) -> tuple[NamedThreat, ...]:
    """Reads a list of names. Raises OSError, or ValueError if it is none."""
    with path.open("rb") as file:
        return galaxy_names(file.read(LARGEST).decode("utf-8-sig", "replace"))
