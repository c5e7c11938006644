"""A copy of an SQLite file beside it, while it is in use."""

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
    """Copies the file of an engine to its own name and the suffix; returns the copy, None for a server.

    A name that is taken gets a number: no copy is ever overwritten. The copy is whole or not there, and its
    owner alone may read it. The caller keeps others from writing (an older desk would write on while
    the tables change). Raises UnfitError if it cannot be made.
    """
    file = file_of(engine.url)
    if file is None:
        return None
    target = _free_name(file, suffix)
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)  # of a process that was killed; nobody else copies now
        create_file(part)
        _fill(engine, part)
        part.rename(target)
    except (OSError, _driver(engine).Error) as error:
        with suppress(OSError):
            part.unlink()
        why = getattr(error, "strerror", None) or str(error)
        raise UnfitError(Unfit.NO_COPY, place=str(file), copy=str(target), why=why) from error
    _sync(target.parent)
    return target


def _free_name(file: Path, suffix: str) -> Path:
    names = itertools.chain([suffix], (f"{suffix}-{number}" for number in itertools.count(2)))
    return next(name for name in (file.with_name(file.name + end) for end in names) if not name.exists())


def _fill(engine: Engine, part: Path) -> None:
    """Copies page by page with SQLite's own means: copying the file would miss what is in its log."""
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


def _sync(folder: Path) -> None:
    """Writes the new name down for good, before the tables change."""
    made = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(made)
    finally:
        os.close(made)
