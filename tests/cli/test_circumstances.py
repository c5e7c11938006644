"""Whatever a command meets (files, databases, terminals), it ends with a sentence and never with a traceback."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.commands import TownWithCommands as Town
from tests.support.forks import HANG
from tests.support.town import ALERT, NEWS, YAMADA

Command = tuple[str, ...]
WITH_DATABASE: tuple[Command, ...] = (
    ("poll",),
    ("sweep",),
    ("check",),
    ("check", "--json"),
    ("status",),
    ("status", "--json"),
    ("retry", "--all"),
    ("ledger", "list"),
    ("ledger", "list", "--json"),
    ("ledger", "export", "--format", "csv"),
    ("ledger", "export", "--format", "json", "--output", "out.json"),
    ("ledger", "verify"),
    ("ledger", "redact", "--sequence", "1", "--reason", "x", "--yes"),
    ("counts",),
    ("counts", "--json"),
    ("run",),
)
OTHERS: tuple[Command, ...] = (
    ("read", "feed.xml"),
    ("read", "--json", "feed.xml"),
    ("--help",),
    ("read", "--help"),
    ("nonsense",),
    ("--version",),
)
FEED = "<rss version='2.0'><channel><title>架空</title><item><title>題\u2014é</title></item></channel></rss>"


def name_of(command: Command) -> str:
    return " ".join(command)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


def a_file_that_fails(path: Path) -> None:
    path.unlink()
    path.symlink_to("/proc/self/mem")  # opens, and cannot be read: for root, too


def other_bytes(path: Path) -> None:
    path.write_bytes('language = "ja"  # 設定'.encode("cp932"))


def no_toml(path: Path) -> None:
    path.write_bytes(bytes(range(256)))


FILES: tuple[Callable[[Path], None], ...] = (a_folder, a_loop, a_file_that_fails, other_bytes, no_toml)


@pytest.mark.parametrize("command", WITH_DATABASE, ids=name_of)
def test_a_settings_file_that_cannot_be_read_is_a_sentence(town: Town, command: Command) -> None:
    for spoil in FILES:
        spoil(town.settle())
        done = town.command(*command)
        said = done.stdout + done.stderr
        assert done.returncode == 2, (spoil.__name__, said)
        assert "threatstamp.toml" in said
        assert "Traceback" not in said
        remove(town.folder / "threatstamp.toml")


@pytest.mark.parametrize("command", OTHERS, ids=name_of)
def test_what_needs_no_settings_works_without_readable_ones(town: Town, command: Command) -> None:
    (town.folder / "feed.xml").write_text(FEED, encoding="utf-8")
    for spoil in FILES:
        spoil(town.settle())
        done = town.command(*command)
        assert done.returncode == (2 if command == ("nonsense",) else 0), (spoil.__name__, done.stderr)
        assert "Traceback" not in done.stdout + done.stderr
        remove(town.folder / "threatstamp.toml")


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink()


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE desk_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO desk_version VALUES ('9999')")


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database, but long enough to look like a page of one" * 100)


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("command", WITH_DATABASE, ids=name_of)
@pytest.mark.parametrize("spoil", [newer, garbage, folder])
def test_a_database_that_cannot_be_used_is_a_sentence(
    town: Town, spoil: Callable[[Path], None], command: Command
) -> None:
    town.settle(top=FEEDS)
    spoil(town.folder / "desk.db")
    done = town.command(*command)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said
    assert "desk.db" in said
    if spoil is newer:
        assert "9999" in said


FEEDS = '[fetch]\nallow_private = ["127.0.0.0/8"]\n[[feeds]]\nname = "架空"\nurl = "http://127.0.0.1:1/"\nchannel = "#security-news"\n'


@pytest.fixture
def stamped(town: Town) -> Town:
    """A town with a record in which there is what neither ASCII nor CP932 has."""
    town.settle(top=FEEDS)
    town.start()
    town.workspace.react(YAMADA, NEWS, town.post(title="脆弱性 \u2014 é \U0001f6a8"), "rotating_light")
    town.wait_for_message(ALERT)
    town.wait_until_quiet()
    town.stop()
    (town.folder / "feed.xml").write_text(FEED, encoding="utf-8")
    return town


@pytest.mark.parametrize(
    ("encoding", "written", "words"),
    [
        ("cp932", "cp932", "正常"),
        pytest.param("ascii", "utf-8", "正常", marks=pytest.mark.thorough),
        pytest.param("latin-1", "latin-1", "ok  ", marks=pytest.mark.thorough),
    ],
)
def test_an_output_that_is_not_utf_8_gets_words_that_it_can_show(
    stamped: Town, encoding: str, written: str, words: str
) -> None:
    environ = {"PYTHONIOENCODING": encoding, "LANG": "ja_JP"}
    for command in (*WITH_DATABASE[:-1], *OTHERS):
        done = stamped.begin(*command, environ=environ)
        code = done.wait(HANG)
        said = done.out("utf-8" if "export" in command else written) + done.err(written)
        assert "Traceback" not in said, command
        assert "UnicodeEncodeError" not in said, command
        assert code in (0, 1) or command == ("nonsense",), (command, said)
        if command == ("check",):
            assert words in said
    stamped.settle(routes="[[routes]]")
    done = stamped.begin("check", environ=environ)
    assert done.wait() == 2
    assert "reaction" in done.out(written)
    assert "\\u" not in done.out(written), (
        "also what is wrong with the file is said in words that it can show"
    )


def test_an_export_is_whole_whatever_the_terminal_can_show(stamped: Town) -> None:
    for encoding in ("latin-1", "cp932"):
        found = {}
        for form in ("json", "csv"):
            done = stamped.begin("ledger", "export", "--format", form, environ={"PYTHONIOENCODING": encoding})
            assert done.wait() == 0, done.err(encoding)
            found[form] = done.out()
        assert "\U0001f6a8" in str(json.loads(found["json"]))
        assert any("\U0001f6a8" in cell for row in csv.reader(io.StringIO(found["csv"])) for cell in row)
        done = stamped.begin("ledger", "list", "--json", environ={"PYTHONIOENCODING": encoding})
        assert done.wait() == 0
        bodies = [json.loads(line) for line in done.out(encoding).splitlines()]
        assert "\U0001f6a8" in str(bodies)


def test_run_speaks_on_a_terminal_that_is_not_utf_8(town: Town) -> None:
    town.settle(routes="", top=FEEDS)
    desk = town.begin("run", environ={"PYTHONIOENCODING": "latin-1"})
    town.workspace.wait_for(lambda: town.workspace.sockets.count, HANG)
    desk.terminate()
    assert desk.wait() == 0
    assert "The desk is running" in desk.err("latin-1")
    assert "Traceback" not in desk.err("latin-1")
