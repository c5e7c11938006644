"""Facts about reactions (marks and looks), the turns derived from them, tallies, imported rows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text

from threatstamp.store.tables.columns import Id, Personal, metadata, personal, place, place_key

marks = Table(
    "desk_marks",
    metadata,
    *place_key(),
    Column("reaction", String, primary_key=True),
    Column("user_id", String, primary_key=True, info=personal(Personal.ID)),
    Column("kind", String, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("received_at", BigInteger, nullable=False),
)

looks = Table(
    "desk_looks",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    *place(),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Column("reactions", Text, nullable=False, info=personal(Personal.JSON)),
    Index("ix_desk_looks_place", "team", "channel", "ts", "started"),
    Index("ix_desk_looks_ended", "ended"),
)

turns = Table(
    "desk_turns",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    *place(),
    Column("post_channel", String, nullable=False),
    Column("post_ts", String, nullable=False),
    Column("reaction", String, nullable=False),
    Column("user_id", String, nullable=False, info=personal(Personal.ID)),
    Column("kind", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("exact", Boolean, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Index("ix_desk_turns_place", "team", "channel", "ts", "reaction", "user_id"),
    Index("ix_desk_turns_post", "team", "post_channel", "post_ts", "reaction"),
)

tallies = Table(
    "desk_tallies",
    metadata,
    *place_key(),
    Column("reaction", String, primary_key=True),
    # a digest, so that a repeated event counts once and nothing says who reacted
    Column("mark", String, primary_key=True),
)

imports = Table(
    "desk_imports",
    metadata,
    *place_key(),
    Column("reaction", String, primary_key=True),
    Column("recorded_at", BigInteger, nullable=False),
)
