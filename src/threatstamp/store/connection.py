"""Opens SQLite and PostgreSQL the way the desk needs them: durable, and one writer at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from threatstamp.core.errors import Unfit, UnfitError
from threatstamp.sqlite import BUSY, Sqlite, file_of, installed, open_engine

ABANDONED = 8_000
"""Milliseconds after which PostgreSQL ends the transaction of a process that was stopped within it:
its locks would hold up every other."""

_JOURNAL = "threatstamp_journal"


def driver_url(database: str) -> URL:
    """Returns SQLAlchemy's form of the address in the file: psycopg 3 for PostgreSQL."""
    url = make_url(database)
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    return url


def sqlite_path(database: str) -> Path | None:
    """Returns the file of an SQLite address; None for another database."""
    return file_of(make_url(database))


def place_of(url: URL) -> str:
    """Returns how a person knows a database: by its file, or by server and name. No password."""
    file = file_of(url)
    return str(file) if file else f"{url.host or 'localhost'}/{url.database}"


def connect(database: str, *, sqlite: Sqlite | None = None) -> Engine:
    """Returns an engine. Nothing is opened before the first connection, and no file is ever created.

    sqlite: the engine for a file; without it, the installed one.
    """
    url = driver_url(database)
    if url.get_backend_name() == "sqlite":
        engine = open_engine(url, sqlite or installed(), pool_size=20, max_overflow=10)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = f"-c idle_in_transaction_session_timeout={ABANDONED} -c lock_timeout={round(BUSY * 1000)}"
    return create_engine(url, pool_size=12, max_overflow=12, connect_args={"options": options})


def said(error: SQLAlchemyError) -> str:
    """Returns the driver's sentence: SQLAlchemy's own would show statements with their values."""
    cause = getattr(error, "orig", None)
    return str(cause or error).strip().splitlines()[0]


def _prepare_sqlite(connection: Any, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late: reads would stay outside
    for pragma in (
        "synchronous=FULL",  # an acknowledged event outlives a power cut
        "foreign_keys=ON",
        f"busy_timeout={int(BUSY * 1000)}",
        "secure_delete=ON",  # what was only to be kept until processed does not linger in free pages
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("reading", False):
        connection.exec_driver_sql("BEGIN")
        return
    sqlite = Sqlite(connection.dialect.dbapi)  # type: ignore[arg-type]  # a protocol for what is a module
    if _JOURNAL not in connection.info:  # once a connection; one that only reads leaves the file as it is
        _set_journal(connection, sqlite)
        connection.info[_JOURNAL] = True
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    if not sqlite.is_safe and _journal(connection) == "wal":
        # another program, with a better engine, has changed the file since: the log is not for this one
        connection.exec_driver_sql("ROLLBACK")
        raise _unsafe(connection, sqlite)


def _set_journal(connection: Connection, sqlite: Sqlite) -> None:
    try:
        connection.exec_driver_sql(f"PRAGMA journal_mode={sqlite.journal}").close()
    except OperationalError as error:  # leaving the log needs the file for itself
        if sqlite.is_safe or _journal(connection) != "wal":
            raise
        raise _unsafe(connection, sqlite) from error


def _journal(connection: Connection) -> object:
    return connection.exec_driver_sql("PRAGMA journal_mode").scalar()


def _unsafe(connection: Connection, sqlite: Sqlite) -> UnfitError:
    return UnfitError(Unfit.UNSAFE, place=place_of(connection.engine.url), version=sqlite.said_version)
