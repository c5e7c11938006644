"""The database: it can be opened, or made, and its engine is one that loses nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from threatstamp.app.check.finding import Check, Findings
from threatstamp.app.database import say_engine
from threatstamp.config.settings import Settings
from threatstamp.core.errors import StoreError
from threatstamp.store.connection import sqlite_path
from threatstamp.store.look import Looked, look
from threatstamp.store.versions import Standing
from threatstamp.texts.catalogue import Texts


def check_database(settings: Settings, texts: Texts) -> Iterator[Check]:
    """Yields checks of the tables and of the engine. A database that is not there yet is made by `run`."""
    found = Findings("database", texts)
    file = sqlite_path(settings.database)
    name = str(file) if file else settings.database.rpartition("@")[2]
    if file is not None and not file.parent.is_dir():
        yield found.bad(name, "check_database_folder", folder=file.parent)
        return
    try:
        looked = look(settings.database)
    except StoreError as error:
        yield found.bad(name, "check_database_bad", reason=str(error))
        return
    yield check_tables(name, looked, file, found)
    yield check_engine(name, looked, found)


def check_tables(name: str, looked: Looked, file: Path | None, found: Findings) -> Check:
    """Returns whether the tables are what this version needs, or will be made so by `run`."""
    versions = {"found": looked.found, "needed": looked.needed}
    if looked.standing is Standing.NEWER:
        return found.bad(name, "database.check_newer", **versions)
    if file is not None and not _may_write(file):
        return found.bad(name, "database.check_read_only")
    if looked.standing is Standing.OLDER:
        return found.good(name, "database.check_older", **versions)
    is_new = looked.standing is Standing.NEW
    return found.good(name, "check_database_new" if is_new else "check_database")


def check_engine(name: str, looked: Looked, found: Findings) -> Check:
    """An old engine is a warning: the desk works with it, and what to do is said all the same."""
    words = say_engine(looked.database, found.texts)
    if looked.database.safe:
        return found.good(name, "database.check_engine", engine=words)
    return replace(found.bad(name, "database.check_engine_old", engine=words), ok=True)


def _may_write(file: Path) -> bool:
    """True if the file may be written, and others made beside it, which SQLite needs to."""
    return os.access(file.parent, os.W_OK) and (not file.exists() or os.access(file, os.W_OK))
