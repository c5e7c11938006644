"""Bulk data beside the record: large tables that can be thrown away and loaded again, such as facts of CVEs.

They are no part of the record. SQLite lets one connection write to a file at a time, so they have a file of
their own: a load then never holds the lock that a stamp needs, copies of the record stay small, and to throw
them away is to delete a file. PostgreSQL locks rows, so there they are tables beside the others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, event
from sqlalchemy.exc import SQLAlchemyError

from threatstamp.core.errors import StoreError
from threatstamp.sqlite import BUSY, Sqlite, create_file, installed, open_engine
from threatstamp.store.connection import connect, driver_message, driver_url, sqlite_path
from threatstamp.store.sql.many import bulk_writer

SUFFIX = ".bulk"
"""The file beside the record's: desk.db has desk.db.bulk."""

BATCH_TIME = 0.02
"""Seconds that a batch aims to take: short enough that whoever waits for the processor, the disk or a row
does not notice, long enough that the cost of a commit is not most of it."""

REST = 1.0
"""The pause after a batch, in lengths of that batch: half of the time belongs to the desk."""

FIRST, LEAST, MOST = 100, 10, 5_000
"""Rows in a batch: the first one, and the bounds of what measuring makes of it."""

GROWTH = 2.0
"""How much larger a batch may be than the one before: one quick commit says little."""


class Bulk:
    """Tables of bulk data. Every method raises StoreError."""

    def __init__(self, engine: Engine, tables: MetaData) -> None:
        self.engine = engine
        self._tables = tables

    def close(self) -> None:
        """Closes it. SQLite's log is emptied: a desk that looks stays connected, so that it would remain, and
        a file put in this one's place would get the pages of this one."""
        if self.engine.dialect.name == "sqlite":
            with suppress(SQLAlchemyError), self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        try:
            with self.engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(driver_message(error)) from error

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One short transaction."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(driver_message(error)) from error

    def load(
        self,
        table: Table,
        rows: Iterable[tuple[Any, ...]],
        *,
        elapsed: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> Iterator[int]:
        """Writes rows in short transactions; yields how many are written after each. Memory: one batch.

        A row replaces the one with the same primary key, so a load that was interrupted is simply run again.
        rows: the values of every column, in their order; the last one of a key counts.
        elapsed: seconds of a steady clock. pause: waits for seconds.
        """
        write = bulk_writer(table, self.engine.dialect)
        remaining, size, written = iter(rows), FIRST, 0
        while batch := list(islice(remaining, size)):
            began = elapsed()
            with self.writing() as connection:
                write(connection, batch)
            took = elapsed() - began
            written += len(batch)
            yield written
            size = next_size(size, took)
            pause(took * REST)

    def discard(self) -> None:
        """Empties every table. SQLite's file shrinks; PostgreSQL's space is free for the next load."""
        try:
            self._tables.drop_all(self.engine)
            self._tables.create_all(self.engine)
            if self.engine.dialect.name == "sqlite":
                with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.exec_driver_sql("VACUUM")
        except SQLAlchemyError as error:
            raise StoreError(driver_message(error)) from error


def next_size(size: int, took: float) -> int:
    """Returns how many rows the next batch has, after one of `size` rows that took so many seconds."""
    fitting = size * BATCH_TIME / took if took > 0 else MOST
    return round(max(LEAST, min(fitting, size * GROWTH, MOST)))


def open_bulk(database: str, tables: MetaData) -> Bulk:
    """Opens the bulk data beside a database, and creates the tables that are missing.

    database: the address of the record, as in the settings. tables: each with a primary key.
    Raises StoreError with a sentence.
    """
    file = sqlite_path(database)
    engine = connect(database) if file is None else _open_file(database, bulk_file(file))
    try:
        tables.create_all(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        raise StoreError(driver_message(error)) from error
    return Bulk(engine, tables)


def bulk_file(record: Path) -> Path:
    return record.with_name(record.name + SUFFIX)


def _open_file(database: str, file: Path) -> Engine:
    try:
        create_file(file)
    except OSError as error:
        raise StoreError(f"{file}: {error.strerror}") from error
    engine_of_file = installed()
    url = driver_url(database).set(database=str(file))
    engine = open_engine(url, engine_of_file, pool_size=4, max_overflow=4)
    event.listen(engine, "connect", _preparer(engine_of_file))
    return engine


def _preparer(engine_of_file: Sqlite) -> Callable[[Any, Any], None]:
    def prepare(connection: Any, _: object) -> None:
        for pragma in (
            f"busy_timeout={int(BUSY * 1000)}",
            f"journal_mode={engine_of_file.journal}",
            # a power cut may cost the last batches, never the file: they are loaded again
            "synchronous=NORMAL",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    return prepare
