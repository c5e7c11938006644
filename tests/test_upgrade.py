"""An upgrade in the middle of the work: what waited, and what came while the desk was down, goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import MetaData, func, insert, select

from tests.support.commands import TownWithCommands as Town
from tests.support.commands import open_town_with_commands
from tests.support.forks import Forks
from tests.support.town import ALERT, NEWS, TANAKA, YAMADA
from threatstamp.store import open_store
from threatstamp.store.connection import connect
from threatstamp.store.migrate import migrate
from threatstamp.store.versions import SCRIPTS, VERSION_TABLE

pytestmark = pytest.mark.thorough("postgres")


@pytest.fixture
def town(bare_url: str, tmp_path: Path, programs: Forks) -> Iterator[Town]:
    """A town on each kind of database."""
    with open_town_with_commands(tmp_path, programs, bare_url) as made:
        yield made


def as_first_version(town: Town, older: str) -> None:
    """Gives the town a database of the first version, with everything that this one knew."""
    scripts = town.folder / "first version"
    scripts.mkdir()
    shutil.copy(min(SCRIPTS.glob("v*.py")), scripts)
    source, target, tables = connect(town.database), connect(older), MetaData()
    migrate(target, scripts=scripts)
    tables.reflect(target)
    with source.connect() as reading, target.begin() as writing:
        for table in tables.sorted_tables:
            if table.name == VERSION_TABLE:
                continue
            rows = [dict(row) for row in reading.execute(select(*table.columns)).mappings()]
            if rows:
                writing.execute(insert(table), rows)
            if "id" in table.columns and target.dialect.name == "postgresql":
                sequence = func.pg_get_serial_sequence(table.name, "id")
                if writing.execute(select(sequence)).scalar() is not None:
                    last = select(func.coalesce(func.max(table.c.id), 1)).scalar_subquery()
                    writing.execute(select(func.setval(sequence, last)))
    source.dispose()
    target.dispose()
    town.database = older
    town.settle()


@pytest.fixture
def older(request: pytest.FixtureRequest, bare_url: str, tmp_path: Path) -> str:
    """Another empty database of the same kind."""
    if bare_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'older.db'}"
    url: str = request.getfixturevalue("pg_server").new_database()
    return url


def test_stamps_that_waited_and_stamps_made_meanwhile_are_forwarded_once_by_the_next_version(
    town: Town, older: str
) -> None:
    town.start()
    posts = [town.post(f"製品{number}", f"https://news.example/{number}") for number in range(3)]
    town.workspace.react(YAMADA, NEWS, posts[0], "rotating_light")
    town.wait_for_message(ALERT, "製品0")
    town.wait_until_quiet()
    town.workspace.faults.add("chat.postMessage", "status", channel=ALERT, times=9_999)
    town.workspace.react(YAMADA, NEWS, posts[1], "rotating_light")
    town.workspace.wait_for(lambda: len(town.ledger("forward")) == 2)
    town.stop()
    as_first_version(town, older)
    town.workspace.faults.clear()
    town.workspace.react(YAMADA, NEWS, posts[2], "rotating_light")
    town.workspace.react(TANAKA, NEWS, posts[0], "rotating_light")

    assert town.command("status").returncode == 1  # it needs an upgrade, which only `run` makes
    town.start()
    town.wait_for_message(ALERT, "製品0", "製品1", "製品2", TANAKA)
    town.wait_until_quiet()
    said = [json.dumps(one, ensure_ascii=False) for one in town.workspace.messages(ALERT)]
    assert [sum(f"製品{number}" in one for one in said) for number in range(3)] == [1, 1, 1]
    assert len(town.ledger("delivered")) == 3
    town.stop()
    assert town.command("ledger", "verify", "--records").returncode == 0
    if town.database.startswith("sqlite"):
        [kept] = town.folder.glob("older.db.before-*")
        with closing(open_store(f"sqlite:///{kept}")) as store, store.reading() as read:
            assert len(list(read.ledger.entries(kind="forward"))) == 2
