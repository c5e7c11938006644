"""The counts are on a tab of their own, written when they change; what is beside them stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sheets.test_record import FakeTokens
from tests.support.googlesheets import LOST, SPREADSHEET, FakeGoogle, fake_google
from threatstamp.core.errors import SheetError
from threatstamp.desk.views.counts import MonthCounts
from threatstamp.sheets.client import SheetsClient
from threatstamp.sheets.counts import COLUMNS, GoogleCounts

OCTOBER = MonthCounts(
    month="2026-10",
    collected=9,
    stamped=4,
    forwarded=3,
    routes={"ciso": 2, "servers": 1},
    sources={"架空ニュース": 9},
)
NOVEMBER = MonthCounts(month="2026-11", collected=1)
ROWS = [
    ["month", "route", "source", "collected", "stamped", "forwarded", "handled"],
    ["2026-10", "", "", 9, 4, 3, 0],
    ["2026-10", "ciso", "", "", "", 2],
    ["2026-10", "servers", "", "", "", 1],
    ["2026-10", "", "架空ニュース", 9],
    ["2026-11", "", "", 1, 0, 0, 0],
]


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with fake_google() as made:
        made.tabs["counts"] = []
        yield made


@pytest.fixture
def counts(google: FakeGoogle) -> Iterator[GoogleCounts]:
    with_key = FakeTokens()
    client = SheetsClient(
        api_url=google.url, spreadsheet=SPREADSHEET, credentials=None, tokens=with_key, environ={}
    )
    yield GoogleCounts(client, tab="counts")
    client.close()


def seen(google: FakeGoogle) -> list[list[object]]:
    found: list[list[object]] = []
    for row in google.tabs["counts"]:
        cells: list[object] = list(row[: len(COLUMNS)])
        while cells and cells[-1] == "":
            cells.pop()
        found.append(cells)
    while found and not found[-1]:
        found.pop()
    return found


def test_counts_are_written_once_and_again_only_when_they_change(
    google: FakeGoogle, counts: GoogleCounts
) -> None:
    counts.put((OCTOBER, NOVEMBER))
    assert seen(google) == ROWS
    google.seen.clear()
    counts.put((OCTOBER, NOVEMBER))
    assert google.seen == ["GET values:batchGet"]


@pytest.mark.parametrize("at", range(3))
@pytest.mark.parametrize("fault", [LOST, 503])
def test_a_fault_at_any_call_is_mended_by_the_next_writing(
    google: FakeGoogle, counts: GoogleCounts, at: int, fault: int
) -> None:
    google.faults.extend([*[200] * at, fault])
    with pytest.raises(SheetError):
        counts.put((OCTOBER, NOVEMBER))
    counts.put((OCTOBER, NOVEMBER))
    assert seen(google) == ROWS


def test_fewer_rows_leave_none_behind_and_other_columns_stay(
    google: FakeGoogle, counts: GoogleCounts
) -> None:
    counts.put((OCTOBER, NOVEMBER))
    google.tabs["counts"][3] = [*google.tabs["counts"][3], "", "a note"]
    counts.put((NOVEMBER,))
    assert seen(google) == [ROWS[0], ROWS[-1]]
    assert google.tabs["counts"][3][-1] == "a note"


def test_a_tab_with_something_else_is_left_as_it_is(google: FakeGoogle, counts: GoogleCounts) -> None:
    google.tabs["counts"] = [["budget", "2026"]]
    with pytest.raises(SheetError, match="sheets_counts"):
        counts.put((OCTOBER,))
    assert google.tabs["counts"] == [["budget", "2026"]]
