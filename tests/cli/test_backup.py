"""`backup` while the desk runs, `restore` elsewhere, and nothing that Slack has already is sent again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.commands import PROGRAM
from tests.support.commands import TownWithCommands as Town
from tests.support.forks import Forks
from tests.support.town import ALERT, NEWS, TANAKA, YAMADA
from threatstamp.store import open_store

FILE = """language = "{language}"
database = "{database}"
[[sources]]
channel = "#news"
[[routes]]
reaction = "siren"
to = []
"""


@pytest.fixture(params=["ja", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path, language: str) -> Path:
    settle(tmp_path, language)
    return tmp_path


def settle(folder: Path, language: str, database: str = "sqlite:///desk.db") -> None:
    words = FILE.format(language=language, database=database)
    (folder / "threatstamp.toml").write_text(words, encoding="utf-8")


def test_a_backup_during_load_is_restored_elsewhere_and_verifies(town: Town) -> None:
    town.start()
    for number in range(30):
        town.workspace.react(YAMADA, NEWS, town.post(link=f"https://news.example/{number}"), "rotating_light")
        if number == 15:
            made = town.command("backup", "copy.db")
    town.wait_for_message(ALERT, count=30)
    town.wait_until_quiet()
    town.stop()
    assert (made.returncode, made.stderr) == (0, "")
    elsewhere = town.folder / "elsewhere"
    elsewhere.mkdir()
    settle(elsewhere, "en", "sqlite:///other.db")
    config = ("--config", str(elsewhere / "threatstamp.toml"))
    done = town.command("restore", "copy.db", *config)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--records" in done.stdout
    head = made.stdout.split()[-1].rpartition("：")[2]
    verified = town.command("ledger", "verify", "--records", "--expect", head, *config)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert town.command("ledger", "verify", "--records").returncode == 0


def test_what_was_forwarded_after_the_backup_is_not_forwarded_again_after_a_restoration(town: Town) -> None:
    """A regression that a plain copy has: the sweep finds the stamp, and the copy knows of no forward."""
    town.start()
    town.workspace.react(YAMADA, NEWS, town.post(), "rotating_light")
    town.wait_for_message(ALERT)
    town.wait_until_quiet()
    assert town.command("backup", "copy.db").returncode == 0
    later = town.post(link="https://news.example/2")
    town.workspace.react(YAMADA, NEWS, later, "rotating_light")
    town.wait_for_message(ALERT, count=2)
    town.wait_until_quiet()
    town.stop()
    for name in ("", "-wal", "-shm", "-journal"):
        (town.folder / f"desk.db{name}").unlink(missing_ok=True)
    town.workspace.react(TANAKA, NEWS, town.post(link="https://news.example/3"), "rotating_light")
    assert town.command("restore", "copy.db").returncode == 0
    town.start()
    town.wait_for_message(ALERT, count=3)
    town.wait_until_quiet()
    assert len(town.workspace.messages(ALERT)) == 3
    assert len(town.ledger("delivered")) == 3
    town.stop()
    assert town.command("ledger", "verify", "--records").returncode == 0


def test_wrong_files_are_refused_with_what_to_do(folder: Path, language: str, programs: Forks) -> None:
    def threatstamp(*args: str) -> subprocess.CompletedProcess[str]:
        return programs.run(PROGRAM, *args, cwd=folder)

    assert threatstamp("backup", "copy.db").returncode == 2  # there is no database yet
    open_store(f"sqlite:///{folder / 'desk.db'}").close()
    assert threatstamp("backup", "copy.db").returncode == 0
    for given, code, word in (
        (("backup", "copy.db"), 1, "copy.db"),
        (("backup", "desk.db"), 1, "desk.db"),
        (("backup", "nowhere/copy.db"), 2, "nowhere"),
        (("backup",), 2, "threatstamp backup"),
        (("restore", "copy.db"), 1, "-wal"),
        (("restore", "nothing.db"), 2, "nothing.db"),
    ):
        done = threatstamp(*given)
        assert (done.returncode, done.stdout) == (code, ""), given
        assert word in done.stderr
    (folder / "desk.db").unlink()
    (folder / "words.db").write_text("words", encoding="utf-8")
    done = threatstamp("restore", "words.db")
    assert (done.returncode, "threatstamp backup" in done.stderr) == (1, True)
    assert not (folder / "desk.db").exists()
    done = threatstamp("restore", "copy.db")
    assert (done.returncode, done.stderr) == (0, "")
    assert ("復元しました" if language == "ja" else "was restored") in done.stdout


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_a_server_has_a_tool_of_its_own(
    folder: Path, language: str, programs: Forks, command: str, tool: str
) -> None:
    settle(folder, language, "postgresql://desk:hidden@db.example/desk")
    (folder / "copy.db").touch()
    done = programs.run(PROGRAM, command, "copy.db", cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert tool in done.stderr
    assert "hidden" not in done.stderr
