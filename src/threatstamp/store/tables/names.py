"""Names in the settings that were found in the workspace."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from threatstamp.store.tables.columns import Personal, metadata, personal

names = Table(
    "desk_names",
    metadata,
    Column("team", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("found", String, nullable=False, info=personal(Personal.ID)),
    Column("called", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)
