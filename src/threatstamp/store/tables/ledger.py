"""The chain, and the bodies in a table of their own, from which they can be deleted.

The bodies have no mark of personal data: redaction deletes whole bodies, since a changed
one would not match its digest.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table, Text

from threatstamp.store.tables.columns import Id, metadata

ledger = Table(
    "desk_ledger",
    metadata,
    Column("sequence", Id, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("hash", String, nullable=False),
)

ledger_bodies = Table(
    "desk_ledger_bodies",
    metadata,
    Column("sequence", Id, ForeignKey("desk_ledger.sequence"), primary_key=True, autoincrement=False),
    Column("salt", String, nullable=False),
    Column("body", Text, nullable=False),
)
