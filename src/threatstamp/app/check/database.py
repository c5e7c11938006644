"""The database: it can be opened, or made."""

from __future__ import annotations

from threatstamp.app.check.finding import Check, Findings
from threatstamp.config.settings import Settings
from threatstamp.core.errors import StoreError
from threatstamp.store import open_store
from threatstamp.store.connection import sqlite_path
from threatstamp.texts.catalogue import Texts


def check_database(settings: Settings, texts: Texts) -> Check:
    """Opens the database as `run` would; one that is not there yet is made by `run`, and nothing is wrong."""
    found = Findings("database", texts)
    file = sqlite_path(settings.database)
    name = str(file) if file else settings.database.rpartition("@")[2]
    if file is not None and not file.exists():
        if file.parent.is_dir():
            return found.good(name, "check_database_new")
        return found.bad(name, "check_database_folder", folder=file.parent)
    try:
        open_store(settings.database).close()
    except StoreError as error:
        return found.bad(name, "check_database_bad", reason=str(error))
    return found.good(name, "check_database")
