"""Copies of the record elsewhere: how far each is, and who writes it now."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table

from threatstamp.store.tables.columns import metadata

copies = Table(
    "desk_copies",
    metadata,
    Column("copy", String, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("holder", String, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
)
