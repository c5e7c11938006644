"""Routes from a CSV file, with what old spreadsheets hold."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping

from threatstamp.config.reader import Problems, Words

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "reaction": ("reaction", "emoji", "stamp", "リアクション", "スタンプ", "絵文字"),
    "to": (
        "to",
        "channel",
        "destination",
        "転送先",
        "転送先チャンネル",
        "チャンネル",
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
"""The names that people give a column, in lower case. Columns of the last line are notes, and are ignored."""

_BY_NAME = {name: column for column, names in COLUMNS.items() for name in names}
_LISTS = frozenset({"to", "mention", "from", "allow"})
_VALUE = re.compile(r"<[^<>]*>|[^\s,、，;；<>]+|[<>]")

Row = tuple[int, dict[str, object]]


def read_sheet(content: bytes, problems: Problems) -> list[Row]:
    """Returns the rows as route tables with their line numbers; adds what is wrong to the problems."""
    text = _decode(content)
    if text is None:
        problems.add_at(None, "sheet_encoding")
        return []
    rows: list[Row] = []
    columns: list[str] | None = None
    for line, cells in _cells(text, problems):
        if columns is None:
            columns = _columns(cells, line, problems)
            if "reaction" not in columns or "to" not in columns:
                return []
        elif any(cell.strip() for cell in cells[len(columns) :]):
            problems.add_at(line, "sheet_cells", count=len(cells), columns=len(columns))
        else:
            rows.append((line, _row(columns, cells)))
    if not rows and not problems.of_file():
        problems.add_at(None, "sheet_empty" if columns is None else "sheet_no_rows")
    return rows


def _decode(content: bytes) -> str | None:
    if b"\x00" in content:
        return None
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _cells(text: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Yields rows that are not empty, each with the line in which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        problems.add_at(line, "sheet_csv", error=str(error))


def _columns(cells: list[str], line: int, problems: Problems) -> list[str]:
    """Returns the column of each cell of the first row, "" for one that does not count."""
    named = [_BY_NAME.get(unicodedata.normalize("NFKC", cell).strip().lower()) for cell in cells]
    if not any(named):  # a route, and not its columns: to call each of its words a wrong column helps nobody
        problems.add_at(line, "sheet_no_heading")
        return []
    found: list[str] = []
    known = Words(", ".join(column for column in COLUMNS if column))
    for cell, column in zip(cells, named, strict=True):
        if column is None:
            problems.add_at(line, "sheet_column", column=cell, known=known)
        if column and column in found:
            problems.add_at(line, "sheet_twice", column=column)
        found.append(column or "")
    for column in ("reaction", "to"):
        if column not in found:
            problems.add_at(line, "sheet_missing", column=column)
    return found


def _row(columns: list[str], cells: list[str]) -> dict[str, object]:
    row: dict[str, object] = {"to": []}
    for column, cell in zip(columns, cells, strict=False):
        if column in _LISTS:
            row[column] = _VALUE.findall(unicodedata.normalize("NFKC", cell))
        elif column and cell.strip():
            row[column] = cell.strip()
    return row
