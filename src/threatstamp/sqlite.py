"""The SQLite that the desk and DBOS run on: which one it is, and how it is opened safely."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool, QueuePool

BUSY = 30.0
"""Seconds that a connection waits for another one's transaction."""

Version = tuple[int, int, int]

_BUG_CAME: Version = (3, 7, 0)
_BUG_WENT: Version = (3, 51, 3)
_BACKPORTS: dict[tuple[int, int], int] = {(3, 44): 6, (3, 50): 7}
"""Older branches that got the correction too, each with its first good release."""


def is_safe(version: Version) -> bool:
    """True unless this SQLite has the WAL-reset bug.

    With it, two connections that write and checkpoint at the same moment can lose pages that were committed.
    Source: https://www.sqlite.org/wal.html#walresetbug
    """
    if not _BUG_CAME <= version < _BUG_WENT:
        return True
    first_good = _BACKPORTS.get(version[:2])
    return first_good is not None and version[2] >= first_good


def engine_version(driver: ModuleType) -> Version:
    """Returns the version of the SQLite that a driver is linked to."""
    major, minor, patch = driver.sqlite_version_info
    return major, minor, patch


@dataclass(frozen=True, slots=True)
class Sqlite:
    """One SQLite in this process. driver: its DB-API module.

    Never open one file with two of them in one process: each would drop the other's file locks
    (https://www.sqlite.org/howtocorrupt.html, 2.2.1). That is why the desk and DBOS ask the same place.
    """

    driver: ModuleType

    @property
    def name(self) -> str:
        """The package that brought it: "pysqlite3", or "sqlite3" for the standard library's."""
        return self.driver.__name__.partition(".")[0]

    @property
    def version(self) -> Version:
        return engine_version(self.driver)

    @property
    def said_version(self) -> str:
        """The version as people write it: "3.53.4"."""
        return ".".join(str(part) for part in self.version)

    @property
    def is_safe(self) -> bool:
        return is_safe(self.version)

    @property
    def journal(self) -> str:
        """The journal mode for files that it writes.

        The bug is in the write-ahead log alone, so an engine that has it uses the rollback journal: slower,
        and a reader holds up the writers, but nothing is lost. TRUNCATE and not DELETE: with
        synchronous=FULL only a truncated journal is synced, a deleted one may come back after a power cut
        and take the last transaction with it.
        """
        return "wal" if self.is_safe else "truncate"


def standard() -> Sqlite:
    """Returns the SQLite that Python was built with."""
    return Sqlite(importlib.import_module("sqlite3.dbapi2"))


@cache
def installed() -> Sqlite:
    """Returns the SQLite to use: the one that a plain install brings, else the standard library's."""
    try:
        bundled = Sqlite(importlib.import_module("pysqlite3.dbapi2"))
    except ImportError:  # there is no wheel for this platform
        return standard()
    return bundled if bundled.is_safe else standard()


def file_of(url: URL) -> Path | None:
    """Returns the file of an SQLite address; None for another database, or one in memory."""
    is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
    return Path(str(url.database)) if is_file else None


def open_engine(url: URL, sqlite: Sqlite, *, pool_size: int, max_overflow: int) -> Engine:
    """Returns SQLAlchemy's engine for a file. Connecting never creates the file: see `create_file`."""
    file = file_of(url)
    assert file is not None
    return create_engine(
        url,
        module=sqlite.driver,
        creator=_opener(file, sqlite.driver),
        pool_size=pool_size,
        max_overflow=max_overflow,
    )


def open_for_a_look(url: URL, sqlite: Sqlite, *, patience: float, kept: int = 0) -> Engine:
    """Returns an engine that opens the file anew for each look: it may be replaced in between.

    patience: seconds to wait for another one's transaction. kept: so many connections stay open instead;
    whoever wants that notices by himself that the file was replaced.
    """
    file = file_of(url)
    assert file is not None
    opener = _opener(file, sqlite.driver, patience)
    if not kept:
        return create_engine(url, module=sqlite.driver, creator=opener, poolclass=NullPool)
    sizes = {"pool_size": kept, "max_overflow": kept, "pool_timeout": patience}
    return create_engine(url, module=sqlite.driver, creator=opener, poolclass=QueuePool, **sizes)


def _opener(file: Path, driver: ModuleType, patience: float = BUSY) -> Callable[[], Any]:
    # mode=rw and not ro: a reader by mode=ro leaves its -wal and -shm behind
    address = f"{file.absolute().as_uri()}?mode=rw"
    return lambda: driver.connect(address, uri=True, timeout=patience, check_same_thread=False)


def create_file(file: Path) -> bool:
    """Creates an empty database that its owner alone may read; returns False if there is one already.

    SQLite gives the files beside it (-wal, -shm, -journal) the same rights. Raises OSError.
    """
    try:
        # Only ever with O_EXCL: opening and closing a file that SQLite has open would drop its locks.
        made = os.open(os.path.realpath(file), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    os.close(made)
    return True
