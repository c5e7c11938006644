"""`vulns`: documents are loaded from files, and what is known is shown, also where that is nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.support.facts import (
    CRITICAL,
    CVE,
    MEDIUM,
    cisa_container,
    cve_record,
    cvss,
    kev_entry,
    ssvc,
    write_epss,
    write_kev,
)
from threatstamp.cli import cli
from threatstamp.core.facts.assessment import FACT_SOURCES
from threatstamp.facts.sources import SOURCES
from threatstamp.store.bulk import bulk_file

KEYS = [
    "cve", "title", "state", "scores", "best", "kev", "epss", "ssvc", "cwes", "affected", "cpes", "ids", "references",
    "sources", "ranking",
]  # fmt: skip


@pytest.fixture(params=["ja", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "nice", lambda _: 0)  # the process of the tests is not to step back
    (tmp_path / "threatstamp.toml").write_text(
        f'language = "{language}"\ndatabase = "sqlite:///desk.db"\n[[sources]]\nchannel = "#news"\n[[routes]]\nreaction = "siren"\nto = []\n',
        encoding="utf-8",
    )
    return tmp_path


def vulns(*args: object) -> Any:
    return CliRunner().invoke(cli, ["vulns", *map(str, args)], prog_name="threatstamp")


def errors(done: Any) -> str:
    """What was said beside the output, which click's runner raises where it is the whole program that says it."""
    return f"{done.stderr}{done.exception or ''}"


def write_record(path: Path, **more: Any) -> Path:
    path.write_text(json.dumps(cve_record(**more)), encoding="utf-8")
    return path


def test_the_command_knows_the_sources_that_there_are() -> None:
    assert set(FACT_SOURCES) == set(SOURCES)


def test_what_three_sources_say_is_shown_as_one(folder: Path, language: str) -> None:
    versions = [{"version": "7.0", "status": "affected", "lessThan": "7.4.3"}]
    affected = [{"vendor": "Hakobune", "product": "Hakobune FTP", "versions": versions}]
    cna = {"metrics": [cvss(MEDIUM, 5.0)], "affected": affected}
    record = {"cna": cna, "adp": [cisa_container(cvss(CRITICAL, 9.8), ssvc())]}
    for source, path in (
        ("cvelist", write_record(folder / "CVE-2099-1234.json", **record)),
        ("kev", write_kev(folder / "kev.json", kev_entry(knownRansomwareCampaignUse="Known"))),
        ("epss", write_epss(folder / "epss.csv.gz", f"{CVE},0.94,0.998")),
    ):
        done = vulns("update", source, "--from", path)
        assert (done.exit_code, done.stderr) == (0, "")
        assert "1" in done.stdout
    body = json.loads(vulns("show", CVE, "--json").stdout)
    assert list(body) == KEYS
    assert [(one["type"], one["score"], one["published_score"]) for one in body["scores"]] == [
        ("cna", 5.5, 5.0), ("adp", 9.8, 9.8),
    ]  # fmt: skip
    assert body["best"] == body["scores"][0]
    assert body["kev"] == {
        "added_on": "2099-11-20", "due_on": "2099-12-11", "ransomware": True, "forensic_triage": None,
    }  # fmt: skip
    assert body["epss"] == {"score": 0.94, "percentile": 0.998, "model": "v9", "on": "2099-11-20"}
    assert body["ssvc"] == {"exploitation": "none", "automatable": "yes", "technical_impact": "total"}
    assert [one["source"] for one in body["sources"]] == ["cvelist", "epss", "kev"]
    said = vulns("show", "ｃｖｅ－２０９９－１２３４").stdout
    for words in (CVE, "9.8", "2099-11-20", "0.94", CRITICAL, "5.0", "Hakobune FTP", "7.4.3"):
        assert words in said
    assert "\ufffd" not in said  # our own words need no replacement
    assert ("食い違" if language == "ja" else "disagree") in said  # KEV lists what SSVC calls "none"


def test_nothing_loaded_and_nothing_known_say_what_to_do(folder: Path) -> None:
    done = vulns("show", CVE)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "threatstamp vulns update" in done.stderr
    vulns("update", "kev", "--from", write_kev(folder / "kev.json", kev_entry()))
    done = vulns("show", "CVE-2099-9999", CVE)
    assert done.exit_code == 1
    assert CVE in done.stdout
    assert "threatstamp status" in done.stderr
    first, second = map(json.loads, vulns("show", "CVE-2099-9999", CVE, "--json").stdout.splitlines())
    assert (first["best"], first["state"], first["sources"]) == (None, None, [])
    assert second["kev"]["added_on"] == "2099-11-20"


def test_rejected_and_not_scored_are_said(folder: Path, language: str) -> None:
    vulns(
        "update", "cvelist", "--from", write_record(folder / "a.json", cve="CVE-2099-1111", state="REJECTED")
    )
    vulns("update", "cvelist", "--from", write_record(folder / "b.json", cve="CVE-2099-2222"))
    assert ("取り下げ" if language == "ja" else "Rejected") in vulns("show", "CVE-2099-1111").stdout
    assert ("未公表" if language == "ja" else "not scored") in vulns("show", "CVE-2099-2222").stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("show", "CVE-1"), "CVE-1"),
        (("update", "osv"), "--id"),
        (("update", "kev", "--id", "CVE-2099-1234"), "nvd, osv, ghsa"),
        (("update", "--from", "x"), "cvelist, nvd, kev, epss, jvn, osv, ghsa"),
        (("update", "kev", "epss", "--from", "x"), "cvelist, nvd, kev, epss, jvn, osv, ghsa"),
        (("update", "cve-list", "--from", "x"), "cvelist"),
    ],
)
def test_wrong_use_is_a_sentence(folder: Path, args: tuple[str, ...], words: str) -> None:
    done = vulns(*args)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr


@pytest.mark.parametrize("source", FACT_SOURCES)
def test_a_wrong_file_is_a_sentence_and_nothing_is_loaded(folder: Path, source: str) -> None:
    (folder / "notes.txt").write_text("notes", encoding="utf-8")
    for name in ("notes.txt", "missing"):
        done = vulns("update", source, "--from", name)
        assert (done.exit_code != 0, done.stdout) == (True, "")
        assert name in errors(done)
    assert not bulk_file(folder / "desk.db").exists()


def test_a_broken_record_is_named_with_its_place_and_the_rest_is_loaded(folder: Path) -> None:
    done = vulns("update", "kev", "--from", write_kev(folder / "kev.json", kev_entry("CVE-0"), kev_entry()))
    assert done.exit_code == 1
    assert "CVE-0" in done.stderr
    assert "vulnerabilities[0]" in done.stderr
    assert vulns("show", CVE).exit_code == 0


def test_a_catalogue_that_was_shortened_says_how_many_entries_it_should_have(folder: Path) -> None:
    done = vulns("update", "kev", "--from", write_kev(folder / "kev.json", kev_entry(), count=1404))
    assert done.exit_code == 1
    assert "count" in done.stderr
    assert "1404 ≠ 1" in done.stderr


def test_an_entry_that_was_removed_is_gone_and_an_older_catalogue_is_refused(folder: Path) -> None:
    older = write_kev(folder / "older.json", kev_entry(), kev_entry("CVE-2099-5678"))
    newer = write_kev(folder / "newer.json", kev_entry(), released="2099-12-01T00:00:00Z")
    assert [vulns("update", "kev", "--from", path).exit_code for path in (older, newer)] == [0, 0]
    assert vulns("show", "CVE-2099-5678").exit_code == 1
    assert "2099-12-01" in errors(vulns("update", "kev", "--from", older))
    assert vulns("show", "CVE-2099-5678").exit_code == 1


def test_a_file_of_facts_that_is_broken_is_said_with_what_to_do(folder: Path) -> None:
    bulk_file(folder / "desk.db").write_bytes(b"no database at all " * 100)
    for done in (
        vulns("show", CVE),
        vulns("update", "kev", "--from", write_kev(folder / "kev.json", kev_entry())),
    ):
        assert done.exit_code == 1
        assert "desk.db.bulk" in errors(done)


def test_other_peoples_words_steer_no_terminal(folder: Path) -> None:
    vulns("update", "cvelist", "--from", write_record(folder / "a.json", cna={"title": "a\x1b[31mb\u202ec"}))
    assert not {"\x1b", "\u202e"} & set(vulns("show", CVE).stdout)


def test_whose_score_counts_is_the_company_s_choice(folder: Path, language: str) -> None:
    record = write_record(
        folder / "CVE.json",
        cna={"metrics": [cvss(MEDIUM, 5.5)]},
        adp=[cisa_container(cvss(CRITICAL, 9.8))],
    )
    assert vulns("update", "cvelist", "--from", record).exit_code == 0
    (one,) = [json.loads(vulns("show", CVE, "--json").stdout)]
    assert (one["best"]["type"], one["ranking"][0]) == ("cna", "cna")
    assert "[facts]" not in vulns("show", CVE).stdout
    file = folder / "threatstamp.toml"
    before = file.read_text(encoding="utf-8")
    file.write_text(before + '[facts]\nscores = ["cisa-adp"]\n', encoding="utf-8")
    (one,) = [json.loads(vulns("show", CVE, "--json").stdout)]
    assert (one["best"]["source"], one["best"]["score"]) == ("cisa-adp", 9.8)
    assert one["ranking"] == ["cisa-adp", "cna", "adp", "nvd", "jvn", "advisory"]
    assert "cisa-adp, cna, adp" in vulns("show", CVE).stdout.replace("、", ", ").replace(";", ",")
    file.write_text(before + '[facts]\nscores = ["cisa"]\n', encoding="utf-8")
    assert "cisa-adp" in errors(vulns("show", CVE))
