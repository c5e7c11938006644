"""First contacts of routes with source channels, their verdicts on stamps, and forwards."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from threatstamp.store.tables.columns import Id, Personal, metadata, personal, place

contacts = Table(
    "desk_contacts",
    metadata,
    Column("team", String, primary_key=True),
    Column("channel", String, primary_key=True),
    Column("route", String, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("looked_at", BigInteger),
    Column("covers", BigInteger, nullable=False),
)

verdicts = Table(
    "desk_verdicts",
    metadata,
    Column("stamp_id", Id, ForeignKey("desk_turns.id"), primary_key=True),
    Column("route", String, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("judged_at", BigInteger, nullable=False),
    Index("ix_desk_verdicts_verdict", "verdict"),
)

forwards = Table(
    "desk_forwards",
    metadata,
    Column("departure_id", Id, ForeignKey("desk_departures.id"), primary_key=True),
    *place(),
    Column("reaction", String, nullable=False),
    Column("route", String, nullable=False),
    Column("destination", String, nullable=False),
    Column("user_id", String, info=personal(Personal.ID)),
    Column("event_at", BigInteger),
    Column("policy", Text, nullable=False, info=personal(Personal.JSON)),  # an Order
    Column("recorded_at", BigInteger, nullable=False),
    Index("ix_desk_forwards_post", "team", "channel", "ts", "reaction"),
)
