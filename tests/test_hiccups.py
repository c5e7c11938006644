"""Slack cannot answer for a moment, just when names are looked up: nothing counts as lost because of it."""

from __future__ import annotations

import json

from tests.support.commands import TownWithCommands as Town
from tests.support.desks import wait
from tests.support.forks import HANG
from tests.support.town import ALERT, NEWS, YAMADA
from threatstamp.slack.socket import Socket


def stamp(town: Town, count: int) -> None:
    post = town.post(f"記事{count}", f"https://news.example/{count}")
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT, f"記事{count}", count=count)


def test_at_the_start_the_desk_waits_until_slack_answers(town: Town) -> None:
    town.settle()
    town.workspace.faults.add("users.conversations", "status", times=2, status=503)
    run = town.start()
    assert run.desk.tools.policy.sources == {NEWS}
    stamp(town, 1)


def test_when_a_channel_changes_the_desk_goes_on_with_what_it_knows(town: Town) -> None:
    run = town.start()
    stamp(town, 1)
    town.workspace.faults.add("users.conversations", "rate_limit", times=4, retry_after=1.0)
    asked = len(town.workspace.calls("users.conversations"))
    run.desk.intake.take({"event": {"type": "channel_rename"}})
    town.workspace.wait_for(lambda: len(town.workspace.calls("users.conversations")) > asked, HANG)
    stamp(town, 2)
    assert run.desk.tools.policy.sources == {NEWS}
    assert run.desk.tools.policy.lost == ()


def test_sweep_and_check_say_what_slack_said(town: Town) -> None:
    town.settle()
    town.workspace.faults.add("users.conversations", "status", times=99, status=503)
    done = town.command("check", "--json")
    wrong = [one for one in json.loads(done.stdout)["checks"] if not one["ok"]]
    assert done.returncode == 1
    assert all("503" in one["message"] for one in wrong), wrong
    town.workspace.faults.clear()
    assert town.command("sweep").returncode == 0


def test_an_app_token_that_slack_refuses_ends_run_and_is_said_with_its_name(town: Town) -> None:
    town.settle()
    desk = town.begin("run", environ={"SLACK_APP_TOKEN": "xapp-1-wrong"})
    assert desk.wait() == 1
    assert "SLACK_APP_TOKEN を受け付けないため（invalid_auth）" in desk.err()


def test_an_app_token_that_is_revoked_later_is_said_and_ends_nothing(town: Town) -> None:
    run = town.start()
    assert wait(lambda: run.vitals.socket is not None and run.vitals.socket.connected, HANG)
    town.workspace.app.app_token = "xapp-another"
    town.workspace.sockets.cut()
    assert wait(lambda: run.vitals.socket is not None and run.vitals.socket.error == "invalid_auth", HANG)
    assert not run.ended.is_set()
    assert wait(lambda: "SLACK_APP_TOKEN" in town.command("status").stdout, HANG)


def test_a_line_that_was_cut_is_closed_at_once_and_read_no_more_while_slack_is_away(town: Town) -> None:
    """Until its pings are given up, 20 s later, the client would read nothing from it, on a whole core."""
    run = town.start()
    stamp(town, 1)
    assert wait(lambda: run.vitals.socket is not None and run.vitals.socket.connected, HANG)
    assert isinstance(run._events, Socket)
    assert run._events._handler is not None
    session = run._events._handler.client.current_session
    assert session is not None
    town.workspace.faults.add("apps.connections.open", "status", times=99, status=503)
    town.workspace.sockets.cut()
    assert wait(lambda: run.vitals.socket is not None and not run.vitals.socket.connected, HANG)
    assert not session.is_active()
    town.workspace.faults.clear()
    stamp(town, 2)
