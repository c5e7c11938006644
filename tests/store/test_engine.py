"""Which SQLite is used and how, and that no data is lost with either."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine as SqlEngine

from tests.support.forks import Forks
from tests.support.times import at
from tests.support.writing import run_at_once, write_signs
from threatstamp.core.errors import Unfit, UnfitError
from threatstamp.engine import Engine, Schedule, _sqlite_engine
from threatstamp.sqlite import Sqlite, create_file, installed, is_safe, standard
from threatstamp.store import SqlStore, open_store
from threatstamp.store.connection import connect
from threatstamp.store.inspection import describe

ENGINES = [pytest.param(installed(), id="installed"), pytest.param(standard(), id="standard")]


class OldDriver:
    """The standard library's driver with the version number of an SQLite that has the WAL-reset bug."""

    def __init__(self) -> None:
        self.__name__ = "sqlite3.dbapi2"
        self.sqlite_version_info = (3, 40, 1)

    def __getattr__(self, name: str) -> Any:
        return getattr(standard().driver, name)


OLD = Sqlite(OldDriver())  # type: ignore[arg-type]  # what it needs of a module
"""An SQLite with the bug, whatever Python the tests run on."""


@contextmanager
def opened(database: str, sqlite: Sqlite, *, migrate: bool = True) -> Iterator[SqlStore]:
    store = open_store(database, migrate=migrate, sqlite=sqlite)
    try:
        yield store
    finally:
        store.close()


def sign(store: SqlStore, name: str) -> None:
    with store.transaction() as tx:
        tx.vitals.put(name, "here", now=at(1))


def signs(store: SqlStore) -> set[str]:
    with store.reading() as read:
        return set(read.vitals.every())


def journal_of(engine: SqlEngine) -> object:
    with engine.begin() as connection:
        return connection.exec_driver_sql("PRAGMA journal_mode").scalar()


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ((3, 6, 23), True),
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 9), True),
        ((3, 45, 0), False),
        ((3, 45, 9), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((3, 53, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_an_engine_with_the_wal_reset_bug_is_known_by_its_version(
    version: tuple[int, int, int], *, expected: bool
) -> None:
    assert is_safe(version) is expected


def test_a_plain_install_runs_both_engines_on_a_safe_sqlite(tmp_path: Path) -> None:
    if not (sys.platform == "linux" and os.uname().machine == "x86_64"):
        pytest.skip("there is no wheel for this platform")
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    create_file(tmp_path / "desk.db")
    ours, theirs = connect(database), _sqlite_engine(database, installed())
    for engine in (ours, theirs):
        with engine.connect() as connection:
            said = connection.exec_driver_sql("SELECT sqlite_version()").scalar()
        engine.dispose()
        assert is_safe(tuple(int(part) for part in str(said).split(".")))  # type: ignore[arg-type]
        assert said == installed().said_version


def test_what_dbos_imports_of_sqlalchemy_is_there_before_any_thread_of_a_desk_uses_it() -> None:
    loaded = "import sys, threatstamp.app.run; print('sqlalchemy.orm' in sys.modules, 'dbos' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]


def test_dbos_runs_on_the_engine_that_it_is_given(tmp_path: Path) -> None:
    """It keeps its connections open, so the files beside the database reveal the journal mode."""
    create_file(tmp_path / "desk.db")
    ran = threading.Event()
    schedule = Schedule(name="often", cron="* * * * * *", act=ran.set)
    engine = Engine(f"sqlite:///{tmp_path / 'desk.db'}", (schedule,), zone="UTC", sqlite=OLD)
    engine.start()
    try:
        assert ran.wait(60)
        assert {file.name for file in tmp_path.iterdir()} == {"desk.db", "desk.db-journal"}
    finally:
        engine.close(1.0)


@pytest.mark.parametrize("sqlite", ENGINES)
def test_the_clock_function_that_dbos_needs_exists(tmp_path: Path, sqlite: Sqlite) -> None:
    create_file(tmp_path / "desk.db")
    engine = _sqlite_engine(f"sqlite:///{tmp_path / 'desk.db'}", sqlite)
    with engine.connect() as connection:
        now, later = connection.exec_driver_sql("SELECT unixepoch('subsec'), unixepoch('now') + 2").one()
    engine.dispose()
    assert 0 < now < later


@pytest.mark.parametrize(("sqlite", "expected"), [(OLD, "truncate"), (installed(), installed().journal)])
def test_both_engines_write_in_the_safe_journal_mode(tmp_path: Path, sqlite: Sqlite, expected: str) -> None:
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    with opened(database, sqlite) as store:
        sign(store, "a")
        assert journal_of(store.engine) == expected
        theirs = _sqlite_engine(database, sqlite)
        assert journal_of(theirs) == expected
        theirs.dispose()


def test_an_old_engine_takes_a_file_out_of_wal_mode_and_keeps_what_was_in_its_log(
    tmp_path: Path,
) -> None:
    """The writer was killed, so what it had committed is still in the log beside the file."""
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    code = (
        "import os, sys; from threatstamp.store import open_store; from threatstamp.sqlite import standard\n"
        "class New:\n"
        "    __name__ = 'sqlite3.dbapi2'; sqlite_version_info = (3, 53, 0)\n"
        "    def __getattr__(self, name): return getattr(standard().driver, name)\n"
        "from threatstamp.sqlite import Sqlite\n"
        "store = open_store(sys.argv[1], sqlite=Sqlite(New()))\n"
        "with store.transaction() as tx: tx.vitals.put('kept', 'x', now=1)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, database], check=False)
    assert (tmp_path / "desk.db-wal").stat().st_size > 0
    with opened(database, OLD, migrate=False) as store:
        sign(store, "a")
        assert journal_of(store.engine) == "truncate"
        assert signs(store) == {"kept", "a"}
    assert not (tmp_path / "desk.db-wal").exists()
    with opened(database, OLD) as store:
        assert journal_of(store.engine) == "truncate"


def test_an_old_engine_does_not_join_another_program_in_the_log(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    with opened(database, OLD) as old:
        sign(old, "before")
        with held_in_wal(tmp_path / "desk.db"), pytest.raises(UnfitError) as caught:
            sign(old, "after")
        assert caught.value.reason is Unfit.UNSAFE
    with held_in_wal(tmp_path / "desk.db"), opened(database, OLD, migrate=False) as old:
        with pytest.raises(UnfitError) as caught:
            sign(old, "after")
        assert caught.value.reason is Unfit.UNSAFE
        assert signs(old) == {"before"}


@contextmanager
def held_in_wal(file: Path) -> Iterator[None]:
    """Opens the file in WAL mode in another process."""
    code = (
        "import sqlite3, sys; connection = sqlite3.connect(sys.argv[1])\n"
        "assert connection.execute('PRAGMA journal_mode=wal').fetchone() == ('wal',)\n"
        "connection.execute('SELECT count(*) FROM sqlite_master').fetchall()\n"
        "print('held', flush=True); sys.stdin.readline()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            holder.stdin.close()


@pytest.mark.parametrize("engine", ["installed", "standard"])
def test_processes_that_write_concurrently_lose_nothing(tmp_path: Path, engine: str, programs: Forks) -> None:
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    names, count = ("a", "b", "c"), 60
    run_at_once(programs, tmp_path, write_signs, *[(database, engine, name, str(count)) for name in names])
    sqlite = installed() if engine == "installed" else standard()
    with opened(database, sqlite, migrate=False) as store:
        assert journal_of(store.engine) == sqlite.journal
        assert signs(store) == {f"{name}:{number}" for name in names for number in range(count)}
        with store.engine.begin() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


@pytest.mark.parametrize("sqlite", [*ENGINES, pytest.param(OLD, id="old")])
def test_only_its_owner_can_read_the_file_and_those_beside_it(tmp_path: Path, sqlite: Sqlite) -> None:
    before = os.umask(0o000)
    try:
        with opened(f"sqlite:///{tmp_path / 'desk.db'}", sqlite) as store:
            sign(store, "a")
            with store.transaction() as tx:
                tx.vitals.put("b", "here", now=at(1))
                modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    finally:
        os.umask(before)
    beside = {"wal": {"desk.db-wal", "desk.db-shm"}, "truncate": {"desk.db-journal"}}[sqlite.journal]
    assert modes == dict.fromkeys({"desk.db", *beside}, 0o600)


@pytest.mark.parametrize("sqlite", [*ENGINES, pytest.param(OLD, id="old")])
def test_reading_changes_no_file(tmp_path: Path, sqlite: Sqlite) -> None:
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    with opened(database, installed()) as store:
        sign(store, "a")
    before = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in tmp_path.iterdir()}
    with opened(database, sqlite, migrate=False) as store:
        assert signs(store) == {"a"}
    after = {file.name: (file.read_bytes(), file.stat().st_mtime_ns) for file in tmp_path.iterdir()}
    assert after == before


def test_a_connection_does_not_create_a_file_that_was_removed(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'desk.db'}")
    with pytest.raises(Exception, match="unable to open"), engine.connect():
        pass
    assert not list(tmp_path.iterdir())


def test_a_file_name_may_contain_the_special_characters_of_a_url(tmp_path: Path) -> None:
    folder = tmp_path / "a b%20#c, d:e"
    folder.mkdir()
    from threatstamp.config.addresses import database_address

    address = database_address("sqlite:///de?sk.db", folder)
    assert address is not None
    with opened(address, installed()) as store:
        sign(store, "a")
    assert [file.name for file in folder.iterdir()] == ["de?sk.db"]


def test_a_symbolic_link_to_a_missing_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "desk.db").symlink_to(tmp_path / "disk" / "real.db")
    with opened(f"sqlite:///{tmp_path / 'desk.db'}", installed()) as store:
        sign(store, "a")
    assert (tmp_path / "disk" / "real.db").is_file()


@pytest.mark.parametrize("sqlite", [*ENGINES, pytest.param(OLD, id="old")])
def test_the_engine_is_described(tmp_path: Path, sqlite: Sqlite) -> None:
    with opened(f"sqlite:///{tmp_path / 'desk.db'}", sqlite) as store:
        found = describe(store.engine)
    assert (found.engine, found.driver) == ("sqlite", sqlite.name)
    assert (found.version, found.safe) == (sqlite.said_version, sqlite.is_safe)


@pytest.mark.postgres
def test_a_server_reports_its_version(pg_url: str) -> None:
    store = open_store(pg_url)
    found = describe(store.engine)
    store.close()
    assert (found.engine, found.driver, found.safe) == ("postgresql", "psycopg", True)
    assert int(found.version.split(".")[0]) >= 12


@pytest.mark.skipif(installed().journal != "wal", reason="this SQLite does not write in WAL mode")
def test_a_restored_file_that_another_program_is_about_to_write_is_waited_for(tmp_path: Path) -> None:
    """A copy is in another journal mode, and SQLite refuses at once to change it while somebody may write."""
    open_store(f"sqlite:///{tmp_path / 'desk.db'}").close()
    other = installed().driver.connect(
        str(tmp_path / "desk.db"), isolation_level=None, check_same_thread=False
    )
    with closing(other):
        assert other.execute("PRAGMA journal_mode=DELETE").fetchone() == ("delete",)
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.2, lambda: other.execute("ROLLBACK"))
        release.start()
        with opened(f"sqlite:///{tmp_path / 'desk.db'}", installed()) as store:
            sign(store, "a sign")
            assert journal_of(store.engine) == "wal"
        release.join()
