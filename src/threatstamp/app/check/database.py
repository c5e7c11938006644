"""The database: it can be opened or created, and its engine is safe."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from threatstamp.app.check.finding import Check, Findings
from threatstamp.app.database import say_engine
from threatstamp.config.secrets import reason_of
from threatstamp.config.settings import Settings
from threatstamp.core.errors import StoreError, UnfitError
from threatstamp.core.ids import TeamId
from threatstamp.core.names import KnownName
from threatstamp.desk.policy.legend import LegendState, legends
from threatstamp.desk.ports.store import Read
from threatstamp.store import open_store
from threatstamp.store.connection import driver_url, place_of, sqlite_path
from threatstamp.store.inspection import Inspection, inspect_database, try_writing
from threatstamp.store.versions import SchemaState
from threatstamp.texts.catalogue import Texts

T = TypeVar("T")
LEAST_SPACE = 50_000_000
"""Bytes that should be free on the database's disk. A full disk loses nothing, but holds everything up."""

OF_LOG = 65_536
"""Bytes that SQLite needs beside a file even to read it; without them it says only "disk I/O error"."""


def check_database(settings: Settings, texts: Texts) -> Iterator[Check]:
    """Yields checks of the tables and of the engine. A missing database is no fault: `run` creates it."""
    found = Findings("database", texts)
    file = sqlite_path(settings.database)
    name = place_of(driver_url(settings.database))
    if file is not None and not file.parent.is_dir():
        yield found.bad(name, "check_database_folder", folder=file.parent)
        return
    try:
        inspection = inspect_database(settings.database)
    except UnfitError as error:
        yield found.wrong(name, texts(f"database.{error.reason}", **error.values))
        return
    except StoreError as error:
        full = _space(file, name, found, needed=OF_LOG) if file is not None else None
        yield full or found.bad(name, "check_database_bad", reason=str(error))
        return
    tables = check_tables(name, inspection, found)
    yield (tables.ok and check_writing(settings.database, inspection, found)) or tables
    yield check_engine(name, inspection, found)


def known_names(settings: Settings, team: TeamId) -> Mapping[str, KnownName]:
    """Returns the names that `run` has found before and goes by; none if the database cannot be read."""
    return _read(settings, lambda read: read.names.known(team)) or {}


def known_legends(settings: Settings, team: TeamId) -> Collection[LegendState]:
    """Returns the legends that are in Slack; none if the database cannot be read."""
    return (_read(settings, lambda read: legends(read.vitals, team=team)) or {}).values()


def _read(settings: Settings, look: Callable[[Read], T]) -> T | None:
    try:
        store = open_store(settings.database, migrate=False)
    except StoreError:
        return None
    try:
        with store.reading() as read:
            return look(read)
    except StoreError:
        return None
    finally:
        store.close()


def check_tables(name: str, inspection: Inspection, found: Findings) -> Check:
    """Returns whether the tables have the version that this program needs, or `run` will upgrade them."""
    versions = {"found": inspection.found, "needed": inspection.needed}
    if inspection.schema is SchemaState.NEWER:
        return found.bad(name, "database.check_newer", **versions)
    if inspection.schema is SchemaState.OLDER:
        return found.good(name, "database.check_older", **versions)
    is_new = inspection.schema is SchemaState.NEW
    return found.good(name, "check_database_new" if is_new else "check_database")


def check_engine(name: str, inspection: Inspection, found: Findings) -> Check:
    """Returns the engine. An unsafe one is only a warning: the desk works with it, but more slowly."""
    words = say_engine(inspection.database, found.texts)
    if inspection.database.safe:
        return found.good(name, "database.check_engine", engine=words)
    return replace(found.bad(name, "database.check_engine_old", engine=words), ok=True)


def check_writing(
    database: str, inspection: Inspection, found: Findings, *, least: int = LEAST_SPACE
) -> Check | None:
    """Returns a failure if the database cannot be written; None if it can.

    It is tried: a file is made beside the database, and a transaction is rolled back.
    least: bytes that must be free.
    """
    file, name = sqlite_path(database), place_of(driver_url(database))
    if file is not None:
        try:
            tempfile.TemporaryFile(dir=file.parent).close()  # SQLite, too, creates files beside it
        except OSError as error:
            reason = reason_of(error, found.texts)
            return found.bad(name, "check_database_folder_closed", folder=file.parent, reason=reason)
        needed = least + _size_of_copy(file, inspection)
        if full := _space(file, name, found, needed=needed):
            return full
        if not file.exists():
            return None
    try:
        try_writing(database, inspection.schema)
    except StoreError as error:
        return found.bad(name, "check_database_write", reason=str(error))
    return None


def _space(file: Path, name: str, found: Findings, *, needed: int) -> Check | None:
    """Returns a failure if fewer bytes than needed are free on a file's disk."""
    free = shutil.disk_usage(file.parent).free
    if free >= needed:
        return None
    needed = max(needed, LEAST_SPACE)
    return found.bad(name, "check_database_space", free=free, needed=needed, folder=file.parent)


def _size_of_copy(file: Path, inspection: Inspection) -> int:
    """Returns the bytes of the copy that is made before an upgrade."""
    return file.stat().st_size if inspection.schema is SchemaState.OLDER else 0
