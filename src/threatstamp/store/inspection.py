"""Inspects a database without changing anything in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from threatstamp.core.errors import StoreError
from threatstamp.sqlite import Sqlite
from threatstamp.store.connection import connect, driver_message
from threatstamp.store.migrate import stored_version
from threatstamp.store.versions import SchemaState, known_versions, schema_state


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
