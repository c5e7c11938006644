"""Nothing is redacted before somebody has seen what, and agreed."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.bodies import BODIES
from tests.support.commands import PROGRAM
from tests.support.databases import file_with_tables
from tests.support.forks import HANG, Forks
from tests.support.times import at
from threatstamp.cli.redact import MOST_SHOWN
from threatstamp.core.ledger.kinds import Kind
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.store import open_store

PERSON = "U0YAMADA"
REDACT = ("ledger", "redact", "--reason", "a request")


@pytest.fixture(params=["ja", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path, language: str) -> Path:
    """A desk with a stamp of a person on record, and two retries."""
    (tmp_path / "threatstamp.toml").write_text(
        f'language = "{language}"\ndatabase = "sqlite:///desk.db"\n[[sources]]\nchannel = "#news"\n[[routes]]\nreaction = "siren"\nto = []\n',
        encoding="utf-8",
    )
    stamp = {**BODIES[Kind.STAMP][0], "user": PERSON}
    record(tmp_path, (Kind.STAMP, stamp), *[(Kind.RETRY, BODIES[Kind.RETRY][0])] * 2)
    return tmp_path


def record(folder: Path, *entries: tuple[Kind, object]) -> None:
    store = open_store(file_with_tables(folder / "desk.db"))
    with store.transaction() as tx:
        for kind, body in entries:
            tx.ledger.append(kind, body, now=at(1))  # type: ignore[arg-type]
    store.close()


def redacted(folder: Path) -> int:
    store = open_store(f"sqlite:///{folder / 'desk.db'}", migrate=False)
    found = verify_ledger(store)
    store.close()
    assert found.ok
    return found.redacted


def answered(folder: Path, answer: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Runs the command with somebody at a terminal."""
    ours, theirs = pty.openpty()
    os.write(ours, f"{answer}\n".encode())
    command = [sys.executable, "-m", "threatstamp", *REDACT, *args]
    done = subprocess.run(
        command, cwd=folder, stdin=theirs, capture_output=True, text=True, timeout=HANG, check=False
    )
    os.close(ours)
    os.close(theirs)
    return done


@pytest.mark.parametrize("which", [("--person", PERSON), ("--sequence", "1")])
def test_a_program_that_agrees_to_nothing_is_shown_what_would_be_emptied_and_changes_nothing(
    folder: Path, programs: Forks, language: str, which: tuple[str, str]
) -> None:
    done = programs.run(PROGRAM, *REDACT, *which, cwd=folder)
    assert done.returncode == 2
    assert PERSON in done.stdout
    assert ("スタンプ" if language == "ja" else "stamp") in done.stdout
    assert "--yes" in done.stderr
    assert redacted(folder) == 0
    done = programs.run(PROGRAM, *REDACT, *which, "--yes", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert redacted(folder) == 1


def test_the_answer_at_a_terminal_decides(folder: Path, language: str) -> None:
    done = answered(folder, "", "--sequence", "2", "--sequence", "3")
    assert (done.returncode, redacted(folder)) == (1, 0)
    assert len(done.stdout.splitlines()) == 2
    done = answered(folder, "はい" if language == "ja" else "Y", "--sequence", "2", "--sequence", "3")
    assert (done.returncode, redacted(folder)) == (0, 2)


def test_many_entries_are_the_newest_and_a_number(folder: Path, programs: Forks) -> None:
    record(folder, *[(Kind.STAMP, {**BODIES[Kind.STAMP][0], "user": PERSON})] * (MOST_SHOWN + 4))
    shown = programs.run(PROGRAM, *REDACT, "--person", PERSON, cwd=folder).stdout.splitlines()
    assert len(shown) == 1 + MOST_SHOWN + 1
    assert "5" in shown[0]


def test_where_there_is_nothing_to_empty_nobody_is_asked(folder: Path, programs: Forks) -> None:
    done = programs.run(PROGRAM, *REDACT, "--sequence", "99", cwd=folder)
    assert (done.returncode, done.stdout) == (1, "")
    assert "--yes" not in done.stderr
