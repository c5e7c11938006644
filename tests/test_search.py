"""What was stamped is found again: in Slack, on the command line, and as a page for a day without Slack."""

from __future__ import annotations

import json

from tests.support.commands import TownWithCommands
from tests.support.town import ALERT, NEWS, SATO, SUZUKI, YAMADA
from tests.test_cases import ROUTES


def test_a_stamped_post_is_searched_and_its_case_comes_with_it(town: TownWithCommands) -> None:
    town.settle(ROUTES)
    town.start()
    workspace = town.workspace
    workspace.react(YAMADA, NEWS, town.post("FortiOSに深刻な脆弱性、悪用を確認 *loud*"), "wrench")
    town.wait_for_message(ALERT, "#1", "未着手")

    def say(text: str, *, channel: str = ALERT) -> str:
        before = len(workspace.ephemerals(channel, SATO))
        workspace.command(SATO, channel, f"/threatstamp {text}")
        return str(workspace.wait_for(lambda: workspace.ephemerals(channel, SATO)[before:])[0]["text"])

    found = say("search 悪用")
    assert "1件" in found
    assert "FortiOS" in found
    assert "*loud*" not in found
    assert "記録にありません" in say("search 存在しない")
    assert "そのページはありません" in say("search 悪用 --page 2")
    assert "使い方" in say("search !!")
    assert "FortiOS" in say("search fortios", channel=NEWS)
    assert "次のチャンネル" in say("incident fortios", channel=NEWS)
    town.command("case", "decide", "1", "now", "--by", SUZUKI, "--reason", "露出あり")
    asked = say("incident FortiOS")
    assert "対応案件 1件" in asked
    assert "対応中" in asked
    town.stop()

    done = town.command("search", "脆弱", "--json")
    body = json.loads(done.stdout)
    assert (body["total"], body["found"][0]["posts"][0]["channel"]) == (1, NEWS)
    assert "FortiOS" in town.command("search", "悪用").stdout
    assert "記録にありません" in town.command("search", "悪用", "--since", "2099-01-01").stdout
    assert town.command("search", "!!").returncode == 2
    done = town.command("incident", "Fortinet FortiOS", "--output", "page.md")
    assert done.returncode == 0, done.stderr
    page = (town.folder / "page.md").read_text(encoding="utf-8")
    assert "#1" in page
    assert "露出あり" in page
    assert "\\*loud\\*" in page
    body = json.loads(town.command("incident", "fortios", "--json").stdout)
    assert body["cases"][0]["decision"]["choice"] == "now"
    assert town.command("incident", "fortios", "--output", "nowhere/page.md").returncode == 1
    assert "記録はありません" in town.command("incident", "存在しない").stdout
