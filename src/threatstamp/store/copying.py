"""Copies an SQLite file while it is in use."""

from __future__ import annotations

import itertools
import os
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from threatstamp.core.errors import Unfit, UnfitError
from threatstamp.sqlite import create_file, file_of


def copy_file(engine: Engine, *, suffix: str) -> Path | None:
    """Copies an engine's file beside it, adding the suffix to its name; returns the copy, None for a server.

    No file is overwritten: if the name is taken, a number is added. The copy is either complete or absent,
    and readable only by its owner. The caller holds the write lock, so that no other process adds data which
    the upgraded file has and the copy has not. Raises UnfitError if the copy cannot be made.
    """
    file = file_of(engine.url)
    if file is None:
        return None
    target = _free_name(file, suffix)
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)  # left by a process that was killed: the write lock is ours
        fill(engine, part)
        part.rename(target)  # atomic: a copy under its final name is always complete
    except (OSError, _driver(engine).Error) as error:
        with suppress(OSError):
            part.unlink()
        why = getattr(error, "strerror", None) or str(error)
        raise UnfitError(Unfit.NO_COPY, place=str(file), copy=str(target), why=why) from error
    sync(target.parent)
    return target


def _free_name(file: Path, suffix: str) -> Path:
    names = itertools.chain([suffix], (f"{suffix}-{number}" for number in itertools.count(2)))
    return next(name for name in (file.with_name(file.name + end) for end in names) if not name.exists())


def fill(engine: Engine, part: Path) -> None:
    """Creates a file, for its owner alone, and copies the database into it, also while others write to it.

    It is SQLite's online backup (https://www.sqlite.org/backup.html), in one step: a copy in several begins
    again whenever another process writes in between. Raises OSError and the driver's errors.

    Copying the file itself would miss what is still in its log. Opening it would also be dangerous: when any
    descriptor of a file is closed, POSIX drops all of the process's locks on it, SQLite's too.
    """
    create_file(part)
    source = engine.raw_connection()
    try:
        with closing(_driver(engine).connect(str(part))) as target:
            driver: Any = source.driver_connection
            driver.backup(target)
            target.execute("PRAGMA journal_mode=DELETE").close()  # one file, with nothing beside it
    finally:
        source.close()


def _driver(engine: Engine) -> Any:
    return engine.dialect.dbapi


def sync(folder: Path) -> None:
    """Makes a new name in a folder durable."""
    made = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(made)
    finally:
        os.close(made)
