"""The last ruling about each story, and what people have said of products; earlier ones are in the ledger."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from threatstamp.store.tables.columns import Id, Personal, metadata, personal

priorities = Table(
    "desk_priorities",
    metadata,
    Column("story", String, ForeignKey("desk_stories.id"), primary_key=True),
    Column("cve", String, nullable=False),
    Column("priority", String, nullable=False),
    Column("outcome", String),
    # of what the priority follows from; the same as long as nobody needs to be told anything
    Column("gist", String, nullable=False),
    Column("assessed_at", BigInteger, nullable=False),
    Column("ruling", Text),  # JSON, as the ledger has it
    Column("touches", Text),  # JSON of the products; null: nobody has looked for any yet
    Column("seen", Text),  # JSON of what was known then, with which the next assessment compares
    Column("shown", String),  # of what messages show of it
    Column("asks", Text),  # JSON of products of which somebody should say whether the internet reaches them
    Column("owed_at", BigInteger),  # since when messages show something else; null: they do not
    Index("ix_desk_priorities_owed_at", "owed_at"),
)

exposures = Table(
    "desk_exposures",
    metadata,
    Column("product", String, primary_key=True),  # see `product_key`
    Column("name", String, nullable=False),
    Column("question_id", Id, ForeignKey("desk_departures.id")),  # null: nobody was asked in Slack
    Column("shown", String, nullable=False),  # what its message says
    Column("answer", String),  # yes or no; null: nobody has answered yet, and so are the next three
    Column("by_user", String, info=personal(Personal.ID)),
    Column("way", String),
    Column("answered_at", BigInteger),
)
