"""Brings the tables of a database up to date, once, however many processes start at the same time."""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from threatstamp.core.errors import StoreError, Unfit, UnfitError
from threatstamp.sqlite import create_file, file_of
from threatstamp.store.connection import place_of
from threatstamp.store.copying import copy_file
from threatstamp.store.versions import SCRIPTS, Standing, known_versions, standing, version

log = logging.getLogger(__name__)

_LOCK = 7_267_201_026
"""An advisory lock on PostgreSQL: two workers that start together must not both create the tables."""


def migrate(engine: Engine, *, scripts: Path = SCRIPTS) -> None:
    """Creates the database if there is none, and runs the migrations that it lacks.

    Before the tables of an SQLite file are changed, a copy of it is made beside it. Migrations that fail
    leave the database as it was. scripts: the folder of migrations.
    Raises UnfitError for a database that a later version made, and where no file or no copy can be made.
    """
    _create(engine)
    known = known_versions(scripts)
    if _is_current(engine, stored_version(engine), known):
        return  # the usual case waits for no lock
    copy: Path | None = None
    try:
        with engine.begin() as connection:
            _wait_for_others(connection)
            found = version(connection)
            if _is_current(engine, found, known):
                return
            copy = copy_file(engine, suffix=f".before-{found}") if found else None
            _upgrade(connection, scripts)
    except BaseException:
        if copy is not None:  # nothing was changed; with every further try there would be one more
            copy.unlink(missing_ok=True)
        raise
    if found is not None:
        log.info("the database was upgraded from version %s to %s; copy: %s", found, known[-1], copy)


def require_current(engine: Engine, *, scripts: Path = SCRIPTS) -> None:
    """Raises UnfitError unless the database has the very tables that this program needs. Changes nothing."""
    known, found = known_versions(scripts), stored_version(engine)
    stands = standing(found, known)
    if stands is not Standing.CURRENT:
        raise _unfit(engine, Unfit(stands.value), found, known)


def stored_version(engine: Engine) -> str | None:
    """Returns the version of the tables; None if there are none, or no file. Changes nothing."""
    file = file_of(engine.url)
    if file is not None and not file.exists():
        return None
    with engine.execution_options(reading=True).connect() as connection:
        return version(connection)


def _is_current(engine: Engine, found: str | None, known: tuple[str, ...]) -> bool:
    stands = standing(found, known)
    if stands is Standing.NEWER:
        raise _unfit(engine, Unfit.NEWER, found, known)
    return stands is Standing.CURRENT


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
    """SQLite's transaction has begun with the write lock; PostgreSQL needs a lock of our own."""
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
    config.set_main_option("path_separator", "newline")  # a folder's name may have blanks and colons
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _plain(path: Path) -> str:
    """Returns a path as it is written for a reader that takes % for the start of a name."""
    return str(path).replace("%", "%%")
