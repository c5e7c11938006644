"""What can be searched: a row for each story and for each stamped post that displays none of them.

The words themselves are in `desk_words_index`, by the same id: for SQLite a table of FTS5 (a plain one where
that is missing), for PostgreSQL one with a `tsvector`. SQLAlchemy knows no such table: see `rows/words.py`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, UniqueConstraint

from threatstamp.store.tables.columns import Id, metadata

words = Table(
    "desk_words",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("story", String, ForeignKey("desk_stories.id")),
    # of a post that displays no story
    Column("team", String),
    Column("channel", String),
    Column("ts", String),
    Column("at", BigInteger, nullable=False),  # when it was recorded: ids are in this order
    UniqueConstraint("story"),
    UniqueConstraint("team", "channel", "ts"),
    Index("ix_desk_words_at", "at"),
)
