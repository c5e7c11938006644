"""Many rows at once, without what SQLAlchemy does for each: that would be most of a load's work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Table

Row = tuple[Any, ...]
RowWriter = Callable[[Connection, Sequence[Row]], None]


def bulk_writer(table: Table, dialect: Dialect) -> RowWriter:
    """Returns what writes rows, each the values of every column in their order.

    A row replaces the one with the same primary key; the last one of a key counts.
    """
    return _by_arrays(table, dialect) if dialect.name == "postgresql" else _by_rows(table, dialect)


def _by_rows(table: Table, dialect: Dialect) -> RowWriter:
    begin, end = _around(table, dialect)
    statement = f"{begin} VALUES ({', '.join('?' for _ in table.columns)}) {end}"

    def write(connection: Connection, rows: Sequence[Row]) -> None:
        connection.exec_driver_sql(statement, list(rows))

    return write


def _by_arrays(table: Table, dialect: Dialect) -> RowWriter:
    """A statement for all rows, which PostgreSQL parses and answers once; of a key it takes one row only.

    The arrays are sent in binary form (%b): as text, each quotation mark in them would be escaped by itself,
    and a body in JSON has a hundred.
    """
    begin, end = _around(table, dialect)
    arrays = ", ".join(f"%b::{column.type.compile(dialect)}[]" for column in table.columns)
    statement = f"{begin} SELECT * FROM unnest({arrays}) {end}"  # noqa: S608 - names of our own
    places = [list(table.columns).index(column) for column in table.primary_key]

    def write(connection: Connection, rows: Sequence[Row]) -> None:
        last = {tuple(row[place] for place in places): row for row in rows}
        connection.exec_driver_sql(statement, tuple(map(list, zip(*last.values(), strict=True))))

    return write


def _around(table: Table, dialect: Dialect) -> tuple[str, str]:
    """Returns what stands before the values in such a statement, and after them. Every name is our own."""
    quote = dialect.identifier_preparer.quote
    columns = ", ".join(quote(column.name) for column in table.columns)
    key = ", ".join(quote(column.name) for column in table.primary_key)
    rest = [quote(column.name) for column in table.columns if not column.primary_key]
    replaced = ", ".join(f"{name} = excluded.{name}" for name in rest)
    begin = f"INSERT INTO {quote(table.name)} ({columns})"
    return begin, f"ON CONFLICT ({key}) DO " + (f"UPDATE SET {replaced}" if rest else "NOTHING")
