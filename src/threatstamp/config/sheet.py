"""Routes from a CSV file, with what old spreadsheets hold."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from threatstamp.config.cells import (
    CellRow,
    CellsError,
    Heading,
    find_heading,
    folded,
    is_workbook,
    read_cells,
    unguarded,
)
from threatstamp.config.reader import Problems, Words
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.emoji import is_standard, name_of

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "reaction": (
        "reaction",
        "reactions",
        "emoji",
        "emoji name",
        "stamp",
        "リアクション",
        "リアクション名",
        "スタンプ",
        "スタンプ名",
        "絵文字",
        "絵文字名",
    ),
    "to": (
        "to",
        "channel",
        "channel name",
        "channels",
        "destination",
        "forward to",
        "転送先",
        "転送先チャンネル",
        "転送先チャンネル名",
        "チャンネル",
        "チャンネル名",
        "送信先",
        "宛先チャンネル",
    ),
    "mention": ("mention", "mentions", "メンション", "メンション先", "宛先"),
    "text": ("text", "message", "文面", "本文", "文言", "メッセージ", "テキスト"),
    "name": ("name", "route", "名前", "名称", "ルート", "ルート名"),
    "from": ("from", "source", "転送元", "転送元チャンネル", "元チャンネル"),
    "allow": ("allow", "許可", "許可する人", "利用者", "使える人"),
    "": ("", "no", "no.", "note", "notes", "memo", "comment", "remarks", "備考", "メモ", "番号", "コメント"),
}
"""The names that people give a column, in lower case. Columns of the last line are notes."""

_BY_NAME = {name: column for column, names in COLUMNS.items() for name in names}
_OURS = tuple(name for name, column in _BY_NAME.items() if column)
_REQUIRED = ("reaction", "to")
_LISTS = frozenset({"to", "mention", "from", "allow"})
_VALUE = re.compile(r"<[^<>]*>|[^\s,、，;；<>]+|[<>]")
_CHANNEL_SIGNS = ("#", "＃", "<#", "https://")
_NEAR = 0.75
"""How like a known name a column's must be to be taken for a slip of the pen, from 0 to 1."""

Row = tuple[int, dict[str, object]]


def read_sheet(content: bytes, problems: Problems) -> list[Row]:
    """Returns the rows as route tables with their line numbers; adds what is wrong to the problems."""
    return read_tab(_cells(content, problems), problems)


def said_tab(tab: str) -> str:
    """Returns what a tab of the spreadsheet is called where a file's name would stand."""
    return f"{tab} (Google Sheets)"


def numbered(rows: Sequence[Sequence[str]]) -> list[CellRow]:
    """Returns the rows of a tab with their numbers, without the empty ones."""
    return [(line, list(row)) for line, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]


def read_tab(cells: list[CellRow], problems: Problems) -> list[Row]:
    """The same for rows that are cells already, without the empty ones."""
    heading = _heading(cells)
    if heading is None:
        if cells or not problems.of_file():
            line = cells[0][0] if cells else None
            problems.add_at(
                line, "sheet_no_heading" if cells else "sheet_empty", names=_said_columns(problems.texts)
            )
        return []
    _check_heading(heading, cells[heading.at], problems)
    if not heading.has(*_REQUIRED):
        return []
    for line, above in cells[: heading.at]:
        if _is_route(heading, above):
            problems.add_at(line, "sheet_above")
    rows = [(line, _row(heading, one)) for line, one in _below(heading, cells, problems)]
    for line, row in rows:
        if row.get("reaction") == "1":  # there is no such emoji, and +1 is among the commonest
            problems.add_at(line, "sheet_number")
    if not rows and not problems.of_file():
        problems.add_at(None, "sheet_no_rows")
    return rows


def _cells(content: bytes, problems: Problems) -> list[CellRow]:
    found: list[CellRow] = []
    if is_workbook(content):
        problems.add_at(None, "sheet_workbook")
        return found
    try:
        for row in read_cells(content, _heading):
            found.append(row)
    except CellsError as error:
        problems.add_at(error.line, "sheet_csv" if error.line else "sheet_encoding", error=error)
    return found


def _heading(rows: Sequence[CellRow]) -> Heading | None:
    return find_heading(rows, _BY_NAME, _REQUIRED)


def _said_columns(texts: Texts) -> Words:
    """Returns the columns' names in both languages: reaction (リアクション), to (転送先)…"""
    return Words(", ".join(_said(column, texts) for column in COLUMNS if column))


def _said(column: str, texts: Texts) -> Words:
    japanese = next(name for name in COLUMNS[column] if not name.isascii())
    return Words(texts("config.sheet_name", column=column, japanese=japanese))


def _check_heading(heading: Heading, row: CellRow, problems: Problems) -> None:
    """Notes columns that are missing, twice there, or misspelt. Others than ours are the sheet's own.

    A slip of the pen must not pass for one of these: with a wrong `allow`, everybody may stamp.
    """
    line, cells = row
    for at, (cell, column) in enumerate(zip(cells, heading.columns, strict=True)):
        if column is None:
            near = difflib.get_close_matches(folded(cell), _OURS, n=1, cutoff=_NEAR)
            if near:
                problems.add_at(line, "sheet_column", column=cell, near=near[0])
        elif column and column in heading.columns[:at]:
            problems.add_at(line, "sheet_twice", column=_said(column, problems.texts))
    for column in _REQUIRED:
        if column not in heading.columns:
            problems.add_at(
                line,
                "sheet_missing",
                column=_said(column, problems.texts),
                names=_said_columns(problems.texts),
            )


def _is_route(heading: Heading, cells: list[str]) -> bool:
    """True for a row above the columns' names that is no title: sorting a sheet can move the names down."""
    row = dict(zip(heading.columns, cells, strict=False))
    reaction, to = (unguarded(row.get(column, "")) for column in _REQUIRED)
    is_emoji = reaction[:1] in (":", "：") or name_of(reaction) is not None or is_standard(reaction)
    return bool(reaction) and (is_emoji or to.startswith(_CHANNEL_SIGNS))


def _below(heading: Heading, cells: list[CellRow], problems: Problems) -> Iterator[CellRow]:
    for line, one in cells[heading.at + 1 :]:
        if any(cell.strip() for cell in one[len(heading.columns) :]):
            problems.add_at(line, "sheet_cells", count=len(one), columns=len(heading.columns))
        else:
            yield line, one


def _row(heading: Heading, cells: list[str]) -> dict[str, object]:
    row: dict[str, object] = {"to": []}
    for column, cell in zip(heading.columns, cells, strict=False):
        if column in _LISTS:
            values = _VALUE.findall(unicodedata.normalize("NFKC", cell))
            row[column] = [value for one in values if (value := unguarded(one))]
        elif column and unguarded(cell):
            row[column] = cell.strip() if column == "text" else unguarded(cell)
    return row
