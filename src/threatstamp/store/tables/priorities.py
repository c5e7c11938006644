"""The last ruling about each story; earlier ones are in the ledger."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table

from threatstamp.store.tables.columns import metadata

priorities = Table(
    "desk_priorities",
    metadata,
    Column("story", String, ForeignKey("desk_stories.id"), primary_key=True),
    Column("cve", String, nullable=False),
    Column("priority", String, nullable=False),
    Column("outcome", String),
    # of what the priority follows from; the same as long as nobody needs to be told anything
    Column("gist", String, nullable=False),
    Column("assessed_at", BigInteger, nullable=False),
)
