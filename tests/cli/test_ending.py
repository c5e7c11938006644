"""How commands end: by a signal, by a reader who has gone, by a disk that is full."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.feedserver import feed_server
from tests.support.forks import HANG
from tests.support.town import ALERT, NEWS, OPS, YAMADA
from tests.test_feed_stories import rss
from tests.test_feed_stories import settle as settle_feed

FULL = Path("/dev/full")
NEVER = 2 * HANG
"""Seconds until Slack answers: who waited for it would count as hanging."""


def with_database(town: Town) -> None:
    town.settle()
    assert town.command("sweep").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["sweep", "check"])
def test_a_signal_ends_a_command_well_and_soon(town: Town, command: str, number: signal.Signals) -> None:
    town.settle()
    town.workspace.faults.add("conversations.history", "slow", seconds=NEVER, times=9)
    process = town.begin(command)
    town.wait_for_fault(9)
    process.send_signal(number)
    assert (process.wait(), process.err()) == (0, "中断しました。\n")


def test_a_poll_that_is_interrupted_says_how_much_is_still_owed(town: Town) -> None:
    with feed_server() as server:
        settle_feed(town, server.put("/feed", rss(1, 2)))
        town.workspace.faults.add("chat.postMessage", "slow", seconds=NEVER, times=9)
        process = town.begin("poll")
        town.wait_for_fault(9)
        process.send_signal(signal.SIGTERM)
        assert process.wait() == 0
    said = process.err()
    assert "未送信が2件" in said
    assert "poll" in said


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("args", [("status",), ("ledger", "export", "--format", "json"), ("--help",)])
def test_a_full_disk_is_said_in_a_sentence(town: Town, args: tuple[str, ...]) -> None:
    with_database(town)
    with FULL.open("w") as full:
        process = town.begin(*args, stdout=full.fileno())
        assert process.wait() == 1
    said_once(process.err())


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
def test_a_python_of_its_own_says_so_too_at_its_very_end(town: Town) -> None:
    with FULL.open("w") as full:
        program = [sys.executable, "-m", "threatstamp", "--help"]
        done = subprocess.run(program, cwd=town.folder, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    said_once(done.stderr)


def said_once(said: str) -> None:
    assert len(said.splitlines()) == 1, said
    assert "Error" not in said


@pytest.mark.parametrize("args", [("status",), ("ledger", "export", "--format", "json"), ("check",)])
def test_a_reader_who_has_gone_is_no_failure(town: Town, args: tuple[str, ...]) -> None:
    with_database(town)
    nobody, place = os.pipe()
    os.close(nobody)
    process = town.begin(*args, stdout=place)
    os.close(place)
    assert (process.wait(), process.err()) == (0, "")


def test_a_python_of_its_own_is_silent_at_its_very_end(town: Town) -> None:
    nobody, place = os.pipe()
    os.close(nobody)
    program = [sys.executable, "-m", "threatstamp", "--help"]
    done = subprocess.run(program, cwd=town.folder, stdout=place, stderr=subprocess.PIPE, text=True)
    os.close(place)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("head", ["abc", "0" * 63, "g" * 64, "", "0" * 16 + "…"])
def test_a_head_that_is_none_is_wrong_use(town: Town, head: str) -> None:
    with_database(town)
    done = town.command("ledger", "verify", "--expect", head)
    assert (done.returncode, done.stdout) == (2, "")
    assert "threatstamp ledger verify" in done.stderr


def test_a_head_may_be_in_capitals_and_among_spaces(town: Town) -> None:
    with_database(town)
    head = json.loads(town.command("ledger", "verify", "--json").stdout)["head"]
    assert town.command("ledger", "verify", "--expect", f"  {head.upper()} ").returncode == 0
    assert town.command("ledger", "verify", "--expect", "0" * 64).returncode == 1


def test_a_retry_says_when_nobody_delivers(town: Town) -> None:
    town.start()
    town.workspace.leave(ALERT)
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    town.wait_for_message(OPS, "投稿できません")
    town.stop()
    done = town.command("retry", "--all")
    assert done.returncode == 0
    assert "poll" in done.stdout
