"""The description of the database's engine for people."""

from __future__ import annotations

from threatstamp.store.inspection import Database
from threatstamp.texts.catalogue import Texts


def say_engine(database: Database, texts: Texts) -> str:
    """Returns an engine's name, version and driver as a phrase."""
    return texts(f"database.engine_{database.engine}", version=database.version, driver=database.driver)
