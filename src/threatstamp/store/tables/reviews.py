"""Which stories were reviewed by one act; who did it is in the ledger."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table

from threatstamp.store.tables.columns import metadata

reviews = Table(
    "desk_reviews",
    metadata,
    Column("story", String, ForeignKey("desk_stories.id"), primary_key=True),
    Column("act", BigInteger, nullable=False),  # the number of its entry in the ledger
    Column("reviewed_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),  # since when it waits to be reviewed again
    Index("ix_desk_reviews_act", "act"),
    Index("ix_desk_reviews_ended_at", "ended_at"),
)
