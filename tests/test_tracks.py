"""What a track adds to its cases, in a whole desk: a checklist with clocks, and a hand-over to developers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.commands import open_town_with_commands
from tests.support.forks import Forks
from tests.support.town import ALERT, ITO, NEWS, SATO, SERVERS, SUZUKI, TANAKA, YAMADA
from threatstamp.app.run import Run
from threatstamp.core.time import SECOND
from threatstamp.desk.record.compare import compare_records
from threatstamp.slack.client import SlackWorkspace

pytestmark = pytest.mark.thorough("postgres")

ROUTES = """
[[routes]]
name = "{track}"
reaction = "wrench"
to = ["#sec-alert"]
text = "ご確認ください。"
case = "{track}"

[cases]
analysts = ["U0SATO", "U0TANAKA"]
deciders = ["U0SUZUKI"]

[[tracks]]
name = "investigate"
lead = ["U0ITO"]

[[tracks]]
name = "product"
channel = "#server-team"

[[products]]
name = "FortiGate"
version = "7.4.3"
owner = "U0ITO"
"""
TICKET = "https://tickets.example/browse/SEC-7"


@pytest.fixture
def town(tmp_path: Path, programs: Forks, store_url: str) -> Iterator[Town]:
    """A town on each kind of database."""
    with open_town_with_commands(tmp_path, programs, store_url) as made:
        yield made


def card(town: Town, *words: str) -> dict[str, Any]:
    return town.wait_for_card(ALERT, *words)


def open_form(town: Town, user: str, ts: str, action: str, value: str = "") -> dict[str, Any]:
    town.workspace.click(user, ALERT, ts, action, value)
    return town.workspace.wait_for(lambda: town.workspace.view(user) or {})


def submit(town: Town, user: str, **values: object) -> None:
    town.workspace.submit(user, values)
    town.workspace.wait_for(lambda: town.workspace.view(user) is None)


def say(town: Town, user: str, text: str, channel: str = ALERT) -> str:
    before = len(town.workspace.ephemerals(channel, user))
    town.workspace.command(user, channel, f"/threatstamp {text}")
    found = town.workspace.wait_for(lambda: town.workspace.ephemerals(channel, user)[before:])
    return str(found[0]["text"])


def history(town: Town) -> list[tuple[str, str]]:
    town.wait_until_quiet()
    assert compare_records(town.store).first is None
    done = town.command("case", "show", "1", "--json")
    assert done.returncode == 0, done.stderr
    return [(one["what"], one["who"]) for one in json.loads(done.stdout)["history"]]


def pass_hours(town: Town, run: Run, hours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets Slack's answers say that it is so many hours later: the desk sets its clock by them."""
    monkeypatch.setattr(
        "threatstamp.sandbox.server.formatdate",
        lambda usegmt: formatdate(time.time() + hours * 3_600, usegmt=usegmt),
    )
    slack = run.desk.tools.workspace
    assert isinstance(slack, SlackWorkspace)
    slack.calls.get("auth.test")
    assert run.desk.tools.clock.now() > (time.time() + (hours - 1) * 3_600) * SECOND


def test_an_investigation_is_ticked_off_by_several_people_and_its_clocks_are_told_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.settle(ROUTES.format(track="investigate"))
    run, workspace = town.start(), town.workspace
    workspace.react(YAMADA, NEWS, town.post("製品Xの脆弱性が悪用されています"), "wrench")
    ts = str(card(town, "#1", "チェックリスト　0/3", "次：KEV掲載から2時間以内")["ts"])
    workspace.click(SATO, ALERT, ts, "case_take")
    card(town, "確認中")
    for user in (SATO, TANAKA):
        open_form(town, user, ts, "case_open_checklist")
    submit(town, SATO, items_1=["1"])
    card(town, "チェックリスト　1/3", "次：24時間以内")
    run.desk.remind()
    pass_hours(town, run, 25, monkeypatch)
    for _ in range(2):
        run.desk.remind()
    [told] = workspace.wait_for(lambda: workspace.messages(ALERT, thread_ts=ts))
    assert all(word in str(told["text"]) for word in (SATO, ITO, "2. 24時間以内", "過ぎました"))
    submit(town, TANAKA, items_1=["2"])  # opened before the first step was ticked, which stays so
    card(town, "チェックリスト　2/3", "次：72時間以内")
    workspace.react(SUZUKI, ALERT, ts, "zap")
    card(town, "対応中")
    assert "チェックリスト" in say(town, SATO, "case done 1")
    form = open_form(town, SATO, ts, "case_open_done")
    assert "reason" in {one.get("block_id") for one in form["blocks"] if not one.get("optional", True)}
    assert "対応中" in say(town, TANAKA, "case check 1 3")
    workspace.close_view(SATO)
    open_form(town, SATO, ts, "case_open_done")
    submit(town, SATO)
    card(town, "対応完了／担当", "チェックリスト　3/3")
    assert history(town) == [
        ("open", YAMADA),
        ("take", SATO),
        ("check", SATO),
        ("check", TANAKA),
        ("decide", SUZUKI),
        ("check", TANAKA),
        ("done", SATO),
    ]
    assert town.command("case", "show", "1").stdout.count("[x]") == 3
    assert len(workspace.messages(ALERT, thread_ts=ts)) == 1
    assert len(town.ledger("case_denied")) == 1


def test_developers_are_told_once_say_that_they_have_seen_it_and_see_how_it_ends(town: Town) -> None:
    if town.database.startswith("sqlite"):
        town.settle(ROUTES.format(track="product"))
    else:
        town.settle_over_http(ROUTES.format(track="product"))
    town.start()
    workspace = town.workspace
    workspace.react(YAMADA, NEWS, town.post("FortiGateに深刻な脆弱性"), "wrench")
    ts = str(card(town, "#1", "未着手", "開発へ引き渡す")["ts"])
    workspace.click(SATO, ALERT, ts, "case_take")
    card(town, "確認中")
    for user in (SATO, TANAKA):  # of two who press it at once one is told, and nothing is said twice
        workspace.click(user, ALERT, ts, "case_brief")
    card(town, "引き渡しました（未確認）")
    brief = town.wait_for_card(SERVERS, "#1", "FortiGate", "7.4.3", f"<@{ITO}>", "確認しました")
    for _ in range(2):
        workspace.click(ITO, SERVERS, str(brief["ts"]), "case_acknowledge")
    card(town, "開発担当が確認しました", ITO)
    open_form(town, SATO, ts, "case_menu", "rank|1")
    submit(town, SATO, priority="high", due="2099-12-24", reason="外部に公開", ticket=TICKET)
    card(town, f"<{TICKET}|")
    workspace.react(SUZUKI, ALERT, ts, "zap")
    for channel in (ALERT, SERVERS):
        town.wait_for_card(channel, f"<{TICKET}|", "12/24", "優先度：高", "対応中")
    assert "未着手" not in say(town, ITO, "case acknowledge 1", SERVERS)
    workspace.click(SATO, ALERT, ts, "case_open_done")
    workspace.wait_for(lambda: workspace.view(SATO))
    submit(town, SATO, effort="6h")
    ended = town.wait_for_card(SERVERS, "対応完了", "確認しました")
    assert "case_acknowledge" not in json.dumps(ended["blocks"])
    acts = [name for name, _ in history(town)]
    assert acts == ["open", "take", "brief", "acknowledge", "priority", "due", "ticket", "decide", "done"]
    assert len(workspace.messages(SERVERS)) == 1
    assert len(town.ledger("case_denied")) == 0
