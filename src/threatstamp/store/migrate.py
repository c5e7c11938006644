"""Upgrades the tables of a database, exactly once, however many processes start at the same time."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from threatstamp.core.errors import StoreError, Unfit, UnfitError
from threatstamp.sqlite import create_file, file_of
from threatstamp.store.connection import place_of
from threatstamp.store.copying import copy_file
from threatstamp.store.versions import SCRIPTS, SchemaState, known_versions, schema_state, version

log = logging.getLogger(__name__)

_LOCK = 7_267_201_026
"""Key of an advisory lock on PostgreSQL: before there are tables, there is nothing else to lock."""


def migrate(engine: Engine, *, scripts: Path = SCRIPTS) -> None:
    """Creates the database if it does not exist, and runs the migrations that it lacks.

    An SQLite file is first copied beside itself, under the write lock. All migrations and their version are
    one transaction, so a failure leaves the database as it was. scripts: the folder of migrations. Raises
    UnfitError for a database of a later version, and if the file or its copy cannot be created.
    """
    _create(engine)
    known = known_versions(scripts)
    if _is_current(engine, stored_version(engine), known):
        return  # the usual case, without waiting for a lock
    copy: Path | None = None
    try:
        with engine.begin() as connection:
            _wait_for_others(connection)
            found = version(connection)  # again: another process may have upgraded while we waited
            if _is_current(engine, found, known):
                return
            copy = copy_file(engine, suffix=f".before-{found}") if found else None
            _upgrade(connection, scripts)
    except BaseException:
        # nothing was changed, and a service that restarts again and again would fill the disk with copies
        if copy is not None:
            copy.unlink(missing_ok=True)
        raise
    if found is not None:
        log.info("the database was upgraded from version %s to %s; copy: %s", found, known[-1], copy)


def require_current(engine: Engine, *, scripts: Path = SCRIPTS) -> None:
    """Raises UnfitError unless the tables have exactly the version that this program needs.

    Changes nothing.
    """
    known, found = known_versions(scripts), stored_version(engine)
    state = schema_state(found, known)
    if state is not SchemaState.CURRENT:
        raise _unfit(engine, Unfit(state.value), found, known)


def stored_version(engine: Engine) -> str | None:
    """Returns the version of the tables; None if there are no tables or no file. Changes nothing."""
    file = file_of(engine.url)
    if file is not None and not file.exists():
        return None
    with engine.execution_options(reading=True).connect() as connection:
        return version(connection)


def _is_current(engine: Engine, found: str | None, known: tuple[str, ...]) -> bool:
    state = schema_state(found, known)
    if state is SchemaState.NEWER:
        raise _unfit(engine, Unfit.NEWER, found, known)
    return state is SchemaState.CURRENT


def _create(engine: Engine) -> None:
    file = file_of(engine.url)
    if file is None:
        return
    try:
        create_file(file)
    except (FileNotFoundError, NotADirectoryError):
        raise UnfitError(Unfit.NO_FOLDER, folder=str(file.parent)) from None
    except OSError as error:
        raise StoreError(f"{file}: {error.strerror}") from error


def _wait_for_others(connection: Connection) -> None:
    """Waits until no other process migrates. On SQLite, BEGIN IMMEDIATE has done that already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _unfit(engine: Engine, reason: Unfit, found: str | None, known: tuple[str, ...]) -> UnfitError:
    return UnfitError(reason, place=place_of(engine.url), found=found or "-", needed=known[-1])


def _upgrade(connection: Connection, scripts: Path) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", _plain(Path(__file__).parent / "migrations"))
    config.set_main_option("version_locations", _plain(scripts))
    config.set_main_option("path_separator", "newline")  # folders' names may contain spaces and colons
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _plain(path: Path) -> str:
    """Returns a path for Alembic's options, in which configparser treats % as the start of a reference."""
    return str(path).replace("%", "%%")
