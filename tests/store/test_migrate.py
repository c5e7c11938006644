"""Databases are upgraded once, after a copy, and only by the commands that may change them."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text

from tests.support.forks import Forks
from tests.support.town import Town
from tests.support.writing import create, run_at_once, upgrade
from threatstamp.app.check.database import check_engine, check_tables, check_writing
from threatstamp.app.check.finding import Findings
from threatstamp.cli.speech import say_error, speak
from threatstamp.core.errors import StoreError, Unfit, UnfitError
from threatstamp.sqlite import installed
from threatstamp.store import open_store
from threatstamp.store.connection import connect, sqlite_path
from threatstamp.store.copying import copy_file
from threatstamp.store.inspection import Database, Inspection, inspect_database
from threatstamp.store.migrate import migrate, require_current, stored_version
from threatstamp.store.versions import SCRIPTS, VERSION_TABLE, SchemaState, known_versions
from threatstamp.texts.catalogue import Language, Texts

FIRST = """
from alembic import op
import sqlalchemy as sa
revision = "one"
down_revision = None
def upgrade():
    op.create_table("desk_things", sa.Column("name", sa.String(), primary_key=True))
"""
SECOND = """
from alembic import op
import sqlalchemy as sa
revision: str = "two"
down_revision: str | None = "one"
def upgrade():
    op.add_column("desk_things", sa.Column("size", sa.Integer()))
    op.execute("INSERT INTO desk_things (name, size) VALUES ('of the upgrade', 2)")
"""
BROKEN = SECOND + "    op.execute('SELECT * FROM no_such_table')\n"


def scripts(folder: Path, **files: str) -> Path:
    """Returns a folder of migrations."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / f"{name}.py").write_text(content, encoding="utf-8")
    return folder


@contextmanager
def engine_of(database: str) -> Iterator[Engine]:
    engine = connect(database)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def first(bare_url: str, tmp_path: Path) -> Path:
    """Creates a database of the first version with one row; returns the folder of its migrations."""
    folder = scripts(tmp_path / "first version", one=FIRST)
    with engine_of(bare_url) as engine:
        migrate(engine, scripts=folder)
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO desk_things VALUES ('kept')"))
    return folder


@pytest.fixture
def both(tmp_path: Path) -> Path:
    return scripts(tmp_path / "100% of both: 1, 2", one=FIRST, two=SECOND)


def names(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(text("SELECT name FROM desk_things")).scalars())


def copies(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir() if ".before-" in file.name}


def test_the_versions_are_those_that_alembic_finds() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS.parent))
    found = ScriptDirectory.from_config(config)
    assert known_versions(SCRIPTS) == tuple(one.revision for one in reversed(list(found.walk_revisions())))
    assert known_versions(SCRIPTS)[-1] == found.get_current_head()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"a": 'revision = "2"\ndown_revision = "1"', "b": 'revision = "1"\ndown_revision = None'},
            ("1", "2"),
        ),
        ({"a": 'revision = "1"\ndown_revision = None', "__init__": ""}, ("1",)),
    ],
)
def test_versions_are_read_in_their_order(
    tmp_path: Path, files: Mapping[str, str], expected: tuple[str, ...]
) -> None:
    assert known_versions(scripts(tmp_path / "some", **files)) == expected


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a": 'revision = "2"\ndown_revision = "1"'},
        {
            "a": 'revision = "1"\ndown_revision = None',
            "b": 'revision = "2"\ndown_revision = "1"',
            "c": 'revision = "3"\ndown_revision = "1"',
        },
        {"a": 'revision = "1"\ndown_revision = None', "b": 'revision = "3"\ndown_revision = "2"'},
    ],
)
def test_migrations_that_do_not_form_one_line_are_refused(tmp_path: Path, files: Mapping[str, str]) -> None:
    with pytest.raises(ValueError, match=re.escape(str(tmp_path))):
        known_versions(scripts(tmp_path / "some", **files))


def test_a_new_database_gets_all_tables_and_no_copy(bare_url: str, tmp_path: Path, both: Path) -> None:
    with engine_of(bare_url) as engine:
        migrate(engine, scripts=both)
        migrate(engine, scripts=both)
        assert names(engine) == {"of the upgrade"}
        assert stored_version(engine) == "two"
    assert not copies(tmp_path)


def test_an_older_database_is_upgraded(bare_url: str, first: Path, both: Path) -> None:
    with engine_of(bare_url) as engine:
        migrate(engine, scripts=both)
        assert names(engine) == {"kept", "of the upgrade"}
        require_current(engine, scripts=both)


def test_the_file_is_copied_before_it_is_upgraded(tmp_path: Path) -> None:
    """The copy is one file, readable only by its owner, with the data that was still in the log."""
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    before = os.umask(0o000)
    try:
        with engine_of(database) as held:
            migrate(held, scripts=scripts(tmp_path / "first", one=FIRST))
            with held.begin() as connection:
                connection.execute(text("INSERT INTO desk_things VALUES ('kept')"))
            with engine_of(database) as engine:
                migrate(engine, scripts=scripts(tmp_path / "second", one=FIRST, two=SECOND))
    finally:
        os.umask(before)
    copy = tmp_path / "desk.db.before-one"
    assert copies(tmp_path) == {copy.name}
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with engine_of(f"sqlite:///{copy}") as engine:
        assert names(engine) == {"kept"}
        require_current(engine, scripts=tmp_path / "first")
        assert "size" not in {column["name"] for column in inspect(engine).get_columns("desk_things")}


def test_an_existing_copy_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "desk.db.before-one").write_text("somebody's")
    (tmp_path / "desk.db.before-one-2.part").write_text("of one who was killed")
    with engine_of(f"sqlite:///{tmp_path / 'desk.db'}") as engine:
        migrate(engine, scripts=scripts(tmp_path / "first", one=FIRST))
        migrate(engine, scripts=scripts(tmp_path / "second", one=FIRST, two=SECOND))
    assert copies(tmp_path) == {"desk.db.before-one", "desk.db.before-one-2"}
    assert (tmp_path / "desk.db.before-one").read_text() == "somebody's"
    with engine_of(f"sqlite:///{tmp_path / 'desk.db.before-one-2'}") as engine:
        assert stored_version(engine) == "one"


def test_a_migration_that_fails_leaves_everything_as_it_was(
    bare_url: str, tmp_path: Path, first: Path
) -> None:
    broken = scripts(tmp_path / "broken", one=FIRST, two=BROKEN)
    with engine_of(bare_url) as engine:
        for _ in range(2):
            with pytest.raises(Exception, match="no_such_table"):
                migrate(engine, scripts=broken)
        assert names(engine) == {"kept"}
        assert stored_version(engine) == "one"
    assert not copies(tmp_path)


def test_without_a_copy_nothing_is_upgraded(tmp_path: Path) -> None:
    """The copy fails, because a folder has the name of its temporary file."""
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    with engine_of(database) as engine:
        migrate(engine, scripts=scripts(tmp_path / "first", one=FIRST))
        (tmp_path / "desk.db.before-one.part").mkdir()
        with pytest.raises(UnfitError) as caught:
            migrate(engine, scripts=scripts(tmp_path / "second", one=FIRST, two=SECOND))
        assert caught.value.reason is Unfit.NO_COPY
        assert caught.value.values["copy"] == str(tmp_path / "desk.db.before-one")
        assert stored_version(engine) == "one"


def test_a_server_is_not_copied(bare_pg_url: str) -> None:
    with engine_of(bare_pg_url) as engine:
        assert copy_file(engine, suffix=".before-x") is None


@pytest.mark.parametrize("act", [migrate, require_current])
def test_a_newer_database_is_always_refused(
    bare_url: str, tmp_path: Path, first: Path, both: Path, act: object
) -> None:
    with engine_of(bare_url) as engine:
        migrate(engine, scripts=both)
        with pytest.raises(UnfitError) as caught:
            act(engine, scripts=first)  # type: ignore[operator]
        assert caught.value.reason is Unfit.NEWER
        assert (caught.value.values["found"], caught.value.values["needed"]) == ("two", "one")
        assert stored_version(engine) == "two"


def test_a_command_that_does_not_migrate_leaves_an_older_database_as_it_is(
    bare_url: str, first: Path, both: Path
) -> None:
    with engine_of(bare_url) as engine:
        with pytest.raises(UnfitError) as caught:
            require_current(engine, scripts=both)
        assert caught.value.reason is Unfit.OLDER
        assert stored_version(engine) == "one"


def test_a_command_that_does_not_migrate_creates_no_database(bare_url: str) -> None:
    file = sqlite_path(bare_url)
    with pytest.raises(UnfitError) as caught:
        open_store(bare_url, migrate=False)
    assert caught.value.reason is Unfit.NEW
    assert file is None or not file.exists()
    assert inspect_database(bare_url).schema is SchemaState.NEW
    open_store(bare_url, migrate=True).close()
    open_store(bare_url, migrate=False).close()
    assert inspect_database(bare_url).schema is SchemaState.CURRENT


def test_an_error_contains_no_password() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql://desk:geheim@127.0.0.1:1/desk", migrate=False)
    assert "geheim" not in str(caught.value)


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UnfitError) as caught:
        open_store(f"sqlite:///{tmp_path / 'nowhere' / 'desk.db'}", migrate=True)
    assert caught.value.reason is Unfit.NO_FOLDER
    assert caught.value.values == {"folder": str(tmp_path / "nowhere")}


def test_processes_that_start_together_migrate_once(
    bare_url: str, tmp_path: Path, first: Path, both: Path, programs: Forks
) -> None:
    """If two migrated, the second version's row would be there twice, or its column refused.

    One copy is made.
    """
    run_at_once(programs, tmp_path, upgrade, *[(bare_url, str(both))] * 4)
    with engine_of(bare_url) as engine:
        assert stored_version(engine) == "two"
        assert names(engine) == {"kept", "of the upgrade"}
    assert len(copies(tmp_path)) == (0 if sqlite_path(bare_url) is None else 1)


def test_processes_that_start_together_create_one_database(tmp_path: Path, programs: Forks) -> None:
    run_at_once(programs, tmp_path, create, *[(f"sqlite:///{tmp_path / 'desk.db'}",)] * 4)
    log = {"desk.db-wal", "desk.db-shm"}  # stays if the last two of them end at the same moment
    assert {file.name for file in tmp_path.iterdir()} - log == {"desk.db", "go"}


def set_version(file: Path, version: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = ?", (version,))


def state_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.name.startswith("desk.db")}


@pytest.mark.parametrize(
    "command",
    [
        ("run",),
        ("poll",),
        ("sweep",),
        ("status", "--json"),
        ("retry", "--all"),
        ("ledger", "list"),
        ("ledger", "verify"),
        ("ledger", "export", "--format", "csv"),
        ("ledger", "redact", "--sequence", "1", "--reason", "x"),
    ],
)
def test_every_command_refuses_a_newer_database_with_a_sentence(town: Town, command: tuple[str, ...]) -> None:
    town.settle(top='[[feeds]]\nname = "f"\nurl = "http://127.0.0.1:1/f"\nchannel = "#security-news"')
    open_store(town.database).close()
    set_version(town.folder / "desk.db", "later")
    before = state_of(town.folder)
    done = town.command(*command)
    assert done.returncode == 1
    assert f"データベース {town.folder / 'desk.db'} のバージョン later は" in done.stdout + done.stderr
    assert state_of(town.folder) == before


def test_check_says_what_the_next_run_will_do_and_does_nothing(town: Town) -> None:
    town.settle()
    assert "最初の run で作られます" in town.command("check").stdout
    assert not state_of(town.folder)
    open_store(town.database).close()
    set_version(town.folder / "desk.db", "later")
    before = state_of(town.folder)
    found = json.loads(town.command("check", "--json").stdout)["checks"]
    [tables] = [one for one in found if one["part"] == "database" and not one["ok"]]
    assert "later" in tables["message"]
    assert "入れ直す" in tables["fix"]
    assert state_of(town.folder) == before


OLD_ENGINE = Database(engine="sqlite", driver="sqlite3", version="3.40.1", safe=False)


@pytest.mark.parametrize("language", list(Language))
def test_check_says_that_an_older_database_will_be_upgraded(language: Language) -> None:
    """We may have only one migration, so the versions are made up."""
    inspection = Inspection(database=OLD_ENGINE, schema=SchemaState.OLDER, found="0007", needed="0019")
    check = check_tables("desk.db", inspection, Findings("database", Texts(language)))
    assert check.ok
    assert "0007" in check.message
    assert "0019" in check.message


@pytest.mark.parametrize("language", list(Language))
def test_an_old_engine_is_a_warning_with_what_to_do(language: Language) -> None:
    inspection = Inspection(database=OLD_ENGINE, schema=SchemaState.CURRENT, found="1", needed="1")
    check = check_engine("desk.db", inspection, Findings("database", Texts(language)))
    assert check.ok
    assert "SQLite 3.40.1" in check.message
    assert "3.51.3" in check.fix


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_check_finds_a_file_that_may_not_be_written(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'desk.db'}"
    open_store(database).close()
    (tmp_path / "desk.db").chmod(0o400)
    found = Findings("database", Texts(Language.EN))
    check = check_writing(database, inspect_database(database), found)
    assert check is not None
    assert not check.ok
    assert check.fix


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("reason", list(Unfit))
def test_each_reason_to_refuse_a_database_has_its_sentence(language: Language, reason: Unfit) -> None:
    speak(language)
    values = ("place", "found", "needed", "folder", "copy", "why", "version")
    said = say_error(UnfitError(reason, **{name: f"<{name}>" for name in values}))
    assert said == Texts(language)(f"database.{reason.value}", **{name: f"<{name}>" for name in values})


def test_check_and_status_say_which_engine_runs(town: Town) -> None:
    town.settle()
    open_store(town.database).close()
    before = state_of(town.folder)
    checks = json.loads(town.command("check", "--json").stdout)["checks"]
    assert any(installed().said_version in one["message"] for one in checks if one["part"] == "database")
    status = json.loads(town.command("status", "--json").stdout)
    assert status["database"] == {
        "engine": "sqlite",
        "driver": installed().name,
        "version": installed().said_version,
        "safe": installed().is_safe,
    }
    assert f"SQLite {installed().said_version}" in town.command("status").stdout
    assert state_of(town.folder) == before
