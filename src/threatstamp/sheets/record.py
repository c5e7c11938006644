"""The tab with the record: its columns by their headings, wherever people put them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from threatstamp.core.errors import SheetError
from threatstamp.core.time import Micros, datetime_of
from threatstamp.desk.ports.sheets import RecordRow
from threatstamp.sheets.client import Cell, SheetsClient, column_letters, quoted_tab
from threatstamp.texts.catalogue import Texts

KEY = "key"
COLUMNS = (
    *("url", "reaction", "who", "stamped at", "route", "destination"),
    *("delivered at", "status", "decision", "tlp", KEY),
)
"""The headings as they are written into an empty tab. Public, like every name in the settings."""

MOST_PEOPLE = 100
"""Names in one cell; a cell takes 50,000 characters."""


class GoogleRecord:
    """The RecordSheet port on a tab, whose first row has the headings. People's own columns stay empty."""

    def __init__(self, client: SheetsClient, *, tab: str, zone: ZoneInfo, texts: Texts) -> None:
        self._client = client
        self._tab = quoted_tab(tab)
        self._zone = zone
        self._texts = texts
        self._columns: tuple[str, ...] = ()
        self.name = f"{client.spreadsheet}/{tab}"

    def look(self) -> None:
        """Finds the columns. Raises SheetError if the tab cannot be read, or is not fit for the record."""
        [rows] = self._client.read(f"{self._tab}!1:1")
        self._columns = _columns(rows[0]) if rows else ()
        if not self._columns:
            [rows] = self._client.read(self._tab)
            if any(cell.strip() for row in rows for cell in row):
                raise SheetError("sheets_headings", permanent=True)

    def keys(self) -> frozenset[str]:
        self.look()
        if not self._columns:
            self._begin()
            return frozenset()
        letter = column_letters(self._columns.index(KEY))
        [column] = self._client.read(f"{self._tab}!{letter}:{letter}")
        return frozenset(row[0].strip() for row in column[1:] if row)

    def _begin(self) -> None:
        """Writes the headings into an empty tab."""
        end = column_letters(len(COLUMNS) - 1)
        self._client.write({f"{self._tab}!A1:{end}1": [COLUMNS]})
        self._columns = COLUMNS

    def append(self, rows: Sequence[RecordRow]) -> None:
        # the headings say which table is meant: it ends above whatever people wrote further down
        end = column_letters(len(self._columns) - 1)
        self._client.append(f"{self._tab}!A1:{end}1", [self._cells(row) for row in rows])

    def _cells(self, row: RecordRow) -> list[Cell]:
        people = list(row.people[:MOST_PEOPLE])
        if rest := len(row.people) - len(people):
            people.append(f"+{rest}")
        values: dict[str, Cell] = {
            "url": row.link,
            "reaction": row.reaction,
            "who": ", ".join(people),
            "stamped at": self._time(row.stamped_at),
            "route": row.route,
            "destination": row.destination,
            "delivered at": self._time(row.delivered_at),
            "status": self._texts(f"sheets.status_{row.outcome}"),
            "tlp": row.marking.label if row.marking else None,
            KEY: row.key,
        }
        return [values.get(name) for name in self._columns]

    def _time(self, at: Micros | None) -> str | None:
        """Returns a moment in the desk's zone, which sorts as text: 2026-11-26 20:37:21+09:00."""
        return datetime_of(at).astimezone(self._zone).isoformat(" ", "seconds") if at is not None else None


def _columns(headings: Sequence[str]) -> tuple[str, ...]:
    """Returns our name of each column up to the last of ours, "" for people's own; nothing for an empty row.

    Raises SheetError if there is no column for the key, or one without a heading: Google would take it for
    the border of two tables, and append in the wrong columns.
    """
    folded = [" ".join(unicodedata.normalize("NFKC", cell).lower().split()) for cell in headings]
    if not any(folded):
        return ()
    if folded.count(KEY) != 1:
        raise SheetError("sheets_key_column", permanent=True)
    if "" in folded:
        raise SheetError("sheets_gap", permanent=True, column=column_letters(folded.index("")))
    names = [name if name in COLUMNS and folded.index(name) == at else "" for at, name in enumerate(folded)]
    return tuple(names)
