"""Conditions that need an operator, open and fixed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from threatstamp.store.tables.columns import Id, Personal, metadata, personal

troubles = Table(
    "desk_troubles",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("kind", String, nullable=False),
    # may be the id of a person about whom Slack could not be asked
    Column("subject", String, nullable=False, info=personal(Personal.ID)),
    Column("details", Text, nullable=False, info=personal(Personal.JSON)),
    Column("opened_at", BigInteger, nullable=False),
    Column("fixed_at", BigInteger),
    Column("told", Integer, nullable=False),  # reported in alerts: 0 nothing, 1 its opening, 2 its end, too
    Index("ix_desk_troubles_subject", "kind", "subject"),
)
