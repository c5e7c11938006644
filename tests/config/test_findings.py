"""What the vulnerability scanner found: a list beside the settings, as scanners and people write it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pytest

from tests.config.test_every_problem import sentence
from threatstamp.config import findings, lists
from threatstamp.config.settings import Settings, lists_of, read_settings
from threatstamp.config.watch import SettingsWatch
from threatstamp.core.assets.finding import FindingState, ScannerFinding
from threatstamp.core.errors import PolicyError
from threatstamp.core.facts.cve import CveId
from threatstamp.texts.catalogue import Language

FILE = """language = "{}"
findings_file = "findings.csv"
[[sources]]
channel = "#news"
[[routes]]
reaction = "siren"
to = []
[[products]]
name = "社内Wiki"
aliases = ["House Wiki"]
[[products]]
name = "箱舟FTP"
"""
ONE, OTHER = CveId("CVE-2099-1234"), CveId("CVE-2099-5678")


def read(folder: Path, content: str | bytes, language: str = "en") -> Settings:
    path = folder / "threatstamp.toml"
    path.write_text(FILE.format(language), encoding="utf-8")
    (folder / "findings.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    return read_settings(path, {})


def problems(folder: Path, content: str | bytes, language: str = "en") -> tuple[str, ...]:
    with pytest.raises(PolicyError) as error:
        read(folder, content, language)
    return error.value.problems


def found(settings: Settings) -> list[tuple[ScannerFinding, ...]]:
    return [one.findings for one in settings.products]


def test_rows_come_together_by_product_and_id(tmp_path: Path) -> None:
    content = """脆弱性診断結果
製品名,ホスト名,CVE番号,検出日,スキャナ,状態,担当
社内ＷＩＫＩ,web01,cve-2099-1234,2026/11/20,Nessus,未対応,佐藤
house wiki,web02,CVE-2099-1234,2026年11月3日,Nessus,対応済み,
箱舟FTP,ftp01,"CVE-2099-1234, CVE-2099-5678",2026-11-20 10:15:00,,Closed,
箱舟FTP,ftp02,CVE-2099-5678,,OpenVAS,,
"""
    wiki, ftp = found(read(tmp_path, content))
    [one] = wiki
    assert (one.cve, one.state, one.count, one.hosts) == (ONE, FindingState.OPEN, 1, ("web01",))
    assert (one.found_at, one.scanner) == ("2026-11-20", "Nessus")
    assert [(one.cve, one.state, one.hosts, one.scanner) for one in ftp] == [
        (ONE, FindingState.FIXED, ("ftp01",), ""),
        (OTHER, FindingState.OPEN, ("ftp02",), "OpenVAS"),
    ]


def test_many_hosts_are_counted_and_a_few_named(tmp_path: Path) -> None:
    rows = "".join(f"社内Wiki,web{number:02},{ONE}\n" for number in range(9))
    (finding,) = found(read(tmp_path, f"product,host,cve\n{rows}"))[0]
    assert (finding.count, finding.hosts) == (9, ("web00", "web01", "web02"))


def test_a_workbook_is_read_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Product", "Asset", "CVE ID", "Status"])
    book.active.append(["社内Wiki", "web01", ONE, "Open"])
    content = io.BytesIO()
    book.save(content)
    (finding,) = found(read(tmp_path, content.getvalue()))[0]
    assert (finding.cve, finding.hosts) == (ONE, ("web01",))


@pytest.mark.parametrize("language", Language)
def test_every_broken_row_is_told_with_its_number(language: Language, tmp_path: Path) -> None:
    content = f"""product,host,cve,found_at,scanner,status
nginx,,{ONE},,,
社内Wiki,,weather,,,
社内Wiki,,{ONE},yesterday,,
社内Wiki,,{ONE},2026-13-01,,
社内Wiki,,{ONE},,,perhaps
,,{ONE},,,
社内Wiki,web01,,,,
社内Wiki,{"h" * 200},{ONE},,,
社内Wiki,"a\x07b",{ONE},,,
社内Wiki,web01,{ONE},,,open
"""
    said = problems(tmp_path, content, language.value)
    assert [one.partition(": ")[0] for one in said] == [f"findings.csv:{line}" for line in range(2, 11)]
    names = ("product", "cve", "date", "date", "status")
    for name, one in zip(names, said, strict=False):
        assert re.search(sentence(f"finding_{name}", language), one), one
    assert "product" in said[5]
    assert "cve" in said[6]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "findings.csv: "),
        (b"foo,bar\n1,2\n", "findings.csv:1: "),
        (b"\x81\xff\xfe\x00", "UTF-8"),
        (b"\xd0\xcf\x11\xe0 old", "XLSX"),
        (b"product,host\nA,1\n", "cve (cve"),
        (b"product,cve,statsu\nA,1,2\n", '"statsu"'),
    ],
)
def test_a_list_that_cannot_be_read_says_what_to_do(content: bytes, said: str, tmp_path: Path) -> None:
    assert said in "\n".join(problems(tmp_path, content))


@pytest.mark.parametrize("language", Language)
def test_a_list_is_bounded(tmp_path: Path, language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    content = f"product,cve\n社内Wiki,{ONE}\n社内Wiki,{ONE}\n"
    monkeypatch.setattr(findings, "MOST", 1)
    (said,) = problems(tmp_path, content, language.value)
    assert said.startswith("findings.csv:3: ")
    assert re.search(sentence("finding_many", language), said)
    monkeypatch.setattr(lists, "LARGEST", 10)
    (said,) = problems(tmp_path, content, language.value)
    assert re.search(sentence("list_large", language), said)


def test_a_missing_list_is_a_problem_of_its_line(tmp_path: Path) -> None:
    (tmp_path / "threatstamp.toml").write_text(FILE.format("en"), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"threatstamp\.toml:2: .*findings\.csv"):
        read_settings(tmp_path / "threatstamp.toml", {})


def test_a_changed_list_takes_effect_and_a_wrong_one_changes_nothing(tmp_path: Path) -> None:
    watch = SettingsWatch(read(tmp_path, "product,cve\n"))
    assert watch.poll() is None
    (tmp_path / "findings.csv").write_text(f"product,cve\n箱舟FTP,{ONE}\n", encoding="utf-8")
    changed = watch.poll()
    assert isinstance(changed, Settings)
    assert [len(one) for one in found(changed)] == [0, 1]
    (tmp_path / "findings.csv").write_text("product,cve\nnginx,1\n", encoding="utf-8")
    assert isinstance(watch.poll(), PolicyError)
    assert watch.poll() is None
    assert lists_of(tmp_path / "threatstamp.toml") == (tmp_path / "findings.csv",)
