"""`check` says of the spreadsheet what is wrong, for which account, and what to press."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.config.test_reference import read
from tests.support.googlesheets import SPREADSHEET, FakeGoogle, fake_google, service_account
from threatstamp.app.check.sheets import check_sheets
from threatstamp.config.settings import Settings
from threatstamp.config.sheets import SheetsSettings
from threatstamp.texts.catalogue import Language, Texts

pytest.importorskip("google.auth", reason="the extra `sheets` is not installed")


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with fake_google() as made:
        yield made


@pytest.fixture
def settings(google: FakeGoogle, tmp_path: Path) -> Settings:
    key = service_account(google, tmp_path)
    sheets = SheetsSettings(id=SPREADSHEET, record="record", api_url=google.url, credentials=key)
    return replace(read(tmp_path), sheets=sheets)


def test_a_spreadsheet_that_can_be_read_is_well(settings: Settings) -> None:
    _, [check] = check_sheets(settings, Texts(Language.EN))
    assert (check.ok, check.part, check.name) == (True, "sheets", "record")


@pytest.mark.parametrize(("language", "button"), [(Language.EN, "Share"), (Language.JA, "「共有」")])
def test_a_spreadsheet_that_is_not_shared_says_with_whom_to_share_it(
    google: FakeGoogle, settings: Settings, language: Language, button: str
) -> None:
    google.faults.append(403)
    _, [check] = check_sheets(settings, Texts(language))
    assert not check.ok
    assert button in check.message
    assert "desk@example.iam.gserviceaccount.com" in check.fix


def test_without_a_spreadsheet_there_is_nothing_to_check(settings: Settings) -> None:
    without = replace(settings, sheets=None)
    assert check_sheets(without, Texts(Language.EN)) == (without, ())


def test_the_routes_of_the_tab_are_those_that_are_checked(google: FakeGoogle, settings: Settings) -> None:
    assert settings.sheets
    settings = replace(settings, sheets=replace(settings.sheets, routes="routes"))
    google.tabs["routes"] = [["reaction", "to"], [":siren:", "sec-alert"], [":eyes:", "#ops"]]
    found, checks = check_sheets(settings, Texts(Language.EN))
    assert [(check.name, check.ok) for check in checks] == [("routes", True), ("record", True)]
    assert [(route.reaction, route.to) for route in found.routes] == [
        ("siren", ("#sec-alert",)),
        ("eyes", ("#ops",)),
    ]
    google.tabs["routes"][2] = [":no_such emoji:", "#ops"]
    _, checks = check_sheets(settings, Texts(Language.EN))
    assert not checks[0].ok
    assert checks[0].message.startswith("routes (Google Sheets):3: ")


def test_the_products_of_the_tab_are_counted_and_a_wrong_row_is_named(
    google: FakeGoogle, settings: Settings
) -> None:
    assert settings.sheets
    settings = replace(settings, sheets=replace(settings.sheets, products="products"), lacks_products=True)
    google.tabs["products"] = [["製品名", "重要度"], ["FortiGate", "高"]]
    found, checks = check_sheets(settings, Texts(Language.EN))
    assert [(check.name, check.message) for check in checks[:1]] == [("products", "readable, 1 product")]
    assert found.products[-1].name == "FortiGate"  # whose owners are looked up
    google.tabs["products"][1][1] = "普通よりかなり上"
    _, checks = check_sheets(settings, Texts(Language.EN))
    assert not checks[0].ok
    assert checks[0].message.startswith("products (Google Sheets):2: ")
