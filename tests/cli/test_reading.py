"""What `read` finds in stories: ids, kind, layer, indicators, names, scores; of documents and of plain lines."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.feeds.support import SHARED
from threatstamp.cli import cli

SEC = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sec="http://jvn.jp/rss/mod_sec/">
<channel rdf:about="https://feeds.example/"><title>架空</title><link>https://feeds.example/</link></channel>
<item rdf:about="https://jvn.jp/vu/JVNVU99999999/"><title>架空ゲートに複数の脆弱性</title>
<link>https://jvn.jp/vu/JVNVU99999999/</link><description>第三者に操作されるおそれがあります。</description>
<sec:identifier>JVNDB-2099-000001</sec:identifier>
<sec:references source="CVE" id="CVE-2099-1001">https://www.cve.org/CVERecord?id=CVE-2099-1001</sec:references>
<sec:references source="CVE" id="CVE-2099-1002">https://www.cve.org/CVERecord?id=CVE-2099-1002</sec:references>
<sec:references id="CWE-79" title="クロスサイトスクリプティング(CWE-79)">https://jvndb.jvn.jp/ja/cwe/CWE-79.html</sec:references>
<sec:cpe version="2.2" vendor="架空" product="ゲート">cpe:/a:fiction:gate</sec:cpe>
<sec:cpe version="2.2" vendor="架空" product="門">cpe:/o:fiction:gate_os</sec:cpe>
<sec:cvss version="2.0" score="6.8" type="Base" severity="Medium" vector="AV:N/AC:M/Au:N/C:P/I:P/A:P"/>
<sec:cvss version="3.0" score="9.8" type="Base" severity="Critical" vector="CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"/>
<sec:cvss version="4.0" type="Base" vector="CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"/>
<dc:identifier>JVNVU#99999999</dc:identifier></item>
</rdf:RDF>"""

SETTINGS = '[[sources]]\nchannel = "#news"\n[[routes]]\nreaction = "siren"\nto = []\n'


def read(*names: str, given: str | bytes | None = None, language: str = "C.UTF-8") -> Any:
    environ = {"LANG": language, "LC_ALL": language}
    return CliRunner().invoke(cli, ["read", *names], input=given, env=environ, prog_name="threatstamp")


def entries(*names: str, given: str | bytes | None = None) -> list[dict[str, Any]]:
    done = read(*names, "--json", given=given)
    assert done.exit_code == 0, done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)["entries"]
    return found


def test_every_repeated_element_of_jvnrss_is_read() -> None:
    (one,) = entries("-", given=SEC.encode())
    assert one["ids"] == ["JVNVU#99999999", "JVNDB-2099-000001", "CVE-2099-1001", "CVE-2099-1002", "CWE-79"]
    assert one["cpes"] == ["cpe:/a:fiction:gate", "cpe:/o:fiction:gate_os"]
    assert [(score["version"], score["score"], score["source"]) for score in one["cvss"]] == [
        ("2.0", 6.8, "jvn"),
        ("3.0", 9.8, "jvn"),
        ("4.0", 9.3, "jvn"),  # only a vector: computed from it
    ]
    assert one["cvss"][0]["vector"] == "AV:N/AC:M/Au:N/C:P/I:P/A:P"
    assert (one["kind"], one["layer"]) == ("vulnerability", "operational")
    assert "脆弱性" in one["kind_why"]


def test_each_line_of_a_text_is_an_entry() -> None:
    text = "ランサムウェア「LockBit」の通信先は evil[.]example\r\n\r\n  Second line \nSecond line\n"
    first, second, third = entries("-", "--text", given="\ufeff" + text)
    assert first["title"] == "ランサムウェア「LockBit」の通信先は evil[.]example"
    assert first["names"] == [{"name": "LockBit", "type": "ransomware", "why": "LockBit"}]
    assert first["indicators"] == [{"kind": "domain", "value": "evil[.]example"}]
    assert (first["kind"], first["layer"]) == ("malware", "operational")
    assert [second["title"], third["title"], third["link"]] == ["Second line", "Second line", None]


def test_a_text_may_be_in_the_encoding_of_windows() -> None:
    (one,) = entries("-", "--text", given="架空ゲートの脆弱性".encode("cp932"))
    assert one["title"] == "架空ゲートの脆弱性"


def test_products_are_named_with_their_versions_and_why() -> None:
    (one,) = entries("-", "--text", given="フォーティゲート 7.4.3の脆弱性、Sambaも更新を")
    assert one["products"][0] == {"name": "FortiGate", "version": "7.4.3", "why": "フォーティゲート"}
    assert one["products"][1]["name"] == "Samba"
    assert one["products"][1]["version"] is None


def test_the_companys_own_products_are_looked_for_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = '[[products]]\nname = "架空帳票サーバ"\naliases = ["FictForm"]\n'
    (tmp_path / "threatstamp.toml").write_text(SETTINGS + text, encoding="utf-8")
    (one,) = entries("-", "--text", given="FictForm 2.1に脆弱性")
    assert one["products"] == [{"name": "架空帳票サーバ", "version": "2.1", "why": "FictForm"}]


def test_an_empty_text_has_no_entries() -> None:
    assert entries("-", "--text", given="\n\n") == []


def test_names_of_a_list_are_looked_for_too(tmp_path: Path) -> None:
    path = tmp_path / "names.json"
    path.write_text(
        json.dumps({"type": "threat-actor", "values": [{"value": "PAPER TIGER"}]}), encoding="utf-8"
    )
    (one,) = entries("-", "--text", "--names", str(path), given="Paper Tiger returns")
    assert one["names"] == [{"name": "PAPER TIGER", "type": "actor", "why": "PAPER TIGER"}]


def test_what_cannot_be_read_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "foreign.json").write_text("[]", encoding="utf-8")
    for option in (
        ["--names", str(tmp_path / "none.json")],
        ["--names", str(tmp_path / "foreign.json")],
        ["--names", str(tmp_path)],
        ["--text", "https://news.example/"],
    ):
        done = read("-", *option, given="line")
        assert done.exit_code == 2
        assert done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("language", "expected"),
    [("C.UTF-8", "vulnerability: CVE-2099-1001"), ("ja_JP.UTF-8", "脆弱性：CVE-2099-1001")],
)
def test_people_see_it_in_a_line_beneath_the_entry(language: str, expected: str) -> None:
    done = read("-", "--text", given="架空ゲートの脆弱性 CVE-2099-1001", language=language)
    assert expected in done.stdout


@pytest.mark.parametrize(
    "name", ["jvndb_2021.rdf", "jvndb_2023.rdf", "jvndb_new.rdf", "dataFeed_jvndb_rss_hnd.xml"]
)
def test_all_that_stands_in_captured_documents_is_read(name: str) -> None:
    path = SHARED / "myjvn" / name
    if not path.is_file():
        pytest.skip(f"the captured document is not here (../shared/data/myjvn/{name})")
    text = path.read_text(encoding="utf-8")
    done = read(str(path), "--json")
    found = json.loads(done.stdout)["entries"]
    assert sum(len(one["cvss"]) for one in found) == text.count("<sec:cvss")
    assert sum(len(one["cpes"]) for one in found) == text.count("<sec:cpe")
    said = {value for one in found for value in one["ids"]}
    assert said >= set(re.findall(r'id="((?:CVE-|CWE-[0-9]|JVNVU#)[^"]*)"', text))
