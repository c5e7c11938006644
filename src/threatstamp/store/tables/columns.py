"""What all tables share: one metadata, ids, places, and the mark for personal data.

Times are whole microseconds since 1970 in UTC. Values that no query needs are JSON in a text column, which
both databases can search for a person's id.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, String

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only in a column of the type INTEGER."""


class Personal(StrEnum):
    """How a column may contain a person's id. Redaction, retention and exports follow this mark."""

    ID = "id"
    """The value is a user's id."""

    JSON = "json"
    """JSON in which ids are values of their own, or are mentioned in text."""


def personal(how: Personal) -> dict[str, Any]:
    """Returns the mark for a column: `Column(..., info=personal(Personal.ID))`."""
    return {"personal": how}


def personal_columns() -> list[tuple[Column[Any], Personal]]:
    """Returns every marked column of the tables that are imported, with its mark."""
    return [
        (column, column.info["personal"])
        for table in metadata.sorted_tables
        for column in table.columns
        if "personal" in column.info
    ]


def place() -> tuple[Column[str], Column[str], Column[str]]:
    """Returns the columns of a place."""
    return (
        Column("team", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("ts", String, nullable=False),
    )


def place_key() -> tuple[Column[str], Column[str], Column[str]]:
    """Returns the columns of a place as a primary key, or as the beginning of one."""
    return (
        Column("team", String, primary_key=True),
        Column("channel", String, primary_key=True),
        Column("ts", String, primary_key=True),
    )
