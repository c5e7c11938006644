"""What nobody has stamped, in the sandbox: the home's buttons, the command in Slack, and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support.commands import TownWithCommands
from tests.support.desks import wait
from tests.support.feedserver import FeedServer, feed_server
from tests.support.forks import HANG
from tests.support.town import NEWS, SATO, TANAKA, YAMADA
from tests.test_feed_stories import poll, rss, settle
from tests.test_home import home

RECORDS = '\n[[routes]]\nname = "seen"\nreaction = "see_no_evil"\nto = []\n'


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as made:
        yield made


@pytest.mark.thorough
def test_the_rest_is_not_ours_by_the_home_the_command_and_the_command_line(
    town: TownWithCommands, server: FeedServer
) -> None:
    settle(town, server.put("/feed", rss(1, 2, 3)), more="backlog = 3", routes=RECORDS)
    poll(town)
    town.start()
    workspace = town.workspace
    ts = next(
        str(one["ts"]) for one in workspace.messages(NEWS) if "記事2号" in json.dumps(one, ensure_ascii=False)
    )
    workspace.react(YAMADA, NEWS, ts, "see_no_evil")  # a route that only records
    assert wait(lambda: town.ledger("stamp"), HANG)
    home(town, TANAKA, "未確認の記事・直近7日間（2件）", "2件を「確認済み、該当なし」とします")
    workspace.click_home(TANAKA, "review_rest")
    home(town, TANAKA, "未確認の記事・直近7日間（0件）", "残り2件を「該当なし」としました")
    assert len(town.ledger("reviewed")) == 1

    def say(text: str) -> str:
        before = len(workspace.ephemerals(NEWS, SATO))
        workspace.command(SATO, NEWS, f"/threatstamp {text}")
        return str(workspace.wait_for(lambda: workspace.ephemerals(NEWS, SATO)[before:])[0]["text"])

    assert "未確認の記事はありません" in say("review")
    assert "2件が未確認に戻りました" in say("review undo")
    assert "記事1号" in say("review")
    assert "2件を「確認済み、該当なし」" in say("review rest 関係なし")
    assert "残っていません" in say("review rest")
    assert "`/threatstamp review`" in say("review that")
    act = town.ledger("reviewed")[-1].sequence
    done = town.command("stories", "review", "--undo", str(act), "--by", "@ito")
    assert "2件が未確認に戻りました" in done.stdout, done.stderr
    assert town.command("stories", "review", "--undo", str(act), "--by", "@ito").returncode == 1
    assert json.loads(town.command("stories", "review", "--json").stdout)["count"] == 2
    assert json.loads(town.command("status", "--json").stdout)["unreviewed"] == 2
    assert "ほか1件" in town.command("stories", "review", "--limit", "1").stdout
    assert town.command("stories", "review", "--rest").returncode == 2
    assert town.command("stories", "review", "--rest", "--undo", "--by", "@ito").returncode == 2
    assert "2件を" in town.command("stories", "review", "--rest", "--by", "@ito", "--reason", "朝会").stdout
    assert "残っていません" in town.command("stories", "review", "--rest", "--by", "@ito").stdout
    assert "該当なし" in town.command("stories", "show", "https://feed.example/1").stdout
    assert town.command("ledger", "verify", "--records").returncode == 0
