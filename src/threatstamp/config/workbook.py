"""Workbooks (XLSX) as rows of cells, where the package openpyxl is installed."""

from __future__ import annotations

import io
import warnings
import zlib
from typing import Any
from zipfile import BadZipFile

from threatstamp.config.cells import CellRow, CellsError

_BROKEN = (
    *(BadZipFile, zlib.error, EOFError, OSError, RuntimeError),
    SyntaxError,  # of XML
    *(LookupError, ValueError, TypeError, AttributeError),
)
"""What openpyxl lets out of a broken archive, of one with a password, and of values that make no sense."""


class NoReaderError(Exception):
    """The package that reads workbooks is not installed: the extra `sheets` brings it."""


def read_workbook(content: bytes) -> list[list[CellRow]]:
    """Returns the rows of each visible sheet, with their numbers, without the empty ones.

    A cell is its text; one that shows words with a link behind them is the link. Formulas are not calculated.
    Raises NoReaderError; CellsError for what is no XLSX, such as XLS, ODS, or a workbook with a password.
    """
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise NoReaderError from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of colours and rules that openpyxl does not keep
            book = load_workbook(io.BytesIO(content))
    except _BROKEN as error:
        raise CellsError(None, str(error)) from None
    return [_rows(sheet) for sheet in book.worksheets if sheet.sheet_state == "visible"]


def _rows(sheet: Any) -> list[CellRow]:
    rows = ((cells[0].row, [_text(cell) for cell in cells]) for cells in sheet.iter_rows() if cells)
    return [(number, cells) for number, cells in rows if any(cell.strip() for cell in cells)]


def _text(cell: Any) -> str:
    link = getattr(cell, "hyperlink", None)  # the lesser cells of a merged one have none
    if link is not None and link.target:
        return str(link.target) + (f"#{link.location}" if link.location else "")
    value = cell.value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
