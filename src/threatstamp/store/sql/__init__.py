"""SQL that works on both SQLite and PostgreSQL.

Statements are built once and cached here and in `rows/`: to build one takes
longer than SQLite needs to run it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    ClauseElement,
    ColumnElement,
    Connection,
    Executable,
    MappingResult,
    Select,
    Table,
    Update,
    and_,
    bindparam,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert

from threatstamp.core.stamps.post import Place


def place_values(place: Place) -> dict[str, object]:
    """Returns a place as the values of its columns."""
    return {"team": place.team, "channel": place.channel, "ts": place.ts}


def at_place(table: Table, place: Place) -> ColumnElement[bool]:
    """Returns the condition for the rows of one place."""
    return and_(table.c.team == place.team, table.c.channel == place.channel, table.c.ts == place.ts)


def rows_at(connection: Connection, table: Table, **values: object) -> MappingResult:
    """Returns the complete rows whose columns have these values."""
    return connection.execute(_selection(table, tuple(values)), values).mappings()


@cache
def _selection(table: Table, names: tuple[str, ...]) -> Select[Any]:
    return select(table).where(*(table.c[name] == bindparam(name) for name in names))


def set_row(connection: Connection, table: Table, row: int, **values: object) -> None:
    """Sets values in the row with this id. A value may be an SQL expression."""
    if any(isinstance(value, ClauseElement) for value in values.values()):
        connection.execute(update(table).where(table.c.id == row).values(**values))
    else:
        connection.execute(_setting(table, tuple(values)), {**values, "row": row})


@cache
def _setting(table: Table, names: tuple[str, ...]) -> Update:
    made = update(table).where(table.c.id == bindparam("row"))
    return made.values({name: bindparam(name) for name in names})


def insert_new(connection: Connection, table: Table, **values: object) -> tuple[Any, ...] | None:
    """Inserts a row unless its key exists; returns its primary key, None if nothing was inserted."""
    statement = _insertion(table, tuple(values), connection.dialect.name)
    found = connection.execute(statement, values).first()
    return None if found is None else tuple(found)


def put(connection: Connection, table: Table, key: tuple[str, ...], **values: object) -> None:
    """Inserts a row, or replaces the values of the row with the same key."""
    connection.execute(replacement(table, key, tuple(values), connection.dialect.name), values)


@cache
def _insertion(table: Table, names: tuple[str, ...], dialect: str) -> Executable:
    made = upsert(table, dialect).values({name: bindparam(name) for name in names})
    return made.on_conflict_do_nothing().returning(*table.primary_key)


@cache
def replacement(table: Table, key: tuple[str, ...], names: tuple[str, ...], dialect: str) -> Executable:
    """Returns the statement that inserts a row, or replaces these values of the row with the same key."""
    made = upsert(table, dialect).values({name: bindparam(name) for name in names})
    rest = {name: made.excluded[name] for name in names if name not in key}
    if not rest:
        return made.on_conflict_do_nothing(index_elements=list(key))
    return made.on_conflict_do_update(index_elements=list(key), set_=rest)


def upsert(table: Table, dialect: str) -> SqliteInsert | PostgresqlInsert:
    """Returns the dialect's own insert, which has ON CONFLICT."""
    return SqliteInsert(table) if dialect == "sqlite" else PostgresqlInsert(table)
