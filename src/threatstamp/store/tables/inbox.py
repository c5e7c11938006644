"""Events that are stored before they are acknowledged, until they are processed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text, UniqueConstraint

from threatstamp.store.tables.columns import Id, Personal, metadata, personal

inbox = Table(
    "desk_inbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("team", String, nullable=False),
    Column("event_id", String, nullable=False),
    Column("body", Text, nullable=False, info=personal(Personal.JSON)),
    Column("received_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),  # when a worker may take it; null if it failed for good
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    UniqueConstraint("event_id"),
)
