"""Where the routes stand: in the settings file, in a `routes_file`, or in a tab of the spreadsheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from threatstamp.config.lines import Lines
from threatstamp.config.reader import Problems, Table, Words
from threatstamp.config.secrets import reason_of
from threatstamp.config.sheet import Row, numbered, read_sheet, read_tab
from threatstamp.config.sheets import SheetsSettings

Cells = Sequence[Sequence[str]]
"""The rows of a tab, as people see them."""


def route_tables(
    top: Table, sheet: Path | None, *, sheets: SheetsSettings | None, may_lack: bool
) -> tuple[tuple[Table, ...], bytes]:
    """Returns the routes' tables, and the sheet's content if they are in one.

    sheets: if it has them, they are read later, and nothing else may. may_lack: a desk that polls feeds has
    something to do without any.
    """
    tables = top.tables("routes")
    if sheets is not None and sheets.routes is not None:
        if tables or sheet is not None:
            top.problems.add(("sheets", "routes"), "two_routes")
        return (), b""
    if sheet is None:
        empty = not tables and (not top.has("routes") or top.is_empty("routes"))
        if empty and not top.has("routes_file") and not may_lack:
            top.problems.add_at(None, "no_routes")
        return tables, b""
    if tables:
        top.wrong("routes_file", "two_routes")
        return tables, b""
    try:
        content = sheet.read_bytes()
    except (OSError, ValueError) as error:
        reason = reason_of(error, top.problems.texts) if isinstance(error, OSError) else str(error)
        top.wrong("routes_file", "unreadable", path=Words(sheet), reason=reason)
        return (), b""
    return _sheet_tables(sheet, content, top.problems), content


def tab_tables(name: str, rows: Cells, problems: Problems) -> tuple[Table, ...]:
    """Returns the routes' tables of a spreadsheet's tab. rows: all of it, the headings among them."""
    return _tables_of(name, read_tab(numbered(rows), problems), problems)


def _sheet_tables(sheet: Path, content: bytes, problems: Problems) -> tuple[Table, ...]:
    reading = Problems(sheet.name, Lines(""), problems.texts, into=problems)
    return _tables_of(sheet.name, read_sheet(content, reading), problems)


def _tables_of(name: str, rows: Sequence[Row], problems: Problems) -> tuple[Table, ...]:
    lines = Lines.of_rows([line for line, _ in rows])
    of_rows = Problems(name, lines, problems.texts, root=("routes",), into=problems)
    return tuple(Table(row, ("routes", number), of_rows) for number, (_, row) in enumerate(rows))
