"""Opens SQLite and PostgreSQL the way the desk needs them: durable, and one writer at a time."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.pool import ConnectionPoolEntry

BUSY = 30.0
ABANDONED = 8_000
"""Milliseconds after which PostgreSQL ends the transaction of a process that was stopped within it:
its locks would hold up every other."""


def driver_url(database: str) -> URL:
    """Returns SQLAlchemy's form of the address in the file: psycopg 3 for PostgreSQL."""
    url = make_url(database)
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    return url


def sqlite_path(database: str) -> Path | None:
    """Returns the file of an SQLite address; None for another database."""
    url = make_url(database)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def connect(database: str) -> Engine:
    """Returns an engine. Nothing is opened before the first connection."""
    url = driver_url(database)
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, connect_args={"timeout": BUSY, "check_same_thread": False}, pool_size=20)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = f"-c idle_in_transaction_session_timeout={ABANDONED} -c lock_timeout={round(BUSY * 1000)}"
    return create_engine(url, pool_size=12, max_overflow=12, connect_args={"options": options})


def _prepare_sqlite(connection: object, _: ConnectionPoolEntry) -> None:
    import sqlite3

    assert isinstance(connection, sqlite3.Connection)
    connection.isolation_level = None  # the driver's own BEGIN comes too late: reads would stay outside
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # an acknowledged event outlives a power cut
        "foreign_keys=ON",
        f"busy_timeout={int(BUSY * 1000)}",
        "secure_delete=ON",  # what was only to be kept until processed does not linger in free pages
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: object) -> None:
    from sqlalchemy import Connection

    assert isinstance(connection, Connection)
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
