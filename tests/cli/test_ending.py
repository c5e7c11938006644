"""How commands end: by a signal, by a reader who has gone, by a disk that is full."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.feedserver import feed_server
from tests.support.town import ALERT, NEWS, OPS, YAMADA, Town
from tests.test_feed_stories import rss
from tests.test_feed_stories import settle as settle_feed

FULL = Path("/dev/full")


def begin(town: Town, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "threatstamp", *args],
        cwd=town.folder,
        env={**os.environ, **town.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_call(town: Town) -> None:
    """Waits until the fault has been met."""
    [fault] = town.workspace.faults._faults
    until = time.monotonic() + 30
    while fault.times == 9:
        assert time.monotonic() < until
        time.sleep(0.02)


def with_database(town: Town) -> None:
    town.settle()
    assert town.command("sweep").returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", ["sweep", "check"])
def test_a_signal_ends_a_command_well_and_soon(town: Town, command: str, number: signal.Signals) -> None:
    town.settle()
    town.workspace.faults.add("conversations.history", "slow", seconds=30, times=9)
    process = begin(town, command)
    wait_for_call(town)
    process.send_signal(number)
    _, said = process.communicate(timeout=15)
    assert (process.returncode, said) == (0, "中断しました。\n")


def test_a_poll_that_is_interrupted_says_how_much_is_still_owed(town: Town) -> None:
    with feed_server() as server:
        settle_feed(town, server.put("/feed", rss(1, 2)))
        town.workspace.faults.add("chat.postMessage", "slow", seconds=30, times=9)
        process = begin(town, "poll")
        wait_for_call(town)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=15)
    assert process.returncode == 0
    assert "未配達が2件" in said
    assert "poll" in said


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("args", [("status",), ("ledger", "export", "--format", "json"), ("--help",)])
def test_a_full_disk_is_said_in_a_sentence(town: Town, args: tuple[str, ...]) -> None:
    with_database(town)
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "threatstamp", *args],
            cwd=town.folder,
            env={**os.environ, **town.environ, "LC_ALL": "C.UTF-8"},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "Error" not in done.stderr


@pytest.mark.parametrize("args", [("status",), ("ledger", "export", "--format", "json"), ("check",)])
def test_a_reader_who_has_gone_is_no_failure(town: Town, args: tuple[str, ...]) -> None:
    with_database(town)
    process = begin(town, *args)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr as errors:
        said = errors.read()
    assert (process.wait(30), said) == (0, "")


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
