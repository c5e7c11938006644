"""SQL that SQLite and PostgreSQL both understand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from threatstamp.core.post import Place


def at_place(table: Table, place: Place) -> ColumnElement[bool]:
    """The row or rows of one place."""
    return and_(table.c.team == place.team, table.c.channel == place.channel, table.c.ts == place.ts)


def insert_new(connection: Connection, table: Table, **values: object) -> tuple[Any, ...] | None:
    """Inserts a row unless its key is taken; returns its primary key, None if nothing was inserted."""
    make = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    statement = make(table).values(**values).on_conflict_do_nothing().returning(*table.primary_key)
    found = connection.execute(statement).first()
    return None if found is None else tuple(found)


def put(connection: Connection, table: Table, key: tuple[str, ...], **values: object) -> None:
    """Inserts a row, or replaces the values of the one that has its key."""
    make = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    rest = {name: value for name, value in values.items() if name not in key}
    connection.execute(
        make(table).values(**values).on_conflict_do_update(index_elements=list(key), set_=rest)
    )
