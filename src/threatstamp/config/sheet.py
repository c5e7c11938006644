"""Routes from a CSV file, with what old spreadsheets hold."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from threatstamp.texts.catalogue import Texts

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "reaction": ("reaction", "emoji", "stamp", "リアクション", "スタンプ", "絵文字"),
    "to": ("to", "channel", "destination", "転送先", "チャンネル", "送信先", "宛先チャンネル"),
    "mention": ("mention", "mentions", "メンション", "宛先"),
    "text": ("text", "message", "文面", "本文", "メッセージ", "テキスト"),
    "name": ("name", "route", "名前", "名称", "ルート"),
    "from": ("from", "source", "転送元", "元チャンネル"),
    "allow": ("allow", "許可", "利用者", "使える人"),
}
_LISTS = frozenset({"to", "mention", "from", "allow"})
_BREAKS = re.compile(r"[\s,、，;]+")


def read_sheet(
    path: Path, content: bytes, texts: Texts
) -> tuple[list[tuple[int, dict[str, object]]], list[str]]:
    """Returns the rows as route tables with their line numbers, and the problems found."""
    text = _decode(content)
    if text is None:
        return [], [f"{path.name}: {texts('config.sheet_encoding')}"]
    problems: list[str] = []
    rows: list[tuple[int, dict[str, object]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns: list[str] | None = None
    try:
        line = 1
        for cells in reader:
            started, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = _columns(cells, path=path, line=started, texts=texts, problems=problems)
                if problems:
                    return [], problems
                continue
            rows.append((started, _row(columns, cells)))
    except csv.Error as error:
        problems.append(f"{path.name}:{reader.line_num}: {texts('config.sheet_csv', error=str(error))}")
    if columns is None and not problems:
        problems.append(f"{path.name}: {texts('config.sheet_empty')}")
    return rows, problems


def _decode(content: bytes) -> str | None:
    if b"\x00" in content:
        return None
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _columns(cells: list[str], *, path: Path, line: int, texts: Texts, problems: list[str]) -> list[str]:
    found: list[str] = []
    for cell in cells:
        name = unicodedata.normalize("NFKC", cell).strip().lower()
        column = next((column for column, names in COLUMNS.items() if name in names), "")
        if name and not column:
            known = ", ".join(COLUMNS)
            words = texts("config.sheet_column", column=cell.strip(), known=known)
            problems.append(f"{path.name}:{line}: {words}")
        if column and column in found:
            problems.append(f"{path.name}:{line}: {texts('config.sheet_twice', column=column)}")
        found.append(column)
    problems += [
        f"{path.name}:{line}: {texts('config.sheet_missing', column=column)}"
        for column in ("reaction", "to")
        if column not in found
    ]
    return found


def _row(columns: list[str], cells: list[str]) -> dict[str, object]:
    row: dict[str, object] = {}
    for column, cell in zip(columns, cells, strict=False):
        if not column:
            continue
        if column in _LISTS:
            row[column] = _values(cell)
        elif cell.strip():
            row[column] = cell.strip()
    row.setdefault("to", [])
    return row


def _values(cell: str) -> list[str]:
    normal = unicodedata.normalize("NFKC", cell)
    return [value for value in _BREAKS.split(normal.strip()) if value]
