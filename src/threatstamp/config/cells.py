"""What spreadsheets save as CSV, as rows of cells, and which column each cell of them belongs to."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

CellRow = tuple[int, list[str]]
"""A row with the line in which it begins."""

HEADING_WITHIN = 10
"""Rows in which the one with the columns' names is looked for: people put a title and a date above it."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATORS = (",", ";", "\t")
_SAID_SEPARATOR = re.compile(r'"?sep=([^"\r\n])"?[\r\n]', re.IGNORECASE)
"""The first line with which Excel is told what separates the cells."""

_REMARK = re.compile(r"\s*\([^()]*\)$")
_GUARDED = re.compile(r'="((?:[^"]|"")*)"')


class CellsError(ValueError):
    """The bytes are no rows of cells. line: where, None for all of them. Its text is what csv says, or ""."""

    def __init__(self, line: int | None, reason: str = "") -> None:
        super().__init__(reason)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The row that names the columns. at: its place among the rows.

    columns: for each of its cells the column's name, "" for one that is a note, None for one that is unknown.
    """

    at: int
    columns: tuple[str | None, ...]

    def has(self, *columns: str) -> bool:
        return all(column in self.columns for column in columns)


def is_workbook(content: bytes) -> bool:
    """True for a spreadsheet program's own file, XLSX, ODS or the old XLS, instead of CSV."""
    return content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def read_cells(
    content: bytes,
    heads: Callable[[Sequence[CellRow]], Heading | None],
    *,
    broken: Callable[[CellsError], None] | None = None,
) -> Iterator[CellRow]:
    """Yields the rows that are not empty. Raises CellsError, perhaps after some of them.

    Understood are UTF-8, CP932, and UTF-16 with its mark; comma, semicolon and tab, as the first line says
    (`sep=;`), or else whichever gives the best heading among the first rows. heads: finds it. broken: is
    given the errors of single rows instead, and reading goes on behind them.
    """
    text = _decoded(content)
    said = _SAID_SEPARATOR.match(text)
    if said:
        yield from islice(_rows(text, said[1], broken), 1, None)
        return

    def worth(separator: str) -> tuple[int, int]:
        first = _first_rows(text, separator)
        heading = heads(first)
        named = sum(map(bool, heading.columns)) if heading else 0
        return named, sum(sum(map(bool, cells)) > 1 for _, cells in first)

    yield from _rows(text, max(_SEPARATORS, key=worth), broken)


def find_heading(
    rows: Sequence[CellRow], names: Mapping[str, str], required: Sequence[str]
) -> Heading | None:
    """Returns the first row that names all required columns, else the first that names any.

    names: the column that each name means, in the form of `folded`; "" for notes.
    """
    found = [
        Heading(at=at, columns=tuple(names.get(folded(cell)) for cell in cells))
        for at, (_, cells) in enumerate(rows[:HEADING_WITHIN])
    ]
    whole = (heading for heading in found if heading.has(*required))
    partly = (heading for heading in found if any(heading.columns))
    return next(whole, None) or next(partly, None)


def folded(cell: str) -> str:
    """Returns a column's name as it is compared: neither width, case nor a remark in brackets matters."""
    return _REMARK.sub("", unguarded(unicodedata.normalize("NFKC", cell)).lower()).strip()


def unguarded(cell: str) -> str:
    """Returns what a cell is meant to hold, without what keeps a spreadsheet from calculating.

    People write '+1 or ="+1" lest +1 become a number. Characters without a width come from web pages.
    """
    plain = cell.strip().strip("\u200b\u200c\u2060\ufeff").strip()
    formula = _GUARDED.fullmatch(plain)
    if formula:
        return formula[1].replace('""', '"')
    return plain[1:] if plain[:2] in ("'+", "'-", "'=", "'@", "'＠") else plain


def _decoded(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith(_UTF_16) else ("utf-8-sig", "cp932")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise CellsError(None)


def _rows(text: str, separator: str, broken: Callable[[CellsError], None] | None = None) -> Iterator[CellRow]:
    lines = list(io.StringIO(text, newline=""))
    line = 1
    while line <= len(lines):
        begun = line
        reader = csv.reader(islice(lines, begun - 1, None), delimiter=separator, strict=True)
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield line, cells
                line = begun + reader.line_num
        except csv.Error as error:
            fault = CellsError(line, str(error))
            if broken is None:
                raise fault from None
            broken(fault)
            line += 1  # a quotation mark that is not closed would take all the rest with it


def _first_rows(text: str, separator: str) -> list[CellRow]:
    found: list[CellRow] = []
    with suppress(CellsError):  # it is said when the rows are read, if this is the separator
        found.extend(islice(_rows(text, separator), HEADING_WITHIN))
    return found
