"""Posts as they were when they were first stamped."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, String, Table, Text

from threatstamp.store.tables.columns import Personal, metadata, personal, place_key

posts = Table(
    "desk_posts",
    metadata,
    *place_key(),
    Column("snapshot", Text, info=personal(Personal.JSON)),  # null if the post could not be read yet
    Column("gone", Boolean, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("edit_digest", String),
    Column("deleted_at", BigInteger),
)
