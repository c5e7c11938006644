"""`products match` and `why-not` on the command line, with facts and without, in both languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.support.databases import file_with_tables
from tests.support.facts import CVE, cve_record
from threatstamp.cli import cli
from threatstamp.core.facts.assessment import CVELIST
from threatstamp.core.time import Micros
from threatstamp.desk.facts.load import LoadFacts
from threatstamp.facts.cvelist import open_cvelist
from threatstamp.store.facts import open_facts

HEAD = 'language = "{}"\ndatabase = "sqlite:///desk.db"\n[[sources]]\nchannel = "#news"\n[[routes]]\nreaction = "siren"\nto = []\n'
PRODUCTS = '[[products]]\nname = "Hakobune FTP"\nvendor = "Hakobune"\nversion = "{}"\n[[products]]\nname = "ハコブネMail"\n'


@pytest.fixture(params=["ja", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> Path:
    monkeypatch.chdir(tmp_path)
    settings(tmp_path, language, PRODUCTS.format("7.4.2"))
    return tmp_path


def settings(folder: Path, language: str, tables: str) -> None:
    (folder / "threatstamp.toml").write_text(HEAD.format(language) + tables, encoding="utf-8")


def threatstamp(*args: str, said: str | None = None) -> Any:
    return CliRunner().invoke(cli, args, prog_name="threatstamp", input=said)


class Clock:
    def now(self) -> Micros:
        return Micros(7_000_000)


def load(folder: Path) -> None:
    versions = [{"version": "7.0", "status": "affected", "lessThan": "7.4.3", "versionType": "custom"}]
    affected = [{"vendor": "Hakobune, Inc.", "product": "FTP", "versions": versions}]
    path = folder / "CVE-2099-1234.json"
    path.write_text(json.dumps(cve_record(cna={"affected": affected})), encoding="utf-8")
    facts = open_facts(f"sqlite:///{folder / 'desk.db'}")
    list(LoadFacts(open_cvelist(path), facts, Clock()).run())  # type: ignore[arg-type]
    facts.close()


def test_without_facts_names_in_the_text_count_and_that_is_said(folder: Path) -> None:
    done = threatstamp("products", "match", f"Hakobune FTPの脆弱性（{CVE}）")
    assert done.exit_code == 0
    assert "Hakobune FTP 7.4.2" in done.stdout
    assert CVE in done.stderr
    assert "vulns update" in done.stderr


@pytest.mark.parametrize(
    ("version", "standing", "words"),
    [
        ("7.4.2", "affected", "7.4.2 < 7.4.3"),
        ("7.4.3", "not_affected", "7.4.3 ≤ 7.4.3"),
        ("R80.40 Take 94", "incomparable", "R80.40 Take 94"),
    ],
)
def test_an_id_is_about_a_product_and_the_comparison_is_said(
    folder: Path, language: str, version: str, standing: str, words: str
) -> None:
    settings(folder, language, PRODUCTS.format(version))
    load(folder)
    done = threatstamp("products", "match", "cve-2099-1234")
    assert (done.exit_code, done.stderr) == (0, "")
    assert words in done.stdout
    assert "CVE List" in done.stdout
    body = json.loads(threatstamp("products", "match", CVE, "--json").stdout)
    assert list(body) == ["ids", "unknown", "products", "matches"]
    assert (body["ids"], body["unknown"], body["products"]) == ([CVE], [], 2)
    [match] = body["matches"]
    assert (match["standing"], match["touches"]) == (standing, standing != "not_affected")


def test_what_the_scanner_found_is_said_by_every_command(folder: Path, language: str) -> None:
    file_with_tables(folder / "desk.db")
    path = folder / "threatstamp.toml"

    def found(status: str) -> None:
        settings(folder, language, PRODUCTS.format("7.4.3"))
        path.write_text('findings_file = "findings.csv"\n' + path.read_text("utf-8"), encoding="utf-8")
        rows = f"製品,ホスト,CVE,状態,スキャナ\nハコブネMail,mail01,{CVE},{status},Nessus\n"
        (folder / "findings.csv").write_text(rows, encoding="utf-8")

    found("未対応")
    for args in (("products", "match", CVE), ("why-not", CVE)):
        done = threatstamp(*args)
        assert done.exit_code == 0
        for words in (
            "ハコブネMail",
            CVE,
            "Nessus",
            "mail01",
            {"ja": "スキャナ検出済み", "en": "found by"}[language],
        ):
            assert words in done.stdout
    [match] = json.loads(threatstamp("products", "match", CVE, "--json").stdout)["matches"]
    assert (match["scan"], match["touches"], match["findings"][0]["hosts"]) == ("open", True, ["mail01"])
    load(folder)
    found("対応済み")
    words = {"ja": "スキャナでは対応済み", "en": "fixed by the scanner's last report"}[language]
    assert words in threatstamp("why-not", CVE).stdout
    assert words in threatstamp("priority", "explain", CVE, "--product", "ハコブネMail").stdout
    body = json.loads(threatstamp("priority", "explain", CVE, "--product", "ハコブネMail", "--json").stdout)
    assert body["finding"]["state"] == "fixed"
    found("perhaps")
    done = threatstamp("check")
    assert done.exit_code == 2
    assert "findings.csv:2" in done.output


def test_a_text_comes_from_standard_input_and_no_match_is_no_mistake(folder: Path) -> None:
    assert "ハコブネMail" in threatstamp("products", "match", "-", said="ハコブネMailが更新\n").stdout
    done = threatstamp("products", "match", "weather")
    assert done.exit_code == 0
    assert "2" in done.stdout


def test_without_products_it_says_how_to_add_them(folder: Path, language: str) -> None:
    settings(folder, language, "")
    done = threatstamp("products", "match", CVE)
    assert done.exit_code == 0
    assert "[[products]]" in done.stdout


@pytest.mark.parametrize("args", [("products", "match"), ("why-not",), ("why-not", "weather")])
def test_wrong_use_is_2(folder: Path, args: tuple[str, ...]) -> None:
    done = threatstamp(*args)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr


def test_why_not_answers_before_anything_is_on_record_and_after(folder: Path) -> None:
    file_with_tables(folder / "desk.db")
    load(folder)
    done = threatstamp("why-not", CVE)
    assert done.exit_code == 0
    for words in (CVE, "CVE List", "Hakobune FTP 7.4.2", "7.4.2 < 7.4.3"):
        assert words in done.stdout
    body = json.loads(threatstamp("why-not", CVE, "--json").stdout)
    assert (body["cve"], body["stories"]) == (CVE, [])
    assert [(one["step"], one["reason"]) for one in body["steps"]] == [
        ("fact", "fact"), ("waiting", "unscored"), ("left_out", "no_story"), ("matched", "match"),
    ]  # fmt: skip
    assert body["steps"][0]["source"] == CVELIST
    assert body["steps"][-1]["match"]["standing"] == "affected"


def test_other_peoples_words_steer_no_terminal(folder: Path) -> None:
    assert "\x1b" not in threatstamp("products", "match", "Hakobune FTP \x1b[31m CVE-2099-9999").output
