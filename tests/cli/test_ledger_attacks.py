"""What was tried against the record, in this order: each is a sentence, and never a traceback."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from tests.support.bodies import BODIES
from tests.support.databases import file_with_tables
from tests.support.fakes import FakeClock
from tests.support.times import S, at
from threatstamp.cli import cli
from threatstamp.core.ledger.chain import ChainFault
from threatstamp.core.ledger.entry import digest_of, hash_of
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.time import Micros
from threatstamp.desk.record.redact import redact, redact_person
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.store import SqlStore, open_store

pytestmark = pytest.mark.thorough("postgres")

HALF = "X'7b22ff'"
"""Bytes that are no UTF-8."""


def fill(store: SqlStore) -> None:
    with store.transaction() as tx:
        for kind in (Kind.POST, Kind.STAMP, Kind.FORWARD, Kind.DELIVERED, Kind.RETRY, Kind.STAMP):
            tx.ledger.append(kind, BODIES[kind][0], now=at(1_764_000_000))
    redact((2,), reason="their right", store=store, clock=FakeClock(1_764_000_001 * S))


def of(table: str, change: str, sequence: int = 3) -> str:
    return f"UPDATE {table} SET {change} WHERE sequence = {sequence}"


CHAIN, BODIES_OF = "desk_ledger", "desk_ledger_bodies"
EVERYWHERE: dict[str, tuple[str, ChainFault, int]] = {
    "an entry's time": (of(CHAIN, "at = at + 1"), ChainFault.HASH, 3),
    "an entry's kind": (of(CHAIN, "kind = 'stamp'"), ChainFault.HASH, 3),
    "a hash": (of(CHAIN, "hash = digest"), ChainFault.HASH, 3),
    "a body": (of(BODIES_OF, "body = replace(body, 'ciso', 'boss')"), ChainFault.DIGEST, 3),
    "a body with a tail": (of(BODIES_OF, "body = body || ' 1'"), ChainFault.DIGEST, 3),
    "a body moved to another entry": (
        "UPDATE desk_ledger_bodies SET body = (SELECT body FROM desk_ledger_bodies WHERE sequence = 1)"
        " WHERE sequence = 3",
        ChainFault.DIGEST,
        3,
    ),
    "a salt": (
        of(BODIES_OF, "salt = CASE substr(salt, 1, 1) WHEN '0' THEN '1' ELSE '0' END || substr(salt, 2)"),
        ChainFault.DIGEST,
        3,
    ),
    "a salt with spaces": (of(BODIES_OF, "salt = ' ' || salt"), ChainFault.DIGEST, 3),
    "a salt in capitals": (of(BODIES_OF, "salt = upper(salt) || ''"), ChainFault.DIGEST, 3),
    "a salt that is no hex": (of(BODIES_OF, "salt = 'zz'"), ChainFault.DIGEST, 3),
    "a border moved between time and kind": (
        of(CHAIN, "at = at / 10, kind = '0' || kind"),
        ChainFault.HASH,
        3,
    ),
    "a border moved between salt and body": (
        of(BODIES_OF, "salt = salt || substr(body, 1, 2), body = substr(body, 3)"),
        ChainFault.DIGEST,
        3,
    ),
    "a body deleted without a redaction": (
        f"DELETE FROM {BODIES_OF} WHERE sequence = 3",
        ChainFault.MISSING,
        3,
    ),
    "all bodies deleted": (f"DELETE FROM {BODIES_OF}", ChainFault.MISSING, 1),
    "an entry deleted with its body": (f"DELETE FROM {CHAIN} WHERE sequence = 3", ChainFault.GAP, 3),
    "the first entry deleted": (f"DELETE FROM {CHAIN} WHERE sequence = 1", ChainFault.GAP, 1),
    "an entry 0": (
        f"INSERT INTO {CHAIN} SELECT 0, at, kind, digest, hash FROM {CHAIN} WHERE sequence = 1",
        ChainFault.EXTRA,
        0,
    ),
    "an entry below 0": (
        f"INSERT INTO {CHAIN} SELECT -7, at, kind, digest, hash FROM {CHAIN} WHERE sequence = 1",
        ChainFault.EXTRA,
        -7,
    ),
    "an entry far behind": (
        f"INSERT INTO {CHAIN} SELECT 99, at, kind, digest, hash FROM {CHAIN} WHERE sequence = 1",
        ChainFault.GAP,
        8,
    ),
    "two entries swapped": (
        f"UPDATE {CHAIN} SET kind = CASE sequence WHEN 3 THEN 'delivered' ELSE 'forward' END"
        " WHERE sequence IN (3, 4)",
        ChainFault.HASH,
        3,
    ),
    "a body without an entry": (f"INSERT INTO {BODIES_OF} VALUES (50, 's', 'b')", ChainFault.STRAY, 50),
    "a body for an entry 0": (f"INSERT INTO {BODIES_OF} VALUES (0, 's', 'b')", ChainFault.STRAY, 0),
    "a time that cannot be said": (of(CHAIN, "at = 9000000000000000000"), ChainFault.DAMAGED, 3),
    "a time before 1970": (of(CHAIN, "at = -1"), ChainFault.DAMAGED, 3),
}

ON_SQLITE: dict[str, tuple[str, str]] = {
    # name: statement, and the value that is named
    "a body of bytes": (of(BODIES_OF, "body = CAST(body AS BLOB)"), "body"),
    "a body that is no UTF-8": (of(BODIES_OF, f"body = CAST({HALF} AS TEXT)"), "body"),
    "a body of bytes that are no UTF-8": (of(BODIES_OF, f"body = {HALF}"), "body"),
    "a salt of bytes": (of(BODIES_OF, "salt = CAST(salt AS BLOB)"), "salt"),
    "a salt that is no UTF-8": (of(BODIES_OF, f"salt = CAST({HALF} AS TEXT)"), "salt"),
    "a kind of bytes": (of(CHAIN, "kind = CAST(kind AS BLOB)"), "kind"),
    "a kind that is no UTF-8": (of(CHAIN, f"kind = CAST({HALF} AS TEXT)"), "kind"),
    "a time of text": (of(CHAIN, "at = 'noon'"), "at"),
    "a time that is no UTF-8": (of(CHAIN, f"at = CAST({HALF} AS TEXT)"), "at"),
    "a time with a fraction": (of(CHAIN, "at = at + 0.5"), "at"),
    "a digest of bytes": (of(CHAIN, "digest = CAST(digest AS BLOB)"), "digest"),
    "a hash of bytes": (of(CHAIN, "hash = CAST(hash AS BLOB)"), "hash"),
}
"""SQLite holds any type in any column, and any bytes in a text."""

NULLS = {name: of(CHAIN, f"{name} = NULL") for name in ("at", "kind", "digest", "hash")}
"""Whoever can write the file can also take a table's constraints away."""


@pytest.mark.parametrize("what", EVERYWHERE)
def test_what_was_changed_in_the_ledger_is_found_on_both_databases(store_url: str, what: str) -> None:
    statement, fault, sequence = EVERYWHERE[what]
    store = open_store(store_url)
    fill(store)
    assert verify_ledger(store).ok
    with store.engine.connect() as connection:
        if store.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execute(
                text("ALTER TABLE desk_ledger_bodies DROP CONSTRAINT fk_desk_ledger_bodies_sequence")
            )
        connection.execute(text(statement))
        connection.commit()
    found = verify_ledger(store)
    store.close()
    if what == "a salt in capitals" and found.ok:
        pytest.skip("this salt has no letters")
    assert (found.fault, found.first_bad) == (fault, sequence)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "threatstamp.toml").write_text(
        'language = "en"\ndatabase = "sqlite:///desk.db"\n[[sources]]\nchannel = "#news"\n[[routes]]\nreaction = "siren"\nto = []\n',
        encoding="utf-8",
    )
    store = open_store(file_with_tables(tmp_path / "desk.db"))
    fill(store)
    store.close()
    return tmp_path


def run(*args: str) -> Any:
    done = CliRunner().invoke(cli, ["ledger", *args], prog_name="threatstamp")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def attack(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(folder / "desk.db")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def read_everywhere(value: str) -> None:
    """The other commands say the same, and go on with the other entries."""
    lines = run("list").stdout.splitlines()
    assert len(lines) == 7
    assert f"(damaged: {value} cannot be read)" in lines[2]
    exported = json.loads(run("export", "--format", "json").stdout)["entries"]
    assert [one.get("damaged") for one in exported] == [None, None, value, *[None] * 4]
    rows = list(csv.reader(io.StringIO(run("export", "--format", "csv").stdout)))
    assert len(rows) == 8
    listed = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    assert [one.get("damaged") for one in listed] == [one.get("damaged") for one in exported]


@pytest.mark.parametrize("what", ON_SQLITE)
def test_a_damaged_value_is_a_sentence_in_verify_list_and_export(folder: Path, what: str) -> None:
    statement, value = ON_SQLITE[what]
    attack(folder, statement)
    done = run("verify")
    assert done.exit_code == 1
    assert f"`{value}` of entry 3 is damaged" in done.stderr
    answer = json.loads(run("verify", "--json").stdout)
    assert (answer["ok"], answer["first_bad"], answer["reason"], answer["value"]) == (
        False,
        3,
        "damaged",
        value,
    )
    read_everywhere(value)


@pytest.mark.parametrize("name", NULLS)
def test_a_null_where_none_belongs_is_one_too(folder: Path, name: str) -> None:
    columns = "sequence INTEGER PRIMARY KEY, at, kind, digest, hash"
    attack(
        folder,
        f"CREATE TABLE other ({columns})",
        "INSERT INTO other SELECT sequence, at, kind, digest, hash FROM desk_ledger",
        "DROP TABLE desk_ledger",
        "ALTER TABLE other RENAME TO desk_ledger",
        NULLS[name],
    )
    assert f"`{name}` of entry 3 is damaged" in run("verify").stderr
    read_everywhere(name)


@pytest.mark.parametrize(
    "body", ['{"a": 1} tail', "[1]", "[" * 5_000, '{"text": "\\ud83d"}', '{"key": 1, "at": {}}']
)
def test_a_body_that_is_odd_although_the_chain_was_made_anew_is_said_too(folder: Path, body: str) -> None:
    store = open_store(f"sqlite:///{folder / 'desk.db'}")
    with store.reading() as read:
        last = read.ledger.last()
    assert last is not None
    when, salt = Micros(1_764_000_002 * S), "5a" * 32
    digest = digest_of(salt=salt, body=body)
    made = hash_of(previous=last.hash, sequence=8, at=when, kind="stamp", digest=digest)
    store.close()
    attack(
        folder,
        f"INSERT INTO desk_ledger VALUES (8, {when}, 'stamp', '{digest}', '{made}')",
        f"INSERT INTO desk_ledger_bodies VALUES (8, '{salt}', '{body}')",
    )
    is_table = body.endswith("}")
    assert run("verify").exit_code == (0 if is_table else 1)
    assert is_table or "`body` of entry 8 is damaged" in run("verify").stderr
    assert len(run("list").stdout.splitlines()) == 8
    assert len(json.loads(run("export", "--format", "json").stdout)["entries"]) == 8
    assert len(list(csv.reader(io.StringIO(run("export", "--format", "csv").stdout)))) == 9


def test_a_damaged_body_can_still_be_redacted_and_may_name_anybody(folder: Path) -> None:
    attack(folder, ON_SQLITE["a body of bytes"][0])
    store = open_store(f"sqlite:///{folder / 'desk.db'}")
    clock = FakeClock(1_764_000_003 * S)
    assert 3 in redact_person(BODIES[Kind.FORWARD][0]["user"], reason="x", store=store, clock=clock)  # type: ignore[arg-type]
    assert verify_ledger(store).ok
    store.close()


def test_verify_says_that_a_cut_end_is_found_only_with_a_head_from_elsewhere(folder: Path) -> None:
    head = json.loads(run("verify", "--json").stdout)["head"]
    assert "--expect HEAD" in run("verify").stdout
    assert "--expect" not in run("verify", "--expect", head).stdout
    assert json.loads(run("verify", "--json", "--expect", head).stdout)["end_checked"] is True
    attack(
        folder,
        "DELETE FROM desk_ledger WHERE sequence > 4",
        "DELETE FROM desk_ledger_bodies WHERE sequence > 4",
    )
    attack(folder, "UPDATE desk_ledger_bodies SET sequence = sequence")
    assert run("verify", "--expect", head).exit_code == 1


def test_verify_records_names_the_first_difference_and_says_how_much_agrees(folder: Path) -> None:
    done = run("verify", "--records")
    assert done.exit_code == 1
    assert "entry 1 is on record, and its row T1 C1 1.1 is missing in desk_posts" in done.stderr
    answer = json.loads(run("verify", "--records", "--json").stdout)
    assert (answer["ok"], answer["first_bad"]) == (False, None)
    assert answer["records"]["first"] == {
        "difference": "missing",
        "table": "desk_posts",
        "key": ["T1", "C1", "1.1"],
        "sequence": 1,
        "value": None,
    }
    attack(folder, "DELETE FROM desk_ledger_bodies", "DELETE FROM desk_ledger")
    done = run("verify", "--records")
    assert (done.exit_code, "0 rows compared" in done.stdout) == (0, True)
