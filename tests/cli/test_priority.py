"""`priority explain`, `policy check` and `policy test`: the priority, its why, and what is odd about the rules."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.cli.test_vulns import write_record
from tests.support.facts import CRITICAL, CVE, cisa_container, cvss, kev_entry, ssvc, write_epss, write_kev
from threatstamp.cli import cli
from threatstamp.core.ids import UserId
from threatstamp.core.priority.exposure import Exposure, ExposureAnswer
from threatstamp.core.time import Micros
from threatstamp.store import open_store

FILE = """language = "{language}"
database = "sqlite:///desk.db"
[[sources]]
channel = "#news"
[[routes]]
reaction = "siren"
to = []
"""
RULES = """
[[policy.rules]]
when = { tag = "browser" }
raise_to = "high"
reason = "Browsers are on every computer"
[[policy.rules]]
when = { cvss_above = 9.0 }
raise_to = "critical"
reason = "CVSS above 9.0 comes first"
"""
KEYS = ["priority", "within", "forensics", "table", "facts", "rules", "open"]


@pytest.fixture(params=["ja", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "nice", lambda _: 0)  # the process of the tests is not to step back
    write(tmp_path, language)
    return tmp_path


def write(folder: Path, language: str, more: str = "") -> None:
    (folder / "threatstamp.toml").write_text(FILE.format(language=language) + more, encoding="utf-8")


def run(*args: object) -> Any:
    return CliRunner().invoke(cli, [*map(str, args)], prog_name="threatstamp")


def load(folder: Path, *entries: dict[str, Any], **record: Any) -> None:
    """Loads a record of the CVE List, and a catalogue with these entries."""
    adp = [cisa_container(cvss(CRITICAL, 9.8), ssvc())]
    paths = {
        "cvelist": write_record(folder / "CVE-2099-1234.json", **{"adp": adp, **record}),
        "kev": write_kev(folder / "kev.json", *(entries or [kev_entry("CVE-2099-5678")])),
        "epss": write_epss(folder / "epss.csv.gz", f"{CVE},0.94,0.998"),
    }
    for source, path in paths.items():
        assert run("vulns", "update", source, "--from", path).exit_code == 0


def explained(*args: object) -> dict[str, Any]:
    done = run("priority", "explain", CVE, *args, "--json")
    body: dict[str, Any] = json.loads(done.stdout)
    assert list(body) == KEYS
    return body


def test_an_exploited_vulnerability_is_explained(folder: Path, language: str) -> None:
    load(folder, kev_entry())
    body = explained()
    assert (body["priority"], body["forensics"], body["open"]) == ("critical", True, ["exposed"])
    assert (body["within"]["days"], body["within"]["calendar"]) == (3, True)
    assert body["table"]["name"] == "bod-26-04"
    assert body["table"]["row"] == 15
    facts = {one["name"]: one for one in body["facts"]}
    assert (facts["kev"]["value"], facts["kev"]["source"]) == ("yes", "kev")
    assert facts["kev"]["read_at"].endswith("Z")
    assert (facts["automatable"]["value"], facts["automatable"]["source"]) == ("yes", "cisa-adp")
    assert facts["exposed"] == {"name": "exposed", "value": None, "source": None, "read_at": None}
    assert facts["cvss"]["value"] == 9.8
    said = run("priority", "explain", CVE).stdout
    assert ("優先度：緊急" if language == "ja" else "Priority: critical") in said
    assert ("72時間" if language == "ja" else "Within 72 hours") in said


def test_the_question_says_what_each_answer_would_change(folder: Path, language: str) -> None:
    load(folder)
    assert (explained()["priority"], explained()["open"]) == ("critical", ["exposed"])
    assert (explained("--exposed", "no")["priority"], explained("--exposed", "no")["open"]) == ("medium", [])
    said = run("priority", "explain", CVE).stdout
    assert ("「いいえ」なら → 中／60日以内" if language == "ja" else "if no: medium, within 60 days") in said
    assert ("回答があるまで" if language == "ja" else "until somebody answers") in said
    answered = run("priority", "explain", CVE, "--exposed", "no").stdout
    assert ("今回の指定" if language == "ja" else "as given here") in answered


def test_what_somebody_has_answered_counts_after_the_list_and_is_named_with_its_time(
    folder: Path, language: str
) -> None:
    load(folder)
    answer = ExposureAnswer(exposed=False, by=UserId("U1"), way="button", at=Micros(1_795_000_000_000_000))
    with closing(open_store("sqlite:///desk.db")) as store, store.transaction() as tx:
        tx.priorities.put_exposure(Exposure(name="House Portal", answer=answer))
    write(folder, language, '[[products]]\nname = "house portal"\n')
    body = explained("--product", "House Portal")
    assert (body["priority"], body["open"]) == ("medium", [])
    fact = next(one for one in body["facts"] if one["name"] == "exposed")
    assert (fact["value"], fact["source"], fact["read_at"][:4]) == ("no", "answer", "2026")
    said = run("priority", "explain", CVE, "--product", "House Portal").stdout
    assert ("回答：" if language == "ja" else "answered ") in said
    write(folder, language, '[[products]]\nname = "house portal"\nexposed = true\n')
    assert explained("--product", "House Portal")["priority"] == "critical"


def test_a_rule_of_the_house_says_what_it_did(folder: Path, language: str) -> None:
    load(folder)
    write(folder, language, RULES)
    body = explained("--exposed", "no")
    assert body["rules"] == [{"reason": "CVSS above 9.0 comes first", "effect": "medium -> critical"}]
    assert (body["priority"], body["within"]["days"], body["forensics"]) == ("critical", 3, False)
    said = run("priority", "explain", CVE, "--exposed", "no").stdout
    assert ("中 → 緊急" if language == "ja" else "medium → critical") in said
    said = run("priority", "explain", CVE).stdout
    assert ("優先度は変わりません" if language == "ja" else "changes nothing") in said


def test_not_scored_and_not_listed_is_not_assessed_and_never_low(folder: Path, language: str) -> None:
    load(folder, adp=[])
    for table in ("bod-26-04", "deployer", "cvss"):
        write(folder, language, f'[policy]\ntable = "{table}"\n')
        body = explained("--exposed", "no")
        assert (body["priority"], body["within"], body["table"]["row"]) == ("not_assessed", None, None)
        assert body["open"]
        assert ("未評価" if language == "ja" else "not assessed") in run("priority", "explain", CVE).stdout


def test_a_catalogue_that_is_not_loaded_is_no_no(folder: Path, language: str) -> None:
    record = write_record(folder / "a.json", adp=[cisa_container(ssvc())])
    run("vulns", "update", "cvelist", "--from", record)
    assert explained("--exposed", "no")["open"] == ["kev"]
    assert "vulns update kev --from" in run("priority", "explain", CVE).stdout


def test_bands_alone_set_no_time(folder: Path, language: str) -> None:
    load(folder)
    write(folder, language, '[policy]\ntable = "cvss"\n')
    assert (explained()["priority"], explained()["within"]) == ("critical", None)


def test_a_cve_of_which_nothing_is_known_is_not_assessed(folder: Path) -> None:
    done = run("priority", "explain", CVE, "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["priority"] == "not_assessed"
    assert CVE in done.stderr
    assert not list(folder.glob("desk.db*"))  # a question creates nothing


def test_a_rejected_cve_has_no_priority(folder: Path, language: str) -> None:
    run("vulns", "update", "cvelist", "--from", write_record(folder / "a.json", state="REJECTED"))
    done = run("priority", "explain", CVE)
    assert done.exit_code == 0
    assert ("取り下げられ" if language == "ja" else "taken this id back") in done.stdout


@pytest.mark.parametrize(
    "args", [("nonsense",), (CVE, "--exposed", "perhaps"), (CVE, "--product", "Nobody's"), ()]
)
def test_wrong_use_is_said(args: tuple[str, ...], folder: Path) -> None:
    done = run("priority", "explain", *args)
    assert done.exit_code == 2
    assert done.stderr.strip()


def test_what_records_say_steers_no_terminal(folder: Path) -> None:
    run(
        "vulns",
        "update",
        "cvelist",
        "--from",
        write_record(folder / "a.json", cna={"title": "a\x1b[31mb\u202ec"}),
    )
    said = run("priority", "explain", CVE).stdout
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_the_policy_is_said_in_words(folder: Path, language: str) -> None:
    write(folder, language, RULES)
    done = run("policy", "check")
    assert done.exit_code == 0
    assert "bod-26-04 (CISA BOD 26-04" in done.stdout.replace("（", " (")
    assert (
        "CVSS > 9 → 「緊急」以上にする" if language == "ja" else "CVSS above 9 → at least critical"
    ) in done.stdout
    body = json.loads(run("policy", "check", "--json").stdout)
    assert body["rules"][1]["when"] == [{"fact": "cvss", "operator": "above", "values": [9.0]}]
    assert [one["findings"] for one in body["rules"]] == [[], []]


def test_a_rule_that_hides_behind_another_is_named(folder: Path, language: str) -> None:
    hidden = RULES + RULES[RULES.rindex("[[") :].replace("9.0 }", "9.5, kev = true }")
    write(folder, language, hidden)
    done = run("policy", "check")
    assert done.exit_code == 1
    assert ("ルール 2" if language == "ja" else "rule 2 does at least the same") in done.stdout
    (finding,) = json.loads(run("policy", "check", "--json").stdout)["rules"][2]["findings"]
    assert finding["kind"] == "shadowed"


def test_examples_are_tried(folder: Path, language: str) -> None:
    load(folder)
    example = '[[policy.tests]]\ncve = "{cve}"\nexposed = false\nexpect = "{expect}"\n'
    assert run("policy", "test").exit_code == 0  # there are none
    write(folder, language, example.format(cve=CVE, expect="medium"))
    assert run("policy", "test").exit_code == 0
    more = example.format(cve="CVE-2099-9999", expect="low") + '[[policy.tests]]\ncve = "CVE-2099-1"\n'
    wrong = example.format(cve=CVE, expect="high") + more.rpartition("[[")[0]
    product = f'[[policy.tests]]\ncve = "{CVE}"\nproduct = "Nobody\'s"\nexpect = "low"\n'
    write(folder, language, wrong + product)
    done = run("policy", "test")
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 5
    body = json.loads(run("policy", "test", "--json").stdout)
    assert body["failed"] == 3
    assert [(one["expected"], one["actual"], one["known"]) for one in body["tests"]] == [
        ("high", "medium", True),
        ("low", "not_assessed", False),
        ("low", None, False),
    ]
