"""Databases that have their tables already: copies of one, since to run all migrations takes a hundred times as long."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from tests.support.postgres import Server
from threatstamp.store import open_store
from threatstamp.store.connection import sqlite_path


def file_with_tables(file: Path) -> str:
    """Creates an SQLite database, as `open_store` would; returns its address. One that exists is left alone."""
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as made:
            made.write(_file())
    return f"sqlite:///{file}"


def prepare(database: str) -> None:
    """Creates an SQLite database that a desk would create when it starts."""
    file = sqlite_path(database)
    if file is not None and file.is_absolute() and file.parent.is_dir():
        file_with_tables(file)


def server_with_tables(server: Server) -> str:
    """Returns the address of a new PostgreSQL database."""
    return server.new_database(_on(server))


@cache
def _file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "desk.db")
        open_store(f"sqlite:///{file}").close()
        return file.read_bytes()


@cache
def _on(server: Server) -> str:
    """Returns the database to copy; each worker has its own, which nobody else uses at that moment."""
    made = server.new_database()
    open_store(made).close()
    return made
