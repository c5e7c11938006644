"""Tickets of cases in the trackers of developers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, String, Table, Text

from threatstamp.store.tables.columns import Id, metadata

tickets = Table(
    "desk_tickets",
    metadata,
    Column("case_id", Id, ForeignKey("desk_cases.id"), primary_key=True, autoincrement=False),
    Column("tracker", String, nullable=False),
    Column("key", String, nullable=False),
    Column("state", String, nullable=False),
    Column("owed_at", BigInteger, nullable=False),
    # when it is made or asked for next; null: never
    Column("due_at", BigInteger),
    Column("token", BigInteger, nullable=False),
    Column("unsure", Boolean, nullable=False),
    Column("number", String, nullable=False),
    Column("link", Text, nullable=False),
    # what the tracker said of its state last
    Column("mark", String, nullable=False),
    Column("error", String, nullable=False),
    Index("ix_desk_tickets_due", "due_at"),
)
