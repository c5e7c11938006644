"""The record, page by page, and where it cannot be written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.support.bodies import BODIES, ENTRY
from tests.support.databases import file_with_tables
from tests.support.times import at
from threatstamp.cli import cli
from threatstamp.core.ledger.kinds import Kind
from threatstamp.store import open_store


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A desk with ten entries on record: odd ones of one kind, even ones of another."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "threatstamp.toml").write_text(
        'language = "en"\ndatabase = "sqlite:///desk.db"\n[[sources]]\nchannel = "#news"\n[[routes]]\nreaction = "siren"\nto = []\n',
        encoding="utf-8",
    )
    store = open_store(file_with_tables(tmp_path / "desk.db"))
    for number in range(1, 11):
        with store.transaction() as tx:
            kind = Kind.ENTRY if number % 2 else Kind.RETRY
            entry = {**ENTRY, "feed": "N", "title": "T", "link": f"https://n.example/{number}"}
            body = entry if kind is Kind.ENTRY else {**BODIES[Kind.RETRY][0], "departure": number}
            tx.ledger.append(kind, body, now=at(number))
    store.close()
    return tmp_path


def ledger(*args: str) -> Any:
    return CliRunner().invoke(cli, ["ledger", *args], prog_name="threatstamp")


def shown(*args: str) -> list[int]:
    done = ledger("list", "--json", *args)
    assert done.exit_code == 0, done.output
    return [json.loads(line)["sequence"] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("args", "sequences"),
    [
        ((), list(range(1, 11))),
        (("--limit", "3"), [8, 9, 10]),
        (("--limit", "3", "--before", "8"), [5, 6, 7]),
        (("--limit", "3", "--before", "2"), [1]),
        (("--before", "1"), []),
        (("--before", "999", "--limit", "2"), [9, 10]),
        (("--kind", "retry", "--limit", "2"), [8, 10]),
        (("--kind", "retry", "--limit", "2", "--before", "8"), [4, 6]),
        (("--kind", "stamp"), []),
    ],
)
def test_the_record_is_shown_page_by_page(folder: Path, args: tuple[str, ...], sequences: list[int]) -> None:
    assert shown(*args) == sequences


def test_people_are_told_how_to_see_older_entries_and_programs_are_not(folder: Path) -> None:
    done = ledger("list", "--limit", "3")
    assert len(done.stdout.splitlines()) == 3
    assert "--before 8" in done.stderr
    assert ledger("list", "--limit", "3", "--json").stderr == ""
    assert ledger("list").stderr == ""
    assert "There is no such entry" in ledger("list", "--kind", "stamp").stdout


def test_an_export_that_cannot_be_written_says_why_and_leaves_nothing(folder: Path) -> None:
    done = ledger("export", "--format", "csv", "--output", "nowhere/record.csv")
    assert done.exit_code == 1
    assert "its folder does not exist" in done.stderr
    done = ledger("export", "--format", "json", "--output", "record.json")
    assert (done.exit_code, "10 entries" in done.stderr) == (0, True)
    assert len(json.loads((folder / "record.json").read_text())["entries"]) == 10
    assert not list(folder.glob(".record*"))
