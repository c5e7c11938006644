"""Vital signs: small facts that processes write about themselves and their work, by name."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, String, Table, Text

from threatstamp.store.tables.columns import metadata

vitals = Table(
    "desk_vitals",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)
