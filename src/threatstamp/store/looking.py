"""How facts are looked up: without waiting, without creating anything, and whatever became of their file."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, inspect, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from threatstamp.core.errors import FactsError, FactsFault
from threatstamp.sqlite import installed, open_for_a_look
from threatstamp.store.bulk import bulk_file
from threatstamp.store.connection import driver_message, driver_url, place_of, sqlite_path
from threatstamp.store.tables.facts import LAYOUT, fact_layout

PATIENCE = 0.1
"""Seconds that a look waits for a lock. A message that goes out is worth more than a line in it."""

SERVER_PATIENCE = "-c statement_timeout=500 -c lock_timeout=100"
"""Milliseconds that PostgreSQL may take for a look."""

KEPT_OPEN = 4
"""Connections that stay open, at most: as many threads rarely look at once."""


class FactsDoor:
    """Opens connections to facts.

    keep: they stay open between looks. That the file was replaced or deleted is noticed by its number
    (inode); that it has another layout, by asking each time, which costs little once it is open.
    """

    def __init__(self, database: str, *, keep: bool) -> None:
        self._file = bulk_file(file) if (file := sqlite_path(database)) is not None else None
        self._place = str(self._file) if self._file else place_of(driver_url(database))
        self._engine = _engine(database, keep=keep)
        self._lock = threading.Lock()
        self._opened: tuple[int, int] | None = None
        self._has_tables = False

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def looking(self) -> Iterator[Connection | None]:
        """Yields a connection; None where nothing was ever loaded. Raises FactsError."""
        try:
            if not self._is_there():
                yield None
                return
            with self._engine.connect() as connection:
                if not (self._has_tables or inspect(connection).has_table(fact_layout.name)):
                    yield None
                    return
                layout = connection.execute(select(fact_layout.c.layout)).scalar()
                if layout not in (LAYOUT, None):
                    raise FactsError(FactsFault.LAYOUT, place=self._place)
                self._has_tables = True
                yield connection if layout else None
        except SQLAlchemyError as error:
            self._forget()
            raise FactsError(FactsFault.BROKEN, place=self._place, reason=driver_message(error)) from error
        except (ValueError, OSError) as error:  # of a body that is none, of a folder that cannot be read
            raise FactsError(FactsFault.BROKEN, place=self._place, reason=str(error)) from error

    def _is_there(self) -> bool:
        """False if there is no file. What is open of another file of that name is closed."""
        if self._file is None:
            return True
        try:
            found = self._file.stat()
        except FileNotFoundError:
            self._forget()
            return False
        with self._lock:
            if self._opened != (found.st_dev, found.st_ino):
                self._has_tables = False
                self._engine.dispose()
                self._opened = found.st_dev, found.st_ino
        return True

    def _forget(self) -> None:
        with self._lock:
            self._has_tables, self._opened = False, None
            self._engine.dispose()


def _engine(database: str, *, keep: bool) -> Engine:
    url, file = driver_url(database), sqlite_path(database)
    if file is not None:
        kept = KEPT_OPEN if keep else 0
        return open_for_a_look(
            url.set(database=str(bulk_file(file))), installed(), patience=PATIENCE, kept=kept
        )
    given = {"options": SERVER_PATIENCE, "connect_timeout": 2}
    if not keep:
        return create_engine(url, poolclass=NullPool, connect_args=given)
    return create_engine(
        url,
        poolclass=QueuePool,
        pool_size=KEPT_OPEN,
        max_overflow=KEPT_OPEN,
        pool_timeout=PATIENCE,
        pool_pre_ping=True,
        connect_args=given,
    )
