"""Departures, and the leases on their destinations.

The lease and the pace belong to the destination: one message per channel is in flight at a time, and a
channel that is stuck holds up no other.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint

from threatstamp.store.tables.columns import Id, Personal, metadata, personal

departures = Table(
    "desk_departures",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("key", String, nullable=False),
    Column("team", String, nullable=False),
    Column("kind", String, nullable=False),
    # the kind's traits, so that the queries for due work need no list of kinds
    Column("is_paced", Boolean, nullable=False),
    Column("is_reported", Boolean, nullable=False),
    Column("at_most_once", Boolean, nullable=False),
    Column("channel", String, nullable=False),
    Column("thread_ts", String),
    Column("state", String, nullable=False),
    Column("due_at", BigInteger),  # null while nothing is owed
    Column("created_at", BigInteger, nullable=False),
    Column("delivered_at", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("unsure", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("displayed", Integer, nullable=False),
    Column("message_ts", String),
    Column("error", String, nullable=False),
    Column("searched", String, nullable=False, server_default=""),
    Column("body", Text, nullable=False, info=personal(Personal.JSON)),
    UniqueConstraint("key"),
    Index("ix_desk_departures_due_at", "due_at"),
    Index("ix_desk_departures_message", "team", "channel", "message_ts"),
    Index("ix_desk_departures_state", "state"),
)

destinations = Table(
    "desk_destinations",
    metadata,
    Column("team", String, primary_key=True),
    Column("channel", String, primary_key=True),
    Column("next_at", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("holder", String, nullable=False),
)
