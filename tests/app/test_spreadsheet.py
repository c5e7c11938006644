"""The loop that copies to the spreadsheet: what it says when that fails, and how long it waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.config.test_reference import read
from tests.sheets.test_record import Desk
from tests.support.googlesheets import SPREADSHEET, FakeGoogle
from tests.support.times import S
from threatstamp.app.spreadsheet import (
    COUNT_EVERY,
    FIRST_WAIT,
    LATE,
    LONGEST_WAIT,
    READ_EVERY,
    Book,
    Spreadsheet,
)
from threatstamp.app.tabs import completed, keep_rows, tabs_or_none, with_tabs
from threatstamp.config.settings import Settings
from threatstamp.config.sheets import SheetsSettings
from threatstamp.config.tabs import Tab
from threatstamp.core.errors import PolicyError, SheetError
from threatstamp.core.trouble import Trouble
from threatstamp.desk.ports.sheets import RecordRow
from threatstamp.desk.views.counts import MonthCounts
from threatstamp.texts.catalogue import Language


class Fickle:
    """The RecordSheet port, which fails as long as it is told to."""

    name = f"{SPREADSHEET}/record"

    def __init__(self) -> None:
        self.error: SheetError | None = None
        self.fault: Exception | None = None
        self.calls = 0
        self.rows: list[RecordRow] = []
        self.closed = 0

    def look(self) -> None:
        pass

    def keys(self) -> frozenset[str]:
        self.calls += 1
        if wrong := self.error or self.fault:
            raise wrong
        return frozenset(row.key for row in self.rows)

    def append(self, rows: Sequence[RecordRow]) -> None:
        self.rows += rows

    def close(self) -> None:
        self.closed += 1


class Office:
    """A desk with something to copy, and the loop that does it."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(FakeGoogle())
        self.settings = replace(read(folder), sheets=SheetsSettings(id=SPREADSHEET, record="record"))
        self.sheet = Fickle()
        self.file: Settings | None = None
        """As the file has them, where that is not what is in force."""
        self.routes: list[list[str]] = []
        self.products: list[list[str]] = []
        self.news = 0
        self.opened: list[tuple[Language, ZoneInfo]] = []
        self.counts: list[Sequence[MonthCounts]] = []
        self.loop = Spreadsheet(
            lambda: self.settings,
            store=self.desk.store,
            clock=self.desk.clock,
            holder="test",
            of_file=lambda: self.file or self.settings,
            on_tabs=self.hear,
            open_book=self.open_book,
        )
        self.desk.forward()

    def hear(self) -> None:
        self.news += 1
        self.settings = completed(with_tabs(self.file or self.settings, self.desk.store), self.settings)

    def open_book(self, settings: Settings) -> Book:
        self.opened.append((settings.language, settings.timezone))
        has_routes = settings.sheets is not None and settings.sheets.routes is not None
        routes = (lambda: self.routes) if has_routes else None
        has_products = settings.sheets is not None and settings.sheets.products is not None
        return Book(
            record=self.sheet,
            routes=routes,
            products=(lambda: self.products) if has_products else None,
            counts=self.counts.append,
            close=self.sheet.close,
        )

    def after(self, seconds: float) -> int:
        """Lets time pass and looks again; returns how often Google was asked."""
        self.desk.clock.time += round(seconds * S)
        before = self.sheet.calls
        self.loop.work()
        return self.sheet.calls - before

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        with self.desk.store.reading() as read:
            return read.troubles.unfixed()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_what_a_person_has_to_mend_is_a_trouble_at_once_and_over_when_it_works(office: Office) -> None:
    office.sheet.error = SheetError("sheets_forbidden", permanent=True)
    office.after(0)
    assert [(one.subject, one.values) for one in office.troubles] == [
        ("record", {"name": "record", "error": "sheets_forbidden"})
    ]
    office.sheet.error = SheetError("sheets_not_found", permanent=True)
    office.after(1.2 * FIRST_WAIT)
    assert [one.values["error"] for one in office.troubles] == ["sheets_not_found"]
    office.sheet.error = None
    office.after(1.2 * 2 * FIRST_WAIT)
    assert office.troubles == ()
    assert len(office.sheet.rows) == 1


def test_what_passes_is_a_trouble_only_if_it_lasts_and_is_tried_ever_more_rarely(office: Office) -> None:
    office.sheet.error = SheetError("sheets_server")
    waits, passed = [], 0.0
    while not office.troubles:
        seconds = 0.0
        while not office.after(1.0):
            seconds += 1
        waits.append(seconds)
        passed += seconds + 1
    assert waits[1] >= FIRST_WAIT - 1
    assert waits[1:] == sorted(waits[1:])
    assert LATE <= passed <= LATE + 1.2 * LONGEST_WAIT


def test_googles_own_wish_counts_if_it_is_longer(office: Office) -> None:
    office.sheet.error = SheetError("sheets_quota", retry_after=300.0)
    office.after(0)
    assert office.after(299) == 0
    assert office.after(2) == 1


def test_changed_settings_are_tried_at_once(office: Office) -> None:
    office.sheet.error = SheetError("sheets_not_found", permanent=True)
    office.after(0)
    office.settings = replace(
        office.settings, sheets=SheetsSettings(id="1AnotherSpreadsheet", record="record")
    )
    office.sheet.error = None
    office.desk.clock.time += 31 * S
    office.after(0)
    assert (office.troubles, office.sheet.closed) == ((), 1)
    office.settings = replace(office.settings, sheets=None)
    assert office.after(1) == 0
    assert office.sheet.closed == 2


def test_nothing_is_asked_once_it_is_closed(office: Office) -> None:
    office.after(0)
    office.loop.close()
    assert office.sheet.closed == 1
    office.desk.forward()
    assert office.after(60) == 0


RIGHT = [["reaction", "to"], [":siren:", "#sec-alert"]]
WRONG = [["reaction", "to"], [":siren:", "#security-news"]]
"""A source, to which nothing can be forwarded."""


def test_the_routes_are_read_every_few_minutes_and_wrong_ones_change_nothing(office: Office) -> None:
    office.settings = replace(
        office.settings, sheets=SheetsSettings(id=SPREADSHEET, record="record", routes="routes")
    )
    assert with_tabs(office.settings, office.desk.store).routes == office.settings.routes
    before = office.settings
    office.routes = RIGHT
    office.after(0)
    found = office.settings
    assert [(route.reaction, route.to) for route in found.routes] == [("siren", ("#sec-alert",))]
    assert found.digest != before.digest
    office.after(READ_EVERY)
    assert office.news == 1
    office.routes = WRONG
    office.after(READ_EVERY)
    [trouble] = office.troubles
    assert trouble.values["problem"].startswith("routes (Google Sheets):2: ")
    assert with_tabs(before, office.desk.store) == found
    office.routes = RIGHT
    office.after(READ_EVERY)
    assert (office.troubles, office.news) == ((), 1)


JAPANESE = [["自社で使う製品"], ["製品名", "バージョン", "公開"], ["FortiGate", "7.4.3", "○"]]
ENGLISH = [["product", "version", "exposed"], ["FortiGate", "7.4.4", "yes"], ["Wiki of the house", "", ""]]
SCANNED = b"product,host,cve\nFortiGate,gw1,CVE-2024-21762\n"


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param([["product", "exposed"], ["FortiGate", "perhaps"]], id="value"),
        pytest.param([["product"], ["FortiGate", "7.4.3"]], id="cells"),
        pytest.param([["FortiGate", "7.4.3"]], id="heading"),
        pytest.param([["product"]], id="rows"),
        pytest.param([], id="empty"),
        pytest.param([["product"], ["Wiki of the house"]], id="findings"),
    ],
)
def test_products_of_a_tab_stay_as_they_were_while_something_in_it_is_wrong(
    office: Office, wrong: list[list[str]]
) -> None:
    sheets = SheetsSettings(id=SPREADSHEET, products="自社製品")
    office.file = office.settings = replace(
        office.settings, products=(), sheets=sheets, lacks_products=True, scanned=("findings.csv", SCANNED)
    )
    office.products = JAPANESE
    office.after(0)
    [found] = office.settings.products
    assert (found.name, found.vendor, found.version, found.exposed) == (
        "FortiGate",
        "Fortinet",
        "7.4.3",
        True,
    )
    assert ([one.cve for one in found.findings], office.settings.lacks_products) == (
        ["CVE-2024-21762"],
        False,
    )
    office.products = wrong
    office.after(READ_EVERY)
    [trouble] = office.troubles
    assert trouble.subject == "sheet:自社製品"
    assert trouble.values["problem"].startswith(("自社製品 (Google Sheets)", "findings.csv:2: "))
    again = tabs_or_none(office.file, office.desk.store)  # as at a start
    assert again.products == office.settings.products == (found,)
    office.products = ENGLISH
    office.after(READ_EVERY)
    assert office.troubles == ()
    assert [one.name for one in office.settings.products] == ["FortiGate", "Wiki of the house"]
    assert office.news == 2


def test_products_in_force_stay_until_those_of_another_tab_are_known(office: Office) -> None:
    sheets = SheetsSettings(id=SPREADSHEET, products="old")
    office.file = office.settings = replace(office.settings, sheets=sheets, lacks_products=True)
    office.products = ENGLISH
    office.after(0)
    file = replace(office.file, sheets=replace(sheets, products="new"))
    now = completed(with_tabs(file, office.desk.store), office.settings)
    assert (now.products, now.lacks_products) == (office.settings.products, False)
    assert tabs_or_none(file, office.desk.store).lacks_products


def test_routes_that_another_process_has_kept_come_into_force_here_too(office: Office) -> None:
    office.settings = replace(office.settings, sheets=SheetsSettings(id=SPREADSHEET, routes="routes"))
    office.routes = RIGHT
    keep_rows(office.settings, Tab.ROUTES, RIGHT, store=office.desk.store, now=office.desk.clock.now())
    office.after(0)
    assert office.news == 1
    assert office.settings.routes[0].to == ("#sec-alert",)


def test_routes_that_the_file_makes_wrong_do_not_keep_a_desk_from_starting(office: Office) -> None:
    office.settings = replace(
        office.settings, sheets=SheetsSettings(id=SPREADSHEET, record="record", routes="routes"), routes=()
    )
    before = office.settings
    office.routes = RIGHT
    office.after(0)
    changed = replace(before, sources=("#sec-alert",))
    with pytest.raises(PolicyError):
        with_tabs(changed, office.desk.store)
    assert tabs_or_none(changed, office.desk.store).routes == ()


def test_the_counts_are_put_every_quarter_of_an_hour(office: Office) -> None:
    office.after(0)
    assert [one.stamped for months in office.counts for one in months] == [1]
    office.after(COUNT_EVERY - 1)
    assert len(office.counts) == 1
    office.after(1)
    assert len(office.counts) == 2


def test_another_process_that_fails_in_the_same_way_says_nothing_is_mended(office: Office) -> None:
    office.sheet.error = SheetError("sheets_forbidden", permanent=True)
    office.after(0)
    [before] = office.troubles
    again = Spreadsheet(
        lambda: office.settings,
        store=office.desk.store,
        clock=office.desk.clock,
        holder="another",
        of_file=lambda: office.settings,
        on_tabs=office.hear,
        open_book=office.open_book,
    )
    office.desk.clock.time += 60 * S
    [(tab, error), _] = again.work()
    assert (tab, error) == ("record", office.sheet.error)
    assert office.troubles == (before,)


def test_a_fault_of_ours_is_a_trouble_too_and_is_tried_ever_more_rarely(office: Office) -> None:
    office.sheet.fault = ZeroDivisionError("a fault")
    office.after(0)
    assert [one.values for one in office.troubles] == [{"name": "record", "error": "sheets_fault"}]
    assert office.after(FIRST_WAIT - 1) == 0
    assert office.after(0.2 * FIRST_WAIT + 1) == 1
    assert office.after(1.2 * FIRST_WAIT) == 0
    office.sheet.fault = None
    office.after(1.2 * FIRST_WAIT)
    assert not office.troubles
    assert len(office.sheet.rows) == 1


@pytest.mark.parametrize("change", [{"language": Language.JA}, {"timezone": ZoneInfo("America/New_York")}])
def test_another_language_or_zone_reaches_the_spreadsheet_without_a_restart(
    office: Office, change: dict[str, Any]
) -> None:
    office.after(0)
    office.after(60)
    office.settings = replace(office.settings, **change)
    office.after(60)
    assert len(office.opened) == 2
    assert office.opened[-1] == (office.settings.language, office.settings.timezone)
