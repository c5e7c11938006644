"""Which columns a sheet has, by the names that people give them, and what is wrong with them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from threatstamp.config.cells import CellRow, Heading, find_heading, folded
from threatstamp.config.reader import Problems, Words
from threatstamp.texts.catalogue import Texts

_NEAR = 0.75
"""How like a known name a column's must be to be taken for a slip of the pen, from 0 to 1."""


@dataclass(frozen=True)
class Columns:
    """The columns that a sheet may have. names: what people call each, in lower case; those of "" are notes.

    required: without these, a row makes no sense.
    """

    names: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]

    @cached_property
    def _by_name(self) -> dict[str, str]:
        return {name: column for column, names in self.names.items() for name in names}

    def heading(self, rows: Sequence[CellRow]) -> Heading | None:
        """Returns the row that names the columns."""
        return find_heading(rows, self._by_name, self.required)

    def said(self, texts: Texts) -> Words:
        """Returns the columns' names in both languages: reaction (リアクション), to (転送先)…"""
        return Words(", ".join(self._said(column, texts) for column in self.names if column))

    def check(self, heading: Heading, row: CellRow, problems: Problems) -> None:
        """Notes columns that are missing, twice there, or misspelt. Others than ours are the sheet's own.

        A slip of the pen must not pass for one of these: with a wrong `allow`, everybody may stamp.
        """
        line, cells = row
        ours = [name for name, column in self._by_name.items() if column]
        for at, (cell, column) in enumerate(zip(cells, heading.columns, strict=True)):
            if column is None:
                near = difflib.get_close_matches(folded(cell), ours, n=1, cutoff=_NEAR)
                if near:
                    problems.add_at(line, "sheet_column", column=cell, near=near[0])
            elif column and column in heading.columns[:at]:
                problems.add_at(line, "sheet_twice", column=self._said(column, problems.texts))
        for column in self.required:
            if column not in heading.columns:
                problems.add_at(
                    line,
                    "sheet_missing",
                    column=self._said(column, problems.texts),
                    names=self.said(problems.texts),
                )

    def _said(self, column: str, texts: Texts) -> Words:
        names = self.names[column]
        japanese = next((name for name in names if not name.isascii()), names[0])
        return Words(texts("config.sheet_name", column=column, japanese=japanese))


def below(heading: Heading, cells: Sequence[CellRow], problems: Problems) -> Iterator[CellRow]:
    """Yields the rows below the heading; those that have more cells than it are noted instead."""
    for line, one in cells[heading.at + 1 :]:
        if any(cell.strip() for cell in one[len(heading.columns) :]):
            problems.add_at(line, "sheet_cells", count=len(one), columns=len(heading.columns))
        else:
            yield line, one
