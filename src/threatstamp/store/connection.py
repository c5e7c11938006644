"""Opens SQLite and PostgreSQL as the desk needs them: durable, and with one writer at a time."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from threatstamp.core.errors import Unfit, UnfitError
from threatstamp.sqlite import BUSY, Sqlite, file_of, installed, open_engine

ABANDONED = 8_000
"""Milliseconds after which PostgreSQL aborts an idle transaction. A process that was paused within one holds
the ledger's lock, and no other could write. On the protocol's side nothing is lost: its token has expired."""

AGAIN = 0.05
"""Seconds between two attempts to change the journal mode."""

SQLITE_BUSY = 5
"""https://www.sqlite.org/rescode.html#busy"""

_JOURNAL = "threatstamp_journal"
"""Key in a connection's `info`: its journal mode has been set."""


def driver_url(database: str) -> URL:
    """Returns an address of the settings file as SQLAlchemy needs it: with psycopg 3 for PostgreSQL."""
    url = make_url(database)
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    return url


def sqlite_path(database: str) -> Path | None:
    """Returns the file of an SQLite address; None for a server."""
    return file_of(make_url(database))


def place_of(url: URL) -> str:
    """Returns a database's name for people: its file, or server and name; never with a password."""
    file = file_of(url)
    return str(file) if file else f"{url.host or 'localhost'}/{url.database}"


def connect(database: str, *, sqlite: Sqlite | None = None) -> Engine:
    """Returns an engine. It opens nothing before the first connection, and never creates a file.

    sqlite: the SQLite library for a file; by default the installed one. Raises UnfitError if the file is a
    folder.
    """
    url = driver_url(database)
    file = file_of(url)
    if file is not None and file.is_dir():
        raise UnfitError(Unfit.FOLDER, place=str(file))
    if url.get_backend_name() == "sqlite":
        engine = open_engine(url, sqlite or installed(), pool_size=20, max_overflow=10)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = f"-c idle_in_transaction_session_timeout={ABANDONED} -c lock_timeout={round(BUSY * 1000)}"
    return create_engine(url, pool_size=12, max_overflow=12, connect_args={"options": options})


def driver_message(error: SQLAlchemyError) -> str:
    """Returns the driver's message.

    SQLAlchemy's own contains the statement with its values: personal data.
    """
    cause = getattr(error, "orig", None)
    return str(cause or error).strip().splitlines()[0]


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    # The driver begins a transaction only before the first write, so reads before it would not be part of it:
    # two processes could read the same last entry of the ledger. `_begin_sqlite` begins it explicitly.
    connection.isolation_level = None
    for pragma in (
        "synchronous=FULL",  # what was committed, such as an acknowledged event, survives a power cut
        "foreign_keys=ON",
        f"busy_timeout={int(BUSY * 1000)}",
        "secure_delete=ON",  # deleted events and redacted bodies are overwritten, not left in free pages
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """Begins a transaction: deferred for a reading, else with the write lock from the start.

    A deferred transaction that writes later can fail with SQLITE_BUSY, whatever the timeout, if another
    process has written since its first read (https://www.sqlite.org/lang_transaction.html). BEGIN IMMEDIATE
    waits for the lock first, so what the transaction reads is still true when it writes.
    """
    if connection.get_execution_options().get("reading", False):
        connection.exec_driver_sql("BEGIN")
        return
    sqlite = Sqlite(connection.dialect.dbapi)  # type: ignore[arg-type]  # a protocol for what is a module
    if _JOURNAL not in connection.info:  # once per connection; one that only reads leaves the file as it is
        _set_journal(connection, sqlite)
        connection.info[_JOURNAL] = True
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    if not sqlite.is_safe and _journal(connection) == "wal":
        # another program, with a safe SQLite, has switched the file to WAL mode since
        connection.exec_driver_sql("ROLLBACK")
        raise _unsafe(connection, sqlite)


def _set_journal(connection: Connection, sqlite: Sqlite) -> None:
    """Sets the journal mode. To change it takes the whole file, which others may be using at the moment.

    SQLite does not wait for one that is about to write, lest both wait for each other: it says BUSY at once.
    """
    ends = time.monotonic() + BUSY
    while True:
        try:
            connection.exec_driver_sql(f"PRAGMA journal_mode={sqlite.journal}").close()
            return
        except OperationalError as error:
            if not sqlite.is_safe and _journal(connection) == "wal":
                raise _unsafe(connection, sqlite) from error
            if not _is_busy(error) or time.monotonic() > ends:
                raise
        time.sleep(AGAIN)


def _is_busy(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == SQLITE_BUSY


def _journal(connection: Connection) -> object:
    return connection.exec_driver_sql("PRAGMA journal_mode").scalar()


def _unsafe(connection: Connection, sqlite: Sqlite) -> UnfitError:
    return UnfitError(Unfit.UNSAFE, place=place_of(connection.engine.url), version=sqlite.said_version)
