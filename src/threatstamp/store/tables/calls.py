"""Update calls to staff, and who was asked."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table, Text, UniqueConstraint

from threatstamp.store.tables.columns import Id, Personal, metadata, personal

calls = Table(
    "desk_calls",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("case_id", Id, ForeignKey("desk_cases.id"), nullable=False),
    # of the form or command that sent it, so that an event that comes twice sends it once
    Column("key", String, nullable=False),
    Column("what", String, nullable=False),
    Column("version", String, nullable=False),
    Column("how", Text, nullable=False),
    # an ISO date
    Column("by_date", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("owner", String, nullable=False, info=personal(Personal.ID)),
    Column("sent_at", BigInteger, nullable=False),
    Column("departure_id", Id, nullable=False),
    Column("closed_at", BigInteger),
    # the counts at its end: JSON
    Column("tally", Text),
    UniqueConstraint("key"),
)

call_people = Table(
    "desk_call_people",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("call_id", Id, ForeignKey("desk_calls.id"), nullable=False),
    Column("user_id", String, nullable=False, info=personal(Personal.ID)),
    Column("zone", String, nullable=False),
    Column("answer", String),
    Column("answered_at", BigInteger),
    # an ISO date: the day of the last reminder
    Column("reminded_on", String),
    UniqueConstraint("call_id", "user_id"),
)
