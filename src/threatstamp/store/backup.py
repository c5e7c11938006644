"""The database as one file to keep elsewhere, and back again. SQLite only: a server has its own tools."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, delete, func, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from threatstamp.core import signs
from threatstamp.core.errors import Unfit, UnfitError
from threatstamp.core.time import DAY, Micros
from threatstamp.sqlite import installed, open_engine
from threatstamp.store.copying import fill, sync
from threatstamp.store.migrate import stored_version
from threatstamp.store.sql import put
from threatstamp.store.tables.ledger import ledger
from threatstamp.store.tables.vitals import vitals
from threatstamp.store.versions import SchemaState, known_versions, schema_state

BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite keeps of a database. A journal without its database would be played into the one that comes in
its place (https://www.sqlite.org/howtocorrupt.html, 1.4)."""

UNDATED = 30 * DAY
"""How far back messages are searched for, in microseconds, if nothing on record says the age of a copy."""

_REASONS = {11: Unfit.DAMAGED, 26: Unfit.FOREIGN}
"""What SQLite's CORRUPT and NOTADB mean here (https://www.sqlite.org/rescode.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What a copy has. size: bytes. entries, head: of the ledger. is_current: no upgrade is needed."""

    size: int
    entries: int
    head: str
    is_current: bool


def back_up(file: Path, target: Path) -> Copy:
    """Copies a database, whose version may be any, while others use it.

    The copy is complete or not there, and for its owner alone. Raises UnfitError, without a change, if the
    target exists, if the database is not one of ours, or if it cannot be copied whole.
    """
    if os.path.lexists(target):
        raise UnfitError(Unfit.TAKEN, place=str(target))
    with _opened(file, said=file) as engine:
        if stored_version(engine) is None:
            raise UnfitError(Unfit.NEW, place=str(file))
        with _part_of(target) as part:
            copy = _copied(engine, file, part)
            _publish(part, target, taken=Unfit.TAKEN)
    return copy


def restore(source: Path, file: Path, *, now: Micros) -> Copy:
    """Makes a database out of a copy, of this version or an older one.

    Slack may have messages of which the copy says nothing: the database remembers since when, see
    `signs.RESTORED`. Raises UnfitError, without a change, if there is a database or a part of one already, or
    if the copy is damaged, of a newer version, or not one of ours.
    """
    for name in BESIDE:
        if os.path.lexists(at := file.with_name(file.name + name)):
            raise UnfitError(Unfit.IN_PLACE, place=str(at))
    with _opened(source, said=source) as engine:
        found, known = stored_version(engine), known_versions()
        if found is None:
            raise UnfitError(Unfit.FOREIGN, place=str(source))
        if schema_state(found, known) is SchemaState.NEWER:
            raise UnfitError(Unfit.NEWER, place=str(source), found=found, needed=known[-1])
        with _part_of(file) as part:
            copy = _copied(engine, source, part)
            _note(part, file, now=now)
            _publish(part, file, taken=Unfit.IN_PLACE)
    return copy


@contextmanager
def _opened(file: Path, *, said: Path) -> Iterator[Engine]:
    """Opens a file as it is; `said` is named in the sentence about what goes wrong meanwhile."""
    engine = open_engine(URL.create("sqlite", database=str(file)), installed(), pool_size=1, max_overflow=1)
    try:
        yield engine
    except UnfitError:
        raise
    except (OSError, SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as error:
        raise _unfit(error, said) from error
    finally:
        engine.dispose()


def _unfit(error: Exception, file: Path) -> UnfitError:
    if isinstance(error, OSError):
        return UnfitError(Unfit.NOT_COPIED, place=str(file), why=error.strerror or str(error))
    cause = getattr(error, "orig", None) or error
    reason = _REASONS.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF, Unfit.NOT_COPIED)
    return UnfitError(reason, place=str(file), why=str(cause))


@contextmanager
def _part_of(target: Path) -> Iterator[Path]:
    """Yields the name of a file beside the target, which is gone in the end."""
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _copied(engine: Engine, file: Path, part: Path) -> Copy:
    fill(engine, part)
    with _opened(part, said=file) as copy, copy.connect() as connection:
        if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
            raise UnfitError(Unfit.DAMAGED, place=str(file))
        return _described(connection, part, version=stored_version(copy))


def _described(connection: Connection, part: Path, *, version: str | None) -> Copy:
    last = connection.execute(select(ledger).order_by(ledger.c.sequence.desc()).limit(1)).first()
    return Copy(
        size=part.stat().st_size,
        entries=last.sequence if last else 0,
        head=last.hash if last else "",
        is_current=schema_state(version, known_versions()) is SchemaState.CURRENT,
    )


def _note(part: Path, file: Path, *, now: Micros) -> None:
    with _opened(part, said=file) as engine, engine.begin() as connection:
        since = connection.execute(select(func.max(ledger.c.at))).scalar()
        # processes that run elsewhere, or did
        connection.execute(delete(vitals).where(vitals.c.name.startswith(signs.RUN, autoescape=True)))
        since = since if isinstance(since, int) else now - UNDATED
        put(connection, vitals, ("name",), name=signs.RESTORED, value=str(since), at=now)


def _publish(part: Path, target: Path, *, taken: Unfit) -> None:
    """Gives a complete copy its name, unless something has come there meanwhile."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise UnfitError(taken, place=str(target)) from None
    except OSError:  # there is no link on this kind of disk
        if os.path.lexists(target):
            raise UnfitError(taken, place=str(target)) from None
        part.rename(target)
    sync(target.parent)
