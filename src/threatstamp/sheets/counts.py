"""The tab with the counts: written anew whenever they have changed, in the columns A to G alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from threatstamp.core.errors import SheetError
from threatstamp.desk.views.counts import MonthCounts
from threatstamp.sheets.client import Cell, SheetsClient, Values, quoted_tab

COLUMNS = ("month", "route", "source", "collected", "stamped", "forwarded", "handled")
"""The headings. Public, like every name in the settings."""


class GoogleCounts:
    """A tab for the counts. What people have right of its seven columns, charts among it, stays theirs."""

    def __init__(self, client: SheetsClient, *, tab: str) -> None:
        self._client = client
        self._tab = quoted_tab(tab)

    def put(self, months: Sequence[MonthCounts]) -> None:
        """Makes the tab say the counts. Repeating it, also after a lost answer, changes nothing.

        Raises SheetError, having changed nothing, if the columns hold something else.
        """
        rows: list[list[Cell]] = [list(COLUMNS), *counts_rows(months)]
        [there] = self._client.read(f"{self._tab}!A:G", values=Values.CALCULATED)
        if there and tuple(cell.strip().lower() for cell in there[0]) != COLUMNS:
            raise SheetError("sheets_counts", permanent=True)
        if _as_read(rows) == [list(row) for row in there]:
            return
        # rows that the tab does not have yet are appended: written to, they would be beyond its end
        begun = max(len(there), 1)
        empty: list[Cell] = [""] * len(COLUMNS)
        known = [*rows, *[empty] * (begun - len(rows))][:begun]
        self._client.write({f"{self._tab}!A1:G{begun}": known})
        if more := rows[begun:]:
            self._client.append(f"{self._tab}!A1:G1", more)


def counts_rows(months: Sequence[MonthCounts]) -> Iterator[list[Cell]]:
    """Yields for each month a row with its totals, then a row for each route and for each source."""
    for one in months:
        yield [one.month, "", "", one.collected, one.stamped, one.forwarded, one.handled]
        for route, count in one.routes.items():
            yield [one.month, route, "", "", "", count, ""]
        for source, count in one.sources.items():
            yield [one.month, "", source, count, "", "", ""]


def _as_read(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """Returns rows as the API returns them: as text, without empty cells at the end."""
    found = [["" if cell is None else str(cell) for cell in row] for row in rows]
    for row in found:
        while row and not row[-1]:
            row.pop()
    return found
