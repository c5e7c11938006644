"""A stamp opens a case; people take it, decide and finish it by button, by emoji and by command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import open_town_with_commands
from tests.support.forks import Forks
from tests.support.town import ALERT, NEWS, SATO, SUZUKI, TANAKA, YAMADA, Town
from threatstamp.desk.record.compare import compare_records

ROUTES = """
[[routes]]
name = "product"
reaction = "wrench"
to = ["#sec-alert"]
text = "製品に関係しそうです。"
case = "product"

[cases]
deciders = ["U0SUZUKI"]
"""


@pytest.fixture
def cased(tmp_path: Path, programs: Forks, store_url: str) -> Iterator[Town]:
    """A town on SQLite that hears of clicks by its socket, and one on PostgreSQL to which they are posted."""
    with open_town_with_commands(tmp_path, programs, store_url) as town:
        if store_url.startswith("sqlite"):
            town.settle(ROUTES)
        else:
            town.settle_over_http(ROUTES)
        yield town


def card(town: Town, *words: str) -> dict[str, Any]:
    """The card, once it says all these words."""
    [message] = town.wait_for_message(ALERT, *words)
    return message


def shown(town: Town) -> dict[str, Any]:
    done = town.command("case", "show", "1", "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_case_is_taken_by_button_decided_by_emoji_and_finished_by_command(cased: Town) -> None:
    cased.start()
    workspace = cased.workspace
    workspace.react(YAMADA, NEWS, cased.post("製品Xに深刻な脆弱性"), "wrench")
    ts = str(card(cased, "#1", "未着手", "担当する")["ts"])
    workspace.click(SATO, ALERT, ts, "case_take")
    card(cased, "確認中", SATO, "判断を依頼")
    workspace.click(TANAKA, ALERT, ts, "case_decide_now")
    workspace.wait_for(lambda: workspace.ephemerals(ALERT, TANAKA))
    workspace.react(SUZUKI, ALERT, ts, "zap")
    card(cased, "対応中", SUZUKI, "即時対応", "対応完了")
    done = cased.command("case", "done", "1", "--by", SATO, "--reason", "更新済み")
    assert done.returncode == 0, done.stderr
    assert "actions" not in json.dumps(card(cased, "対応完了／担当", SATO)["blocks"])
    cased.wait_until_quiet()
    found = shown(cased)
    assert (found["case"], found["state"], found["owner"]) == (1, "done", SATO)
    assert found["decision"]["choice"] == "now"
    assert [(one["what"], one["who"]) for one in found["history"]] == [
        ("open", YAMADA),
        ("take", SATO),
        ("decide", SUZUKI),
        ("done", SATO),
    ]
    assert len(workspace.messages(ALERT)) == 1
    assert len(cased.ledger("case")) == 1
    assert compare_records(cased.store).first is None
