"""A ticket in the developers' tracker, in a whole desk: made by the hand-over, on the card, closed, case done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.commands import open_town_with_commands
from tests.support.desks import wait
from tests.support.forks import HANG, Forks
from tests.support.town import ALERT, NEWS, SATO, SERVERS, SUZUKI, YAMADA
from tests.support.trackers import LOST, TOKEN, FakeTracker, fake_tracker
from threatstamp.core.time import HOUR, MINUTE
from threatstamp.desk.record.compare import compare_records
from threatstamp.slack.client import SlackWorkspace

pytestmark = pytest.mark.thorough("postgres")

SETTINGS = """
[[routes]]
name = "product"
reaction = "wrench"
to = ["#sec-alert"]
case = "product"

[cases]
analysts = ["U0SATO"]
deciders = ["U0SUZUKI"]

[[tracks]]
name = "product"
channel = "#server-team"
ticket = "dev"

[[trackers]]
name = "dev"
kind = "github"
url = "{url}"
project = "dev/app"
secret_env = "GITHUB_TOKEN"
"""


@pytest.fixture
def tracker() -> Iterator[FakeTracker]:
    with fake_tracker() as made:
        yield made


@pytest.fixture
def town(
    tmp_path: Path, programs: Forks, store_url: str, tracker: FakeTracker, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Town]:
    """A town on each kind of database, with a tracker."""
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    with open_town_with_commands(tmp_path, programs, store_url) as made:
        made.settle(SETTINGS.format(url=tracker.url))
        yield made


def test_a_hand_over_makes_one_ticket_and_its_end_proposes_that_the_case_is_done(
    town: Town, tracker: FakeTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = town.command("check")
    assert "応答があり、dev/app にチケットを作れます" in checked.stdout
    tracker.seen.clear()
    run, workspace = town.start(), town.workspace
    workspace.react(YAMADA, NEWS, town.post("FortiGateに深刻な脆弱性 <!channel> @SATO"), "wrench")
    ts = str(town.wait_for_card(ALERT, "#1", "開発へ引き渡す")["ts"])
    tracker.faults.append(503)
    workspace.click(SATO, ALERT, ts, "case_take")
    workspace.click(SATO, ALERT, ts, "case_brief")
    town.wait_for_card(ALERT, "dev にチケットを作成しています")

    began = run._clock.now()

    def pass_hours(hours: int, done: Callable[[], object]) -> None:
        """Lets them pass by Slack's clock, until something has happened."""
        monkeypatch.setattr(
            "threatstamp.sandbox.server.formatdate",
            lambda usegmt: formatdate(time.time() + hours * 3_600, usegmt=usegmt),
        )
        slack = run.desk.tools.workspace
        assert isinstance(slack, SlackWorkspace)

        def has_passed() -> bool:
            if run._clock.now() < began + hours * HOUR - MINUTE:  # also: an earlier answer has put it back
                slack.calls.get("auth.test")
                run.ticketing.begin_anew()
            return bool(done())

        assert wait(has_passed, HANG)

    def failed(code: str) -> bool:
        with town.store.reading() as read:
            found = read.tickets.of(1)
        return found is not None and found.error == code

    assert wait(lambda: failed("tracker_server"), HANG)
    tracker.faults.extend((200, LOST))  # it is looked for, then made, and nobody hears of that
    pass_hours(1, lambda: failed("tracker_network"))
    pass_hours(2, lambda: "issues/1" in json.dumps(workspace.messages(ALERT)))
    town.wait_for_card(ALERT, "https://github.com/dev/app/issues/1", "チケット #1")
    town.wait_for_card(SERVERS, "チケット #1")
    workspace.react(SUZUKI, ALERT, ts, "zap")
    town.wait_for_card(ALERT, "対応中")
    tracker.closed.add(1)
    pass_hours(4, lambda: workspace.messages(ALERT, thread_ts=ts))
    [told] = workspace.messages(ALERT, thread_ts=ts)
    assert all(word in str(told["text"]) for word in (SATO, "チケット #1", "case done 1"))
    workspace.click(SATO, ALERT, str(told["ts"]), "case_open_done", "1")
    workspace.wait_for(lambda: workspace.view(SATO))
    workspace.submit(SATO, {})
    town.wait_for_card(ALERT, "対応完了")
    [issue] = tracker.issues
    assert issue["title"].startswith("[#1] FortiGateに深刻な脆弱性")
    town.wait_until_quiet()
    assert compare_records(town.store).first is None
    shown = town.command("case", "show", "1", "--json")
    assert json.loads(shown.stdout)["ticket"] == "https://github.com/dev/app/issues/1"
    said = checked.stdout + shown.stdout
    for command in (("config", "show"), ("status",), ("handover",), ("ledger", "export", "--format", "csv")):
        said += town.command(*command, THREATSTAMP_LOG="DEBUG").stdout
    files = b"".join(file.read_bytes() for file in town.folder.rglob("*") if file.is_file())
    assert TOKEN not in said + files.decode(errors="replace") + str(workspace.everything(ALERT))
