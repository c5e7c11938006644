"""`risk`: from the command line and in Slack; people are found in Slack."""

from __future__ import annotations

import json
from datetime import date

from tests.support.commands import TownWithCommands
from tests.support.town import ALERT, ITO, NEWS, SATO, SERVERS, SUZUKI, TANAKA

CASES = """
[[routes]]
name = "product"
reaction = "wrench"
to = ["#sec-alert"]
case = "product"

[cases]
analysts = ["U0SATO", "U0SUZUKI"]
"""


def test_a_risk_is_added_listed_reviewed_and_closed(town: TownWithCommands) -> None:
    town.settle()
    town.start()
    added = town.command(
        "risk", "add", "古いVPN装置", "--by", SUZUKI, "--before", "high", "--until", "2020-01-31"
    )
    assert (added.returncode, "R1" in added.stdout) == (0, True)
    [risk] = json.loads(town.command("risk", "list", "--overdue", "--json").stdout)["risks"]
    assert (risk["risk"], risk["before"], risk["overdue"]) == ("R1", "high", True)
    assert town.command("risk", "review", "1", "--by", SUZUKI, "--until", "2099-01-31").returncode == 0
    assert json.loads(town.command("risk", "list", "--overdue", "--json").stdout) == {"risks": []}
    assert "古いVPN装置" in town.command("risk", "show", "r1").stdout
    assert town.command("risk", "review", "R1", "--by", SUZUKI, "--close").returncode == 0
    assert "R1" not in town.command("risk", "list").stdout
    assert "R1" in town.command("risk", "list", "--all").stdout
    assert town.command("risk", "show", "R9").returncode == 1
    assert town.command("risk", "add", "x", "--by", "somebody").returncode == 2
    assert town.command("ledger", "verify", "--records").returncode == 0


def test_people_are_found_in_slack_and_whoever_is_not_found_is_said(town: TownWithCommands) -> None:
    path = town.settle()
    path.write_text(path.read_text().replace('language = "ja"', 'language = "en"'))
    town.start()
    added = town.command("risk", "add", "装置", "--by", "@鈴木", "--owner", f"<@{ITO}|伊藤>")
    assert added.returncode == 0, added.stderr
    assert town.command("risk", "review", "R1", "--by", "u0ito@town.example").returncode == 0
    [risk] = json.loads(town.command("risk", "list", "--json").stdout)["risks"]
    assert (risk["owner"], [one["who"] for one in risk["history"]]) == (ITO, [SUZUKI, ITO])
    for by, owner in (("@nobody", ITO), (SUZUKI, "@sec-team"), ("nobody@town.example", ITO)):
        refused = town.command("risk", "review", "R1", "--by", by, "--owner", owner)
        assert refused.returncode == 2
        assert (by if owner == ITO else owner) in refused.stderr
        assert "@handle" in refused.stderr
    assert len(town.ledger("risk_reviewed")) == 1


def test_status_names_risks_that_are_overdue_or_end_soon(town: TownWithCommands) -> None:
    town.settle()
    town.start()
    assert "リスク" not in town.command("status").stdout
    for until in ("2020-01-31", date.today().isoformat(), "2099-01-31"):
        assert town.command("risk", "add", "装置", "--by", SUZUKI, "--until", until).returncode == 0
    shown = town.command("status").stdout
    assert "期限切れのリスク受容が1件あります：R1" in shown
    assert "まもなく期限のリスク受容が1件あります：R2" in shown
    body = json.loads(town.command("status", "--json").stdout)
    assert body["risks"] == {"overdue": ["R1"], "ending": ["R2"]}


def test_the_slash_command_lists_adds_and_reviews_risks(town: TownWithCommands) -> None:
    town.settle(CASES)
    town.start()
    workspace = town.workspace

    def say(text: str, *, user: str = SATO, channel: str = ALERT) -> str:
        before = len(workspace.ephemerals(channel, user))
        workspace.command(user, channel, f"/threatstamp risk {text}".strip())
        return str(workspace.wait_for(lambda: workspace.ephemerals(channel, user)[before:])[0]["text"])

    assert "ありません" in say("")
    assert "R1 として" in say(f"add 古い *VPN* 装置 --owner <@{ITO}|ito> --before high --until 2020-01-31")
    listed = say("list")
    assert all(word in listed for word in ("*R1*", "装置", f"<@{ITO}>", "期限切れ"))
    assert "見直した" in say("review r1 予算待ち --until=2099-01-31 --owner @鈴木")
    assert "予算待ち" in say("show 1")
    for wrong, words in (
        ("add 装置 --owner @nobody", "nobody に当たる人"),
        ("add 装置 --until soon", "soon"),
        ("add 装置 --before grave", "grave"),
        ("add 装置 --case 9", "#9"),
        ("add", "使い方"),
        ("frobnicate", "使い方"),
        ("review R9", "R9"),
        ("show R9", "R9"),
    ):
        assert words in say(wrong), wrong
    assert "分析担当者" in say("add 装置", user=TANAKA)
    assert "カードがあるチャンネル" in say("list", channel=NEWS)
    assert "終了" in say("review R1 交換済み --close")
    [risk] = json.loads(town.command("risk", "list", "--all", "--json").stdout)["risks"]
    assert (risk["owner"], risk["open"], [one["who"] for one in risk["history"]]) == (
        SUZUKI,
        False,
        [SATO, SATO, SATO],
    )


def test_the_title_of_a_marked_post_is_not_told_where_it_may_not_be_read(town: TownWithCommands) -> None:
    strict = CASES.replace('case = "product"', 'case = "product"\ntlp = "amber"')
    other = strict + '[[routes]]\nreaction = "eyes"\nto = ["#server-team"]\ncase = "product"\n'
    town.settle(other.replace("[cases]", "", 1).replace('analysts = ["U0SATO", "U0SUZUKI"]', ""))
    town.start()
    workspace = town.workspace
    workspace.react(SATO, NEWS, town.post("TLP:AMBER 社内限りの題名"), "wrench")
    town.wait_for_card(ALERT, "#1")
    accept = ("case", "decide", "1", "accept", "--by", SUZUKI, "--reason", "秘密の理由")
    assert town.command(*accept).returncode == 0

    def say(text: str, channel: str) -> str:
        before = len(workspace.ephemerals(channel, SATO))
        workspace.command(SATO, channel, f"/threatstamp risk {text}")
        return str(workspace.wait_for(lambda: workspace.ephemerals(channel, SATO)[before:])[0]["text"])

    assert "社内限りの題名" in say("list", ALERT)
    assert "秘密の理由" in say("show C1", ALERT)
    for command in ("list", "show C1"):
        hidden = say(command, SERVERS)
        assert "TLP:AMBER" in hidden
        assert "題名" not in hidden
        assert "秘密" not in hidden
