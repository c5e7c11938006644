"""`products check`: what would never be found, and what would be found everywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from threatstamp.cli import cli

HEAD = 'language = "{}"\n[[sources]]\nchannel = "#news"\n[[routes]]\nreaction = "siren"\nto = []\n'


@pytest.fixture(params=["ja", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def products(folder: Path, language: str, tables: str, *args: str) -> Any:
    (folder / "threatstamp.toml").write_text(HEAD.format(language) + tables, encoding="utf-8")
    return CliRunner().invoke(cli, ["products", *args], prog_name="threatstamp")


GOOD = '[[products]]\nname = "FortiGate"\nversion = "7.4.3"\n[[products]]\nname = "Microsoft Teams"\n'


def test_a_list_in_which_all_can_be_found_is_well(folder: Path, language: str) -> None:
    done = products(folder, language, GOOD, "check")
    assert done.exit_code == 0
    assert "FortiOS" in done.output
    assert "cpe:2.3:o:fortinet:fortios:7.4.3" in done.output
    assert "✕" not in done.output


def test_no_products_are_no_mistake(folder: Path, language: str) -> None:
    done = products(folder, language, "", "check")
    assert done.exit_code == 0
    assert "[[products]]" in done.output
    assert json.loads(products(folder, language, "", "check", "--json").output) == {
        "ok": True,
        "products": [],
    }


WRONG = [
    ('name = "Server"', "everywhere"),
    ('name = "Windows"\nversion = "11"', "everywhere"),
    ('name = "Microsoft"', "everywhere"),
    ('name = "社内Wiki"\naliases = ["wiki"]', "common"),
    ('name = "X"', "short"),
    ('name = "本番サーバ（nginx）"', "inside"),
    ('name = "House CRM"\ncpe = "cpe:/House CRM"', "cpe"),
    ('name = "House CRM"\ncpe = "cpe:2.3:a:*:*:1.0:*:*:*:*:*:*:*"', "cpe"),
    ('name = "House CRM"\npurl = "npm:lodash"', "purl"),
    ('name = "nginx"\nversion = "最新"', "version"),
    ('name = "nginx"\nversion = "1.26.x"', "version"),
    ('name = "nginx"\nversion = "latest"', "version"),
    ('name = "nginx"\n[[products]]\nname = "nginx"', "twice"),
]


@pytest.mark.parametrize(("table", "kind"), WRONG)
def test_what_is_wrong_with_a_product_is_said_and_the_exit_code_is_1(
    table: str, kind: str, folder: Path, language: str
) -> None:
    done = products(folder, language, f"[[products]]\n{table}\n", "check", "--json")
    body = json.loads(done.output)
    assert done.exit_code == 1
    assert body["ok"] is False
    assert [one["kind"] for one in body["products"][0]["findings"] if one["wrong"]] == [kind]
    assert "✕" in products(folder, language, f"[[products]]\n{table}\n", "check").output


RIGHT = [
    'name = "Windows Server 2022"',
    'name = "Go"',
    'name = "R"',
    'name = "House CRM"\nversion = "2024 R2"',
    'name = "House CRM"\nversion = "v1.2.3-rc.1"',
    'name = "House CRM"\nversion = "22H2"',
    'name = "House CRM"\nversion = "7.0 Update 3n"',
    'name = "House CRM"\ncpe = "cpe:2.3:a:veeam:veeam_backup_\\\\&_replication:12:*:*:*:*:*:*:*"',
    'name = "House CRM"\ncpe = "cpe:/a:house:crm:1.0"',
    'name = "lodash"\npurl = "pkg:npm/%40scope/lodash@4.17.21"',
    'name = "nginx"\nversion = "1"\n[[products]]\nname = "nginx"\nversion = "2"',
    'name = "House CRM"',
]


@pytest.mark.parametrize("table", RIGHT)
def test_what_is_right_is_not_called_wrong(table: str, folder: Path, language: str) -> None:
    done = products(folder, language, f"[[products]]\n{table}\n", "check")
    assert done.exit_code == 0, done.output


def test_a_product_as_json_has_what_is_built_in(folder: Path, language: str) -> None:
    (one, _) = json.loads(products(folder, language, GOOD, "check", "--json").output)["products"]
    assert list(one) == [
        *("name", "aliases", "vendor", "version", "cpe", "purl", "owner", "where", "exposed", "criticality"),
        *("tags", "known", "ok", "findings"),
    ]
    assert (one["known"], one["vendor"], one["where"], one["exposed"]) == (
        "FortiGate",
        "Fortinet",
        None,
        None,
    )


def test_hostile_names_are_shown_without_their_signs(folder: Path, language: str) -> None:
    table = '[[products]]\nname = "House\u202e CRM"\n'
    done = products(folder, language, table, "check")
    assert "\u202e" not in done.output
