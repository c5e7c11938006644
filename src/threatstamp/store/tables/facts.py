"""Facts about vulnerabilities: bulk data, beside the record and no part of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Integer, MetaData, String, Table, Text

LAYOUT = 3
"""Raised with every change of these tables or of what their bodies mean. Facts of another layout are thrown
away and loaded again, so there are no migrations."""

facts_metadata = MetaData()

assessments = Table(
    "bulk_assessments",
    facts_metadata,
    Column("source", String, primary_key=True),
    Column("cve", String, primary_key=True),
    Column("version", String, nullable=False),
    Column("read_at", BigInteger, nullable=False),
    Column("body", Text, nullable=False),  # see `write_assessment`
)

fact_loads = Table(
    "bulk_fact_loads",
    facts_metadata,
    Column("source", String, primary_key=True),
    Column("edition", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("position", Integer, nullable=False),
    Column("broken", Integer, nullable=False),
    Column("began_at", BigInteger, nullable=False),
    Column("is_done", Integer, nullable=False),
)

fact_sources = Table(
    "bulk_fact_sources",
    facts_metadata,
    Column("source", String, primary_key=True),
    Column("cursor", Text, nullable=False),
    Column("tried_at", BigInteger, nullable=False),
    Column("fetched_at", BigInteger, nullable=True),
    Column("failures", Integer, nullable=False),
    Column("problem", Text, nullable=False),  # JSON; "" for none
    Column("holder", String, nullable=True),
    Column("held_until", BigInteger, nullable=True),
)

fact_changes = Table(
    "bulk_fact_changes",
    facts_metadata,
    Column("cve", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("before", Float, nullable=True),
    Column("after", Float, nullable=True),
)

fact_layout = Table(
    "bulk_fact_layout",
    facts_metadata,
    Column("layout", Integer, primary_key=True),
)
