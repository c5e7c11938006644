"""`sheets`: one pass over the spreadsheet, without Slack and without tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.support.googlesheets import SPREADSHEET, FakeGoogle, fake_google, service_account
from threatstamp.cli import cli
from threatstamp.core.errors import PolicyError

pytest.importorskip("google.auth", reason="the extra `sheets` is not installed")
FILE = """language = "en"
[[sources]]
channel = "#security-news"
"""


@pytest.fixture
def google() -> Iterator[FakeGoogle]:
    with fake_google() as made:
        made.tabs |= {"routes": [["reaction", "to"], [":siren:", "sec-alert"]], "counts": []}
        made.tabs["products"] = [["製品名"], ["FortiGate"]]
        yield made


@pytest.fixture
def folder(google: FakeGoogle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    service_account(google, tmp_path)
    sheets = f"""[sheets]
id = "{SPREADSHEET}"
routes = "routes"
products = "products"
record = "record"
counts = "counts"
api_url = "{google.url}"
credentials = "service-account.json"
"""
    (tmp_path / "threatstamp.toml").write_text(FILE + sheets, encoding="utf-8")
    return tmp_path


def sheets() -> Any:
    return CliRunner().invoke(cli, ["sheets"], prog_name="threatstamp")


def test_every_tab_is_said(google: FakeGoogle, folder: Path) -> None:
    done, said = sheets(), ["ok   routes", "ok   products", "ok   record", "ok   counts"]
    assert (done.exit_code, done.stdout.splitlines()) == (0, said)
    assert google.tabs["counts"][0][0] == "month"


def test_what_is_wrong_is_said_with_what_to_do_and_the_rest_is_done(google: FakeGoogle, folder: Path) -> None:
    google.tabs["routes"][1][1] = "#security-news"
    del google.tabs["counts"]
    done = sheets()
    assert done.exit_code == 1
    assert done.stdout.splitlines() == ["ok   products", "ok   record"]
    assert "routes (Google Sheets):2: " in done.stderr
    assert "!!   counts: the spreadsheet has no tab of this name" in done.stderr


def test_without_a_spreadsheet_it_says_so(folder: Path) -> None:
    routes = '[[routes]]\nreaction = "siren"\nto = ["#sec-alert"]\n'
    (folder / "threatstamp.toml").write_text(FILE + routes, encoding="utf-8")
    assert isinstance(sheets().exception, PolicyError)  # said by the program's end, with exit code 2
