"""The last ruling about each story; earlier ones are in the ledger."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

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
    Column("ruling", Text),  # JSON, as the ledger has it
    Column("touches", Text),  # JSON of the products; null: nobody has looked for any yet
    Column("seen", Text),  # JSON of what was known then, with which the next assessment compares
    Column("shown", String),  # of what messages show of it
    Column("owed_at", BigInteger),  # since when messages show something else; null: they do not
    Index("ix_desk_priorities_owed_at", "owed_at"),
)
