"""Processes that use one database at the same moment, for tests with several of them. Started by `Forks`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.desks import wait
from tests.support.forks import HANG, Forks
from threatstamp.core.time import Micros
from threatstamp.sqlite import installed, standard
from threatstamp.store import SqlStore, open_store
from threatstamp.store.connection import connect
from threatstamp.store.migrate import migrate

GO = Path("go")
"""A file in the working folder: once it exists, all begin."""


def run_at_once(forks: Forks, folder: Path, function: Callable[[], None], *each: tuple[str, ...]) -> None:
    """Starts one of the processes below with each of these arguments; once all are ready, they begin; waits."""
    started = [
        forks.start(f"{function.__module__}:{function.__name__}", *arguments, cwd=folder)
        for arguments in each
    ]
    assert wait(lambda: all(one.out() == "ready\n" for one in started), HANG), [one.err() for one in started]
    (folder / GO).touch()
    for one in started:
        assert one.wait() == 0, one.err()


def _ready() -> None:
    print("ready", flush=True)
    while not GO.exists():
        time.sleep(0.001)


def write(store: SqlStore, name: str, *, count: int) -> None:
    """Commits one transaction per vital sign, with a checkpoint after every few, as two desks would."""
    for number in range(count):
        with store.transaction() as tx:
            tx.vitals.put(f"{name}:{number}", "x" * 500, now=Micros(number))
        if number % 7 == 0:
            store.scrub()


def write_signs() -> None:
    """The process: opens a database of which it knows the engine, and writes. See `write`."""
    database, engine, name, count = sys.argv[1:]
    sqlite = standard() if engine == "standard" else installed()
    store = open_store(database, sqlite=sqlite)
    _ready()
    write(store, name, count=int(count))
    store.close()


def create() -> None:
    """The process: opens a database that may not be there yet."""
    _ready()
    open_store(sys.argv[1]).close()


def upgrade() -> None:
    """The process: brings a database to the newest version of these migrations."""
    engine = connect(sys.argv[1])
    _ready()
    migrate(engine, scripts=Path(sys.argv[2]))
    engine.dispose()
