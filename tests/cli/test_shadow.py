"""`run --shadow` and `shadow report` beside other commands and a changed file."""

from __future__ import annotations

from tests.support.commands import TownWithCommands as Town
from tests.support.forks import HANG
from tests.support.town import ALERT, NEWS, ROUTES, YAMADA
from threatstamp.desk.policy.shadow import leave_shadow


def test_a_desk_that_speaks_and_one_in_shadow_do_not_begin_beside_each_other(town: Town) -> None:
    town.start()
    shadow = town.command("run", "--shadow")
    assert (shadow.returncode, "Slackに書き込みます" in shadow.stderr) == (1, True), shadow.stderr
    never = town.command("shadow", "report", "--json")
    assert (never.returncode, "まだシャドーモード" in never.stdout) == (1, True), never.stdout
    town.stop()
    begun = town.begin("run", "--shadow")
    town.workspace.wait_for(lambda: town.workspace.sockets.count == 1)
    for more in ((), ("--no-events",)):
        run = town.command("run", *more)
        assert (run.returncode, "シャドーモードで動いています" in run.stderr) == (1, True), run.stderr
    status = town.command("status")
    assert "シャドーモードです" in status.stdout
    begun.terminate()
    assert begun.wait() == 0
    assert "Slackには何も書き込みません" in begun.err()


def test_a_process_in_shadow_that_was_paused_over_the_cut_over_ends_by_itself(town: Town) -> None:
    run = town.start(shadow=True)
    assert leave_shadow(run.desk.tools)
    town.workspace.sockets.cut()  # it writes down how it is as soon as something changes
    assert run.ended.wait(HANG)
    assert run.is_displaced


def test_a_changed_file_makes_a_desk_in_shadow_no_louder_and_an_unread_channel_is_said(town: Town) -> None:
    town.settle()
    run = town.start(shadow=True)
    town.settle(ROUTES.replace("重大な", "とても重大な"), top='heartbeat = "http://127.0.0.1:9/"')
    digest = run.desk.settings.digest
    run.settings.follow()
    assert run.desk.settings.digest != digest
    assert run.desk.tools.policy.alerts is None
    post = town.post()
    town.workspace.react(YAMADA, NEWS, post, "see_no_evil")
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.workspace.wait_for(lambda: len(town.ledger("forward")) == 1)
    town.workspace.faults.add("conversations.history", "error", error="missing_scope", times=99)
    report = town.command("shadow", "report")
    assert report.returncode == 1
    assert f"{'#sec-alert'} を読めない" in report.stderr
    assert town.workspace.calls("reactions.add") == []
    assert town.workspace.messages(ALERT) == []
