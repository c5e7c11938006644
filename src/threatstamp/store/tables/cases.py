"""Cases, and each of their moves."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from threatstamp.store.tables.columns import Id, Personal, metadata, personal, place

cases = Table(
    "desk_cases",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    *place(),
    Column("track", String, nullable=False),
    # the built-in track that it starts from; null in older rows, whose track is built in
    Column("kind", String),
    # [{"hours", "ja", "en"}], as it was when the case was opened
    Column("checklist", Text),
    # the numbers of the steps that are done: [1, 3]
    Column("ticked", String),
    # when the next clock of a step runs out
    Column("clock_at", BigInteger),
    Column("state", String, nullable=False),
    Column("version", Integer, nullable=False),
    Column("owner", String, info=personal(Personal.ID)),
    Column("decision", Integer),
    # the number of a move, too
    Column("pending", Integer),
    Column("opened_at", BigInteger, nullable=False),
    Column("opened_by", String, nullable=False, info=personal(Personal.ID)),
    Column("priority", String),
    # an ISO date
    Column("due_on", String),
    UniqueConstraint("team", "channel", "ts"),
    Index("ix_desk_cases_state", "state", "due_on"),
    Index("ix_desk_cases_owner", "owner"),
    Index("ix_desk_cases_clock", "clock_at"),
)

case_moves = Table(
    "desk_case_moves",
    metadata,
    Column("case_id", Id, ForeignKey("desk_cases.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    # what the person did it by, so that an event that comes twice counts once
    Column("key", String, nullable=False),
    Column("act", String, nullable=False),
    Column("choice", String),
    Column("by_user", String, nullable=False, info=personal(Personal.ID)),
    Column("way", String, nullable=False),
    # {"user", "text"}: the reason, which is emptied with its author; and the details that are not None
    Column("said", Text, nullable=False, info=personal(Personal.JSON)),
    Column("before", String, nullable=False),
    Column("after", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    UniqueConstraint("key"),
    Index("ix_desk_case_moves_at", "at"),
)
