"""The record of the old script: a row for each post that it has forwarded, with the reaction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from threatstamp.config.cells import HEADING_WITHIN, CellRow, Heading, find_heading, unguarded
from threatstamp.config.sheet import COLUMNS as ROUTE_COLUMNS

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "url": (
        "url",
        "link",
        "links",
        "permalink",
        "post",
        "post url",
        "message",
        "message url",
        "リンク",
        "投稿",
        "投稿url",
        "投稿リンク",
        "投稿のurl",
        "元の投稿",
        "メッセージurl",
        "メッセージリンク",
        "パーマリンク",
    ),
    "reaction": ROUTE_COLUMNS.names["reaction"],
    "key": ("key",),
}
"""The names that people give a column, in lower case. `key` is filled in rows that this program wrote."""

_BY_NAME = {name: column for column, names in COLUMNS.items() for name in names}
_FORMULA = re.compile(r'=HYPERLINK\("([^"]+)".*', re.IGNORECASE)
_LINK = re.compile(r"<?https?://")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """A row as it is. number: its line in the file, or its number in the spreadsheet."""

    number: int
    url: str
    reaction: str
    is_ours: bool = False


def heading_of(rows: Sequence[CellRow]) -> Heading | None:
    """Returns the row that names the columns, if there is one."""
    return find_heading(rows, _BY_NAME, ("url", "reaction"))


def record_rows(rows: Sequence[CellRow]) -> Iterator[RecordRow] | None:
    """Returns the rows of the record; None if neither names nor links show where they are.

    The script wrote link and reaction side by side, mostly without a row of names. A row above the first
    link that names a column, or consists of a title, is no row of the record.
    """
    heading = heading_of(rows)
    if heading is not None and heading.has("url", "reaction"):
        at = {name: heading.columns.index(name) for name in COLUMNS if name in heading.columns}
        above = [row for row in rows[: heading.at] if _LINK.match(_cell(row[1], at["url"]))]
        return _read((*above, *rows[heading.at + 1 :]), at)
    column = _column_of_links(rows[:HEADING_WITHIN])
    if column is None:
        return None
    first = next(number for number, (_, cells) in enumerate(rows) if _LINK.match(_cell(cells, column)))
    above = [row for row in rows[:first] if not _is_title(row[1])]
    return _read((*above, *rows[first:]), {"url": column, "reaction": column + 1})


def _column_of_links(rows: Sequence[CellRow]) -> int | None:
    return next((at for _, cells in rows for at in range(len(cells)) if _LINK.match(_cell(cells, at))), None)


def _is_title(cells: Sequence[str]) -> bool:
    heading = find_heading([(1, list(cells))], _BY_NAME, ())
    is_named = heading is not None and any(heading.columns)
    return is_named or sum(bool(cell.strip()) for cell in cells) < 2


def _read(rows: Iterable[CellRow], at: Mapping[str, int]) -> Iterator[RecordRow]:
    for number, cells in rows:
        yield RecordRow(
            number=number,
            url=_cell(cells, at["url"]),
            reaction=_cell(cells, at["reaction"]),
            is_ours=bool(_cell(cells, at.get("key", len(cells)))),
        )


def _cell(cells: Sequence[str], at: int) -> str:
    text = unguarded(cells[at]) if at < len(cells) else ""
    formula = _FORMULA.fullmatch(text)
    return formula[1] if formula else text
