"""Inspects a database without changing anything in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, false, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from threatstamp.core.errors import StoreError
from threatstamp.sqlite import Sqlite
from threatstamp.store.connection import connect, driver_message
from threatstamp.store.migrate import stored_version
from threatstamp.store.tables.columns import metadata
from threatstamp.store.versions import SchemaState, known_versions, schema_state

ENGINES_SCHEMA = "dbos"
"""Where DBOS keeps its tables in PostgreSQL; the first `run` creates it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """The database engine.

    engine: "sqlite" or "postgresql". driver: the Python package. version: the engine's, "" if not known yet.
    safe: False for an SQLite with the WAL-reset bug, which the desk uses in a slower journal mode.
    """

    engine: str
    driver: str
    version: str
    safe: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """A database and the state of its tables.

    found: their version, None if there are none. needed: the version that this program needs.
    """

    database: Database
    schema: SchemaState
    found: str | None
    needed: str


def describe(engine: Engine) -> Database:
    """Returns what an engine runs on. A server's version is known only after the first connection."""
    if engine.dialect.name == "sqlite":
        sqlite = Sqlite(engine.dialect.dbapi)  # type: ignore[arg-type]  # a protocol for what is a module
        return Database(engine="sqlite", driver=sqlite.name, version=sqlite.said_version, safe=sqlite.is_safe)
    version = getattr(engine.dialect, "server_version_info", None) or ()
    said_version = ".".join(str(part) for part in version)
    return Database(engine=engine.dialect.name, driver=engine.driver, version=said_version, safe=True)


def try_writing(database: str, schema: SchemaState, *, sqlite: Sqlite | None = None) -> None:
    """Does what `run` will need to be allowed to do, in a transaction that is rolled back.

    schema: the state of the tables. Raises StoreError for what is refused, also because another program keeps
    the database locked.
    """
    engine = connect(database, sqlite=sqlite)
    try:
        # as a reading: a writing one would first set the file's journal mode, and that stays
        with engine.execution_options(reading=True).connect() as connection:
            if schema is SchemaState.CURRENT:
                _write_nothing(connection)
            else:
                connection.execute(text("CREATE TABLE desk_check (id INTEGER)"))
            if engine.dialect.name == "postgresql":
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {ENGINES_SCHEMA}"))
            connection.rollback()
    except SQLAlchemyError as error:
        raise StoreError(driver_message(error)) from error
    finally:
        engine.dispose()


def _write_nothing(connection: Connection) -> None:
    """Writes no row into any table: what is not allowed, or not possible, is refused all the same."""
    for table in metadata.sorted_tables:
        connection.execute(delete(table).where(false()))
        connection.execute(insert(table).from_select(list(table.c.keys()), select(table).where(false())))


def inspect_database(database: str, *, sqlite: Sqlite | None = None) -> Inspection:
    """Inspects a database, which need not exist. Raises StoreError if it exists and cannot be opened."""
    engine = connect(database, sqlite=sqlite)
    try:
        known, found = known_versions(), stored_version(engine)
        schema = schema_state(found, known)
        return Inspection(database=describe(engine), schema=schema, found=found, needed=known[-1])
    except SQLAlchemyError as error:
        raise StoreError(driver_message(error)) from error
    finally:
        engine.dispose()
