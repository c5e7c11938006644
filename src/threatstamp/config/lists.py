"""A list beside the settings file, CSV or XLSX, as rows below the one that names the columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from threatstamp.config.cells import CellRow, CellsError, Heading, is_workbook, read_cells
from threatstamp.config.columns import Columns, below
from threatstamp.config.reader import Problems, Table, Words
from threatstamp.config.secrets import reason_of
from threatstamp.config.workbook import NoReaderError, read_workbook

LARGEST = 20_000_000
"""Bytes of a list. 20,000 products are some 2 MB."""


def list_beside(top: Table, key: str, folder: Path) -> tuple[Path | None, bytes | None]:
    """Returns the file that a key names, None if none does, and what is in it, None if it cannot be read.

    Notes why it cannot.
    """
    said = top.text(key, None)
    if said is None:
        return None, None
    file = (folder / said).absolute()
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = reason_of(error, top.problems.texts) if isinstance(error, OSError) else str(error)
        top.wrong(key, "unreadable", path=Words(file), reason=reason)
        return file, None
    if len(content) > LARGEST:
        top.wrong(key, "list_large", path=Words(file), most=LARGEST // 1_000_000)
        return file, None
    return file, content


def list_rows(
    content: bytes, columns: Columns, problems: Problems
) -> Iterator[tuple[int, Heading, list[str]]]:
    """Yields each row with its number and the heading above it. Notes what is wrong with the list as such."""
    yield from rows_below(_cells(content, columns, problems), columns, problems)


def rows_below(
    cells: list[CellRow], columns: Columns, problems: Problems
) -> Iterator[tuple[int, Heading, list[str]]]:
    """The same for rows that are cells already, without the empty ones."""
    heading = columns.heading(cells)
    if heading is None:
        if cells or not problems.of_file():
            line = cells[0][0] if cells else None
            problems.add_at(line, "sheet_no_heading", names=columns.said(problems.texts))
        return
    columns.check(heading, cells[heading.at], problems)
    if heading.has(*columns.required):
        for line, one in below(heading, cells, problems):
            yield line, heading, one


def _cells(content: bytes, columns: Columns, problems: Problems) -> list[CellRow]:
    if is_workbook(content):
        return _book_cells(content, columns, problems)

    def broken(error: CellsError) -> None:
        problems.add_at(error.line, "sheet_csv", error=error)

    try:
        return list(read_cells(content, columns.heading, broken=broken))
    except CellsError:
        problems.add_at(None, "sheet_encoding")
        return []


def _book_cells(content: bytes, columns: Columns, problems: Problems) -> list[CellRow]:
    """Returns the rows of the sheet that names the columns, or else of the first one."""
    try:
        sheets = read_workbook(content)
    except NoReaderError:
        problems.add_at(None, "products_no_reader")
        return []
    except CellsError:
        problems.add_at(None, "products_workbook")
        return []
    named = (cells for cells in sheets if (head := columns.heading(cells)) and head.has(*columns.required))
    return next(named, None) or next(filter(None, sheets), [])
