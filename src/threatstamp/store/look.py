"""What a database is, found out without changing anything in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from threatstamp.core.errors import StoreError
from threatstamp.sqlite import Sqlite
from threatstamp.store.connection import connect, said
from threatstamp.store.migrate import stored_version
from threatstamp.store.versions import Standing, known_versions, standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """What the tables are kept in.

    engine: "sqlite" or "postgresql". driver: the package that speaks with it. version: the engine's, "" for
    one not known yet. safe: False for an SQLite with the WAL-reset bug, which runs in a slower mode.
    """

    engine: str
    driver: str
    version: str
    safe: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A database, and how its tables stand. found: their version, None for a new one; needed: the newest."""

    database: Database
    standing: Standing
    found: str | None
    needed: str


def describe(engine: Engine) -> Database:
    """Returns what an engine runs on. A server's version is known once there was a connection."""
    if engine.dialect.name == "sqlite":
        sqlite = Sqlite(engine.dialect.dbapi)  # type: ignore[arg-type]  # a protocol for what is a module
        return Database(engine="sqlite", driver=sqlite.name, version=sqlite.said_version, safe=sqlite.is_safe)
    version = getattr(engine.dialect, "server_version_info", None) or ()
    said_version = ".".join(str(part) for part in version)
    return Database(engine=engine.dialect.name, driver=engine.driver, version=said_version, safe=True)


def look(database: str, *, sqlite: Sqlite | None = None) -> Looked:
    """Looks at a database, which need not exist. Raises StoreError where it cannot be opened."""
    engine = connect(database, sqlite=sqlite)
    try:
        known, found = known_versions(), stored_version(engine)
        return Looked(
            database=describe(engine), standing=standing(found, known), found=found, needed=known[-1]
        )
    except SQLAlchemyError as error:
        raise StoreError(said(error)) from error
    finally:
        engine.dispose()
