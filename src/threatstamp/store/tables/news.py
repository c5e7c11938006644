"""Feeds, their entries, stories, and the posts that display stories."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from threatstamp.store.tables.columns import Id, metadata

feeds = Table(
    "desk_feeds",
    metadata,
    Column("name", String, primary_key=True),
    Column("url", Text, nullable=False),
    Column("named", Text, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("held_until", BigInteger, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("holder", String, nullable=False),
    Column("state", Text, nullable=False),  # JSON of the values that no query needs
)

stories = Table(
    "desk_stories",
    metadata,
    Column("id", String, primary_key=True),
    Column("link_key", String),
    Column("title", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("source", String, nullable=False),
    Column("published_at", BigInteger),
    Column("made_at", BigInteger, nullable=False),
    Column("told_at", BigInteger, nullable=False),  # when the newest of its entries was recorded
    Column("joined", String),  # the story that it goes on in, since a person said so
    Column("kind", String),  # of what kind a person said that it is
    Index("ix_desk_stories_link_key", "link_key"),
    Index("ix_desk_stories_joined", "joined"),
    Index("ix_desk_stories_told_at", "told_at"),
)

entries = Table(
    "desk_entries",
    metadata,
    Column("feed", String, primary_key=True),
    # a digest of the id, which may be longer than PostgreSQL allows in an index (about 2,700 bytes)
    Column("entry_key", String, primary_key=True),
    Column("entry_id", Text, nullable=False),
    Column("story", String, ForeignKey("desk_stories.id"), nullable=False),
    Column("bond", String),  # why it joined the story; null: it began it
    Column("recorded_story", String),  # story and bond in the ledger, of an entry that a person moved since
    Column("recorded_bond", String),
    Column("visible_digest", String, nullable=False),
    Column("whole_digest", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("revised_at", BigInteger),
    Column("left_out_at", BigInteger),  # when it was not posted, since it does not concern the company
    Index("ix_desk_entries_story", "story"),
    Index("ix_desk_entries_recorded_story", "recorded_story"),
    Index("ix_desk_entries_left_out_at", "left_out_at"),
)

story_ids = Table(
    "desk_story_ids",
    metadata,
    Column("id", String, primary_key=True),  # see `id_key`
    Column("story", String, ForeignKey("desk_stories.id"), primary_key=True),
    Index("ix_desk_story_ids_story", "story"),
)
"""Which stories name which vulnerability, weakness or advisory, so that nobody has to read all of them."""

publications = Table(
    "desk_publications",
    metadata,
    Column("story", String, ForeignKey("desk_stories.id"), primary_key=True),
    Column("team", String, primary_key=True),
    Column("channel", String, primary_key=True),
    Column("departure_id", Id, ForeignKey("desk_departures.id")),  # null: another app's post displays it
    Column("ts", String),  # of that post
    Column("line", Integer, nullable=False),  # its position in a digest
    Index("ix_desk_publications_departure", "departure_id"),
)
