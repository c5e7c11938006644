"""The commands as anybody would run them: exit codes, JSON, sentences."""

from __future__ import annotations

import csv
import io
import json
from contextlib import closing

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.forks import HANG
from tests.support.town import ALERT, NEWS, YAMADA
from tests.support.town import Town as PlainTown


@pytest.mark.thorough
@pytest.mark.timeout(3 * HANG)
def test_the_demo_plays_without_a_person_and_ends_well(town: Town) -> None:
    done = PlainTown.command(town, "demo", "--once", "--language", "en", timeout=2 * HANG)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "there is still only 1 message" in done.stdout
    assert "5 posts have come from the other 4 feeds" in done.stdout
    assert "Lily Valley Letter: never read successfully" in done.stdout
    assert "its post is edited, none is added" in done.stdout
    assert "The priority was high, and is critical now." in done.stdout
    assert "Rule of the house “CVSS above 9.0 comes first”: medium → critical" in done.stdout
    assert "Sam closes the case after 5 hours of work" in done.stdout
    assert "The ledger verifies" in done.stdout


def test_check_goes_through_everything_and_says_how_to_fix_it(town: Town) -> None:
    town.settle()
    done = town.command("check", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"]) == (0, True), done.stdout
    parts = {check["part"] for check in found["checks"]}
    assert parts >= {"file", "database", "token", "scope", "source", "destination", "emoji", "person"}
    town.workspace.leave(ALERT)
    town.workspace.app.scopes = tuple(one for one in town.workspace.app.scopes if one != "reactions:write")
    done = town.command("check", "--json")
    wrong = {check["name"]: check for check in json.loads(done.stdout)["checks"] if not check["ok"]}
    assert done.returncode == 1
    assert wrong.keys() == {"#sec-alert", "reactions:write"}
    assert all(check["fix"] for check in wrong.values())
    assert "/invite" in wrong["#sec-alert"]["fix"]


def test_check_with_a_wrong_file_and_a_wrong_token(town: Town) -> None:
    town.settle()
    done = town.command("check", SLACK_BOT_TOKEN="xoxb-unknown")
    assert done.returncode == 1
    assert "xoxb-unknown" not in done.stdout + done.stderr
    town.settle(routes="")
    assert town.command("check").returncode == 2
    assert town.command("--config", "nowhere.toml", "check").returncode == 2


def test_run_without_a_token_says_which(town: Town) -> None:
    town.settle()
    done = town.command("run", SLACK_APP_TOKEN="")
    assert done.returncode == 2
    assert "SLACK_APP_TOKEN" in done.stderr


@pytest.mark.parametrize("hanging", [False, True])
def test_a_signal_ends_run_cleanly_also_while_slack_hangs(town: Town, hanging: bool) -> None:
    town.settle()
    process = town.begin("run")
    town.workspace.wait_for(lambda: town.workspace.sockets.count, HANG)
    post = town.post()
    if hanging:
        town.workspace.faults.add("*", "hang", times=99)
        town.workspace.react(YAMADA, NEWS, post, "rotating_light")
        town.wait_for_fault(99)
    process.terminate()  # a call that hangs is answered after an hour: who waited for it would never end
    code = process.wait()
    out = process.out() + process.err()
    assert code == 0, out
    for token in town.environ.values():
        assert token not in out


def test_the_record_is_listed_exported_verified_and_redacted(town: Town) -> None:
    town.start()
    post = town.workspace.post(NEWS, '=HYPERLINK("https://evil.example")', user=YAMADA)
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")
    town.wait_for_message(ALERT)
    town.wait_until_quiet()
    head = town.ledger()[-1].hash
    count = len(town.ledger())
    town.stop()
    assert "スタンプ" in town.command("ledger", "list").stdout
    rows = list(csv.reader(io.StringIO(town.command("ledger", "export", "--format", "csv").stdout)))
    assert len(rows) == count + 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    document = json.loads(town.command("ledger", "export", "--format", "json").stdout)
    assert len(document["entries"]) == count
    assert town.command("ledger", "verify", "--expect", head).returncode == 0
    assert town.command("ledger", "verify", "--expect", "0" * 64).returncode == 1
    redacted = town.command(
        "ledger", "redact", "--person", YAMADA, "--reason", "a request of 2026-11-24", "--yes"
    )
    assert redacted.returncode == 0, redacted.stderr
    verified = town.command("ledger", "verify", "--json")
    assert verified.returncode == 0
    assert json.loads(verified.stdout)["redacted"] > 0
    assert town.command("ledger", "verify", "--expect", head).returncode == 0
    assert YAMADA not in town.command("ledger", "export", "--format", "json").stdout


def test_a_changed_entry_is_named(town: Town) -> None:
    import sqlite3

    town.start()
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    town.wait_for_message(ALERT)
    town.wait_until_quiet()
    town.stop()
    with closing(sqlite3.connect(town.folder / "desk.db")) as connection, connection:
        connection.execute(
            "UPDATE desk_ledger_bodies SET body = replace(body, 'ciso', 'nobody') WHERE sequence = 6"
        )
        connection.execute("UPDATE desk_ledger SET kind = 'x' WHERE sequence = 8")
    done = town.command("ledger", "verify", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["first_bad"] in (6, 8)


def test_status_without_a_database_or_a_running_desk(town: Town) -> None:
    town.settle()
    assert town.command("status").returncode == 2
    run = town.start()
    while not (run.vitals.socket and run.vitals.socket.connected):
        run.ended.wait(0.02)
    run.vitals.write(run.desk.tools, host_ahead=0)
    assert town.command("status").returncode == 0
    town.stop()
    done = town.command("status", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["running"] == []


def test_config_may_stand_after_the_command(town: Town) -> None:
    town.settle().rename(town.folder / "other.toml")
    assert town.command("check", "--config", "other.toml").returncode == 0
    assert town.command("ledger", "list", "--config=nowhere.toml").returncode == 2
    assert "nowhere.toml" in town.command("ledger", "--config", "nowhere.toml", "list").stderr
    assert town.command("check", "--config").returncode == 2


@pytest.mark.parametrize("command", [("status",), ("ledger", "list"), ("ledger", "verify")])
def test_a_program_gets_what_is_wrong_as_json(town: Town, command: tuple[str, ...]) -> None:
    town.settle()
    done = town.command(*command, "--json")
    assert done.returncode == 2
    found = json.loads(done.stdout)
    assert found["ok"] is False
    assert "desk.db" in found["error"]


def test_check_of_a_wrong_file_names_it_once(town: Town) -> None:
    town.settle(top='timezone = "JST"')
    done = town.command("check", "--json")
    [found] = json.loads(done.stdout)["checks"]
    assert (done.returncode, found["name"]) == (2, "threatstamp.toml:4")
    assert "threatstamp.toml" not in found["message"]
    [found] = json.loads(town.command("--config", "x.toml", "check", "--json").stdout)["checks"]
    assert "--config" in found["fix"]


def test_a_server_that_is_not_slack_is_said_in_a_short_sentence(town: Town) -> None:
    town.settle(slack='pace = "0s"\n')
    path = town.folder / "threatstamp.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("/api/", "/nowhere/"), encoding="utf-8")
    done = town.command("sweep")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "JSON" in done.stderr
    assert "JSON" in town.command("check").stdout


def test_a_redaction_says_when_nobody_is_meant(town: Town) -> None:
    town.settle()
    assert town.command("sweep").returncode == 0
    done = town.command("ledger", "redact", "--person", "yamada", "--reason", "x")
    assert (done.returncode, "ユーザーID" in done.stderr) == (2, True)
    done = town.command("ledger", "redact", "--person", "U0NOBODY", "--reason", "x", "--yes")
    assert (done.returncode, "U0NOBODY" in done.stderr) == (1, True)


def test_poll_without_feeds_is_well(town: Town) -> None:
    town.settle()
    assert town.command("poll").returncode == 0
