"""The disk is full, really: it is said in a sentence, nothing is lost, and it goes on when there is space again."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.commands import open_town_with_commands
from tests.support.desks import wait
from tests.support.disks import SmallDisk, small_disk
from tests.support.forks import HANG, Forks
from tests.support.town import ALERT, NEWS, OPS, YAMADA
from threatstamp.app import outage

MANY = 60
"""Stamps that fit on no full disk, whatever SQLite has still free within its files."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk") as made:
        yield made


@pytest.fixture
def town(tmp_path: Path, programs: Forks, disk: SmallDisk) -> Iterator[Town]:
    """A town whose database is on the small disk."""
    with open_town_with_commands(tmp_path, programs, f"sqlite:///{disk.folder / 'desk.db'}") as made:
        yield made


def stamp(town: Town, number: int) -> None:
    post = town.post(f"製品{number:03}に深刻な脆弱性 " + "長い説明" * 200, f"https://news.example/{number}")
    town.workspace.react(YAMADA, NEWS, post, "rotating_light")


def said(town: Town, channel: str) -> str:
    return json.dumps(town.workspace.messages(channel), ensure_ascii=False)


def test_stamps_wait_while_the_disk_is_full_and_each_is_forwarded_once_there_is_space(
    town: Town, disk: SmallDisk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outage, "PATIENCE", 0.0)
    town.workspace.sockets.most_attempts = 1  # Slack does not send again what could not be kept
    town.settle()
    town.start()
    stamp(town, 0)
    town.wait_for_message(ALERT, "製品000")
    town.wait_until_quiet()
    disk.fill()
    count = 1
    while "書き込めません" not in said(town, OPS):
        assert count < MANY
        stamp(town, count)
        count += 1
        wait(lambda: "書き込めません" in said(town, OPS), 0.1)
    for command in ("status", "check"):
        done = town.command(command)
        assert (done.returncode, done.stderr) == (1, "")
        assert len([line for line in done.stdout.splitlines() if "の空きが 0MB" in line]) == 1, done.stdout
    stamp(town, count)
    disk.empty()
    assert wait(lambda: "解消しました" in said(town, OPS), HANG)
    town.wait_for_message(ALERT, *(f"製品{number:03}" for number in range(count + 1)))
    town.wait_until_quiet()
    assert len(town.workspace.messages(ALERT)) == count + 1
    assert len(town.ledger("stamp")) == len(town.ledger("delivered")) == count + 1
    assert "Traceback" not in caplog.text
    town.stop()
    assert town.command("ledger", "verify", "--records").returncode == 0


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Returns what a command says that failed: one line."""
    [line] = (done.stderr or done.stdout).splitlines()
    assert done.returncode == 1
    assert "Error" not in line
    assert "空き" in line
    return line


def test_a_command_whose_database_is_on_a_full_disk_says_so_and_works_once_there_is_space(
    town: Town, disk: SmallDisk
) -> None:
    town.settle()
    assert town.command("sweep").returncode == 0
    stamp(town, 1)
    disk.fill()
    for command in ("sweep", "status"):
        assert "desk.db" in one_sentence(town.command(command))
    checked = town.command("check")
    assert checked.returncode == 1
    assert len([line for line in checked.stdout.splitlines() if "の空きが 0MB" in line]) == 1
    disk.empty()
    assert town.command("sweep").returncode == 0
    assert len(town.workspace.messages(ALERT)) == 1
    assert town.command("ledger", "verify", "--records").returncode == 0


def test_what_is_written_onto_a_full_disk_is_whole_or_not_there(
    tmp_path: Path, disk: SmallDisk, programs: Forks
) -> None:
    with open_town_with_commands(tmp_path, programs) as town:
        town.settle()
        assert town.command("sweep").returncode == 0
        disk.fill()
        before = set(disk.folder.iterdir())
        writing = (("backup",), ("ledger", "export", "--format", "json", "--output"))
        for number, command in enumerate(writing):
            file = str(disk.folder / f"{number}.out")
            one_sentence(town.command(*command, file))
        assert set(disk.folder.iterdir()) == before
        disk.empty()
        for number, command in enumerate(writing):
            assert town.command(*command, str(disk.folder / f"{number}.out")).returncode == 0
