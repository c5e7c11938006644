"""Risk against effort in a whole desk: a second decider agrees, and an accepted risk is opened again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from tests.support.commands import open_town_with_commands
from tests.support.facts import CVE, kev_entry, write_kev
from tests.support.forks import Forks
from tests.support.town import ALERT, NEWS, SATO, SUZUKI, TANAKA, YAMADA, Town
from threatstamp.desk.record.compare import compare_records

pytestmark = pytest.mark.thorough("postgres")

ROUTES = """
[[routes]]
name = "product"
reaction = "wrench"
to = ["#sec-alert"]
text = "製品に関係しそうです。"
case = "product"

[cases]
deciders = ["U0SUZUKI", "U0TANAKA"]
second_approver = "high"
"""


@pytest.fixture
def cased(tmp_path: Path, programs: Forks, store_url: str) -> Iterator[Town]:
    with open_town_with_commands(tmp_path, programs, store_url) as town:
        town.settle(ROUTES)
        yield town


def card(town: Town, *words: str) -> dict[str, Any]:
    return town.wait_for_card(ALERT, *words)


def run(town: Town, *words: str) -> str:
    done = town.command("case", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_decision_against_an_estimate_is_approved_by_somebody_else(cased: Town) -> None:
    cased.start()
    workspace = cased.workspace
    workspace.react(YAMADA, NEWS, cased.post("製品XにCVSS 9.8の脆弱性"), "wrench")
    ts = str(card(cased, "#1", "未着手")["ts"])
    run(cased, "take", "1", "--by", SATO)
    run(cased, "priority", "1", "critical", "--by", SATO, "--reason", "CVSS 9.8")
    run(cased, "assess", "1", "--by", SATO, "--effort", "30h")
    card(cased, "判断待ち", "推奨：即時対応", "30人時")
    workspace.click(SUZUKI, ALERT, ts, "case_open_decide")
    workspace.wait_for(partial(workspace.view, SUZUKI))
    workspace.submit(SUZUKI, {"choice": "mitigate"})
    errors = workspace.wait_for(lambda: (workspace.view(SUZUKI) or {}).get("errors"))
    assert set(cast(dict[str, str], errors)) == {"reason"}
    refused = cased.command("case", "decide", "1", "mitigate", "--by", SUZUKI)
    assert refused.returncode == 1
    assert "推奨を下回る" in refused.stderr
    workspace.submit(SUZUKI, {"choice": "mitigate", "reason": "週末までWAFで守る"})
    card(cased, "判断待ち", "承認待ち：緩和策")
    workspace.click(SUZUKI, ALERT, ts, "case_approve")
    [told] = workspace.wait_for(lambda: workspace.ephemerals(ALERT, SUZUKI))
    assert "以外の判断者" in str(told["text"])
    workspace.click(TANAKA, ALERT, ts, "case_approve")
    card(cased, "対応中", "緩和策")
    workspace.click(SATO, ALERT, ts, "case_open_done")
    workspace.wait_for(partial(workspace.view, SATO))
    workspace.submit(SATO, {"effort": "45h"})
    card(cased, "対応完了／担当")
    cased.wait_until_quiet()
    found = json.loads(run(cased, "show", "1", "--json"))
    assert (found["state"], found["approved_by"]) == ("done", TANAKA)
    assert (found["decision"]["choice"], found["decision"]["by"], found["decision"]["effort"]) == (
        "mitigate",
        SUZUKI,
        "30h",
    )
    assert [one["what"] for one in found["history"]][-3:] == ["decide", "approve", "done"]
    assert compare_records(cased.store).first is None
    workspace.react(YAMADA, NEWS, cased.post("製品Yの脆弱性", "https://news.example/2"), "wrench")
    cased.wait_for_message(ALERT, "製品Y", "#2")
    [other] = [one for one in workspace.messages(ALERT) if "製品Y" in json.dumps(one, ensure_ascii=False)]
    workspace.click(TANAKA, ALERT, str(other["ts"]), "case_menu", "decide|2")
    form = workspace.wait_for(partial(workspace.view, TANAKA))
    assert "見積もり 30 時間、実績 45 時間" in json.dumps(form, ensure_ascii=False)


def test_an_accepted_risk_is_opened_again_when_its_flaw_is_listed(cased: Town) -> None:
    cased.start()
    workspace = cased.workspace
    before = write_kev(cased.folder / "before.json", kev_entry("CVE-2099-0001"))
    assert cased.command("vulns", "update", "kev", "--from", str(before)).returncode == 0
    workspace.react(YAMADA, NEWS, cased.post(f"製品Xの脆弱性 {CVE}"), "wrench")
    ts = str(card(cased, "#1", "未着手")["ts"])
    run(cased, "take", "1", "--by", SATO)
    words = ("--until", "2099-12-24", "--risk", "low", "--effort", "L", "--reason", "影響は小さい")
    run(cased, "decide", "1", "accept", "--by", SUZUKI, *words)
    card(cased, "リスク受容", SUZUKI)
    listed = write_kev(
        cased.folder / "after.json",
        kev_entry("CVE-2099-0001"),
        kev_entry(),
        released="2099-11-21T17:00:00Z",
    )
    assert cased.command("vulns", "update", "kev", "--from", str(listed)).returncode == 0
    cased.stop()
    cased.start()
    [said] = workspace.wait_for(lambda: workspace.messages(ALERT, thread_ts=ts))
    assert all(word in str(said["text"]) for word in ("再開しました", CVE, SATO, SUZUKI))
    cased.wait_until_quiet()
    assert cased.command("sweep").returncode == 0  # looks again, and finds nothing more
    found = json.loads(run(cased, "show", "1", "--json"))
    assert (found["state"], found["decision"], found["owner"]) == ("assessing", None, SATO)
    assert [one["what"] for one in found["history"]] == ["open", "take", "decide", "reopen"]
    assert found["history"][-1]["detail"] == f"listed {CVE}"
    assert len(workspace.messages(ALERT, thread_ts=ts)) == 1
    assert compare_records(cased.store).first is None
