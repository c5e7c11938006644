"""Routes from a CSV file, with what old spreadsheets hold."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from threatstamp.config.cells import CellRow, CellsError, Heading, is_workbook, read_cells, unguarded
from threatstamp.config.columns import Columns, below
from threatstamp.config.reader import Problems
from threatstamp.texts.emoji import is_standard, name_of

_NAMES: Mapping[str, tuple[str, ...]] = {
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
    "case": (
        "case",
        "cases",
        "track",
        "case track",
        "対応案件",
        "案件",
        "対応区分",
        "案件の種類",
        "対応案件の種類",
        "区分",
    ),
    "": ("", "no", "no.", "note", "notes", "memo", "comment", "remarks", "備考", "メモ", "番号", "コメント"),
}
COLUMNS = Columns(names=_NAMES, required=("reaction", "to"))
_LISTS = frozenset({"to", "mention", "from", "allow"})
_VALUE = re.compile(r"<[^<>]*>|[^\s,、，;；<>]+|[<>]")
_CHANNEL_SIGNS = ("#", "＃", "<#", "https://")

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
    heading = COLUMNS.heading(cells)
    if heading is None:
        if cells or not problems.of_file():
            line = cells[0][0] if cells else None
            problems.add_at(
                line, "sheet_no_heading" if cells else "sheet_empty", names=COLUMNS.said(problems.texts)
            )
        return []
    COLUMNS.check(heading, cells[heading.at], problems)
    if not heading.has(*COLUMNS.required):
        return []
    for line, above in cells[: heading.at]:
        if _is_route(heading, above):
            problems.add_at(line, "sheet_above")
    rows = [(line, _row(heading, one)) for line, one in below(heading, cells, problems)]
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
        for row in read_cells(content, COLUMNS.heading):
            found.append(row)
    except CellsError as error:
        problems.add_at(error.line, "sheet_csv" if error.line else "sheet_encoding", error=error)
    return found


def _is_route(heading: Heading, cells: list[str]) -> bool:
    """True for a row above the columns' names that is no title: sorting a sheet can move the names down."""
    row = dict(zip(heading.columns, cells, strict=False))
    reaction, to = (unguarded(row.get(column, "")) for column in COLUMNS.required)
    is_emoji = reaction[:1] in (":", "：") or name_of(reaction) is not None or is_standard(reaction)
    return bool(reaction) and (is_emoji or to.startswith(_CHANNEL_SIGNS))


def _row(heading: Heading, cells: list[str]) -> dict[str, object]:
    row: dict[str, object] = {"to": []}
    for column, cell in zip(heading.columns, cells, strict=False):
        if column in _LISTS:
            values = _VALUE.findall(unicodedata.normalize("NFKC", cell))
            row[column] = [value for one in values if (value := unguarded(one))]
        elif column and unguarded(cell):
            row[column] = cell.strip() if column == "text" else unguarded(cell)
    return row
