"""`config`: a commented file that can be used at once, and what is in force."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_help import threatstamp
from threatstamp.app.tabs import keep_rows
from threatstamp.config.settings import read_settings
from threatstamp.config.tabs import Tab
from threatstamp.core.errors import PolicyError
from threatstamp.core.time import Micros
from threatstamp.store import open_store
from threatstamp.texts.catalogue import Language

TOKEN = "xoxb-PLANTED-0123456789"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("language", Language)
def test_the_example_is_a_file_that_can_be_used_as_it_is(language: Language, elsewhere: Path) -> None:
    done = threatstamp("config", "example", language=language)
    assert done.exit_code == 0
    (elsewhere / "threatstamp.toml").write_text(done.stdout, encoding="utf-8")
    assert read_settings(elsewhere / "threatstamp.toml", {}).language == language
    assert threatstamp("config", "show", language=language).exit_code == 0


def test_what_is_in_force_is_said_with_its_place_and_without_secrets(elsewhere: Path) -> None:
    (elsewhere / "threatstamp.toml").write_text(threatstamp("config", "example").stdout, encoding="utf-8")
    (elsewhere / "token").write_text(TOKEN, encoding="utf-8")
    environ = {
        "SLACK_BOT_TOKEN_FILE": "token",
        "SLACK_APP_TOKEN": TOKEN.replace("xoxb-", "xapp-"),
        "HTTPS_PROXY": "http://desk:PLANTED@proxy.example:8080",
    }
    done = threatstamp("config", "show", language=Language.EN, **environ)
    assert "threatstamp.toml:" in done.stdout
    assert "# SLACK_BOT_TOKEN: set, from SLACK_BOT_TOKEN_FILE" in done.stdout
    assert "# SLACK_APP_TOKEN: set\n" in done.stdout
    assert "proxy.example" in done.stdout
    as_json = threatstamp("config", "show", "--json", language=Language.EN, **environ)
    found = json.loads(as_json.stdout)
    assert {"path": "language", "value": "en", "from": "file", "where": found["settings"][0]["where"]} == (
        found["settings"][0]
    )
    assert {one["name"] for one in found["environment"] if one["set"]} >= {"SLACK_BOT_TOKEN", "HTTPS_PROXY"}
    assert "PLANTED" not in done.stdout + as_json.stdout


def test_a_wrong_file_is_said_like_everywhere_and_and_the_example_needs_none(elsewhere: Path) -> None:
    assert isinstance(threatstamp("config", "show").exception, PolicyError)  # `main` makes 2 of it
    (elsewhere / "threatstamp.toml").write_text('languge = "en"\n', encoding="utf-8")
    assert isinstance(threatstamp("config", "show").exception, PolicyError)
    assert threatstamp("config", "example").exit_code == 0


TAB = [["title"], [], ["name", "reaction", "to", "text"], ["ciso", ":fire:", "sec-alert", ""]]
ROUTE = '[[routes]]\nreaction = "fire"\nto = ["#ops"]\n'
SHEETS = """language = "en"
database = "sqlite:///desk.db"
[[sources]]
channel = "#security-news"
[sheets]
id = "1AbCdEfGhIjKlMnOpQrStUvWxYz"
routes = "routes"
"""


def keep(folder: Path, rows: list[list[str]], tab: Tab = Tab.ROUTES) -> None:
    settings = read_settings(folder / "threatstamp.toml", {})
    store = open_store(settings.database)
    keep_rows(settings, tab, rows, store=store, now=Micros(1))
    store.close()


def test_routes_of_the_spreadsheet_are_there_with_tab_and_row(elsewhere: Path) -> None:
    (elsewhere / "threatstamp.toml").write_text(SHEETS, encoding="utf-8")
    before = threatstamp("config", "show")
    assert "routes (Google Sheets), which has not been read yet" in before.stdout
    assert not (elsewhere / "desk.db").exists()
    keep(elsewhere, TAB)
    lines = threatstamp("config", "show").stdout.splitlines()
    assert next(line for line in lines if line.startswith('reaction = "fire"')).endswith(
        "# routes (Google Sheets):4"
    )
    assert next(line for line in lines if line.startswith("each = false")).endswith("# default")
    found = json.loads(threatstamp("config", "show", "--json").stdout)["settings"]
    of_routes = {one["path"]: one for one in found if one["path"].startswith("routes")}
    assert of_routes["routes[1].name"] == {
        "path": "routes[1].name",
        "value": "ciso",
        "from": "sheet",
        "where": "routes (Google Sheets):4",
    }


def test_routes_of_the_spreadsheet_that_are_wrong_now_are_said_with_their_row(elsewhere: Path) -> None:
    (elsewhere / "threatstamp.toml").write_text(SHEETS, encoding="utf-8")
    keep(elsewhere, [*TAB[:3], ["ciso", ":fire:", "security-news", ""]])
    done = threatstamp("config", "show")
    assert done.exit_code == 0
    assert "# routes (Google Sheets):4: " in done.stdout


def test_products_of_the_spreadsheet_count_wherever_products_are_looked_at(elsewhere: Path) -> None:
    file = elsewhere / "threatstamp.toml"
    file.write_text(SHEETS.replace("routes =", "products =") + ROUTE, encoding="utf-8")
    for command in (("products", "check"), ("products", "match", "wiki of the house")):
        done = threatstamp(*command)
        assert "routes (Google Sheets) are not known yet" in done.stderr, command
    assert (
        "# The products in routes (Google Sheets) are not known yet" in threatstamp("config", "show").stdout
    )
    keep(elsewhere, [["製品名", "別名"], ["Wiki of the house", "社内Wiki"]], Tab.PRODUCTS)
    assert "1 product: all of them can be found." in threatstamp("products", "check").stdout
    assert "Wiki of the house" in threatstamp("products", "match", "社内Wikiに脆弱性").stdout
    shown = threatstamp("config", "show").stdout
    assert 'products = "routes"' in shown
    assert "not known yet" not in shown
