"""The database: it can be opened or created, and its engine is safe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from threatstamp.app.check.finding import Check, Findings
from threatstamp.app.database import say_engine
from threatstamp.config.settings import Settings
from threatstamp.core.errors import StoreError, UnfitError
from threatstamp.store.connection import driver_url, place_of, sqlite_path
from threatstamp.store.inspection import Inspection, inspect_database
from threatstamp.store.versions import SchemaState
from threatstamp.texts.catalogue import Texts


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
        yield found.bad(name, "check_database_bad", reason=str(error))
        return
    yield check_tables(name, inspection, file, found)
    yield check_engine(name, inspection, found)


def check_tables(name: str, inspection: Inspection, file: Path | None, found: Findings) -> Check:
    """Returns whether the tables have the version that this program needs, or `run` will upgrade them."""
    versions = {"found": inspection.found, "needed": inspection.needed}
    if inspection.schema is SchemaState.NEWER:
        return found.bad(name, "database.check_newer", **versions)
    if file is not None and not _may_write(file):
        return found.bad(name, "database.check_read_only")
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


def _may_write(file: Path) -> bool:
    """True if the file is writable, and so is its folder: SQLite creates files beside it."""
    return os.access(file.parent, os.W_OK) and (not file.exists() or os.access(file, os.W_OK))
