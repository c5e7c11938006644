"""The tables. Times are whole microseconds since 1970; loose values are JSON text."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_Id = BigInteger().with_variant(Integer, "sqlite")


def _place() -> tuple[Column[str], Column[str], Column[str]]:
    return (
        Column("team", String, nullable=False),
        Column("channel", String, nullable=False),
        Column("ts", String, nullable=False),
    )


def _place_key() -> tuple[Column[str], Column[str], Column[str]]:
    return (
        Column("team", String, primary_key=True),
        Column("channel", String, primary_key=True),
        Column("ts", String, primary_key=True),
    )


inbox = Table(
    "desk_inbox",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("team", String, nullable=False),
    Column("event_id", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("due_at", BigInteger),  # when somebody may take it; none for one that failed for good
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    UniqueConstraint("event_id"),
)

posts = Table(
    "desk_posts",
    metadata,
    *_place_key(),
    Column("snapshot", Text),  # none while the post could not be read
    Column("gone", Boolean, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("edit_digest", String),
    Column("deleted_at", BigInteger),
)

marks = Table(
    "desk_marks",
    metadata,
    *_place_key(),
    Column("reaction", String, primary_key=True),
    Column("user_id", String, primary_key=True),
    Column("turn", String, primary_key=True),
    Column("at", BigInteger, primary_key=True),
    Column("received_at", BigInteger, nullable=False),
)

sightings = Table(
    "desk_sightings",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    *_place(),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=False),
    Column("reactions", Text, nullable=False),
    Index("ix_desk_sightings_place", "team", "channel", "ts", "started"),
    Index("ix_desk_sightings_ended", "ended"),
)

stamps = Table(
    "desk_stamps",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    *_place(),
    Column("post_channel", String, nullable=False),
    Column("post_ts", String, nullable=False),
    Column("reaction", String, nullable=False),
    Column("user_id", String, nullable=False),
    Column("turn", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("exact", Boolean, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Index("ix_desk_stamps_place", "team", "channel", "ts", "reaction", "user_id"),
    Index("ix_desk_stamps_post", "team", "post_channel", "post_ts", "reaction"),
)

tallies = Table(
    "desk_tallies",
    metadata,
    *_place_key(),
    Column("reaction", String, primary_key=True),
    Column("mark", String, primary_key=True),  # a digest: a reaction without a route is only counted
)

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
    Column("stamp_id", _Id, ForeignKey("desk_stamps.id"), primary_key=True),
    Column("route", String, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("judged_at", BigInteger, nullable=False),
    Index("ix_desk_verdicts_verdict", "verdict"),
)

departures = Table(
    "desk_departures",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("key", String, nullable=False),
    Column("team", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("thread_ts", String),
    Column("state", String, nullable=False),
    Column("due_at", BigInteger),  # none while nothing is owed
    Column("created_at", BigInteger, nullable=False),
    Column("delivered_at", BigInteger),
    Column("attempts", Integer, nullable=False),
    Column("unsure", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("message_ts", String),
    Column("error", String, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("key"),
    Index("ix_desk_departures_due_at", "due_at"),
    Index("ix_desk_departures_message", "team", "channel", "message_ts"),
    Index("ix_desk_departures_state", "state"),
)

forwards = Table(
    "desk_forwards",
    metadata,
    Column("departure_id", _Id, ForeignKey("desk_departures.id"), primary_key=True),
    *_place(),
    Column("reaction", String, nullable=False),
    Column("route", String, nullable=False),
    Column("destination", String, nullable=False),
    Column("user_id", String),
    Column("event_at", BigInteger),
    Column("policy", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Index("ix_desk_forwards_post", "team", "channel", "ts", "reaction"),
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
    Column("state", Text, nullable=False),  # the rest of it, which nobody searches
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
    Index("ix_desk_stories_link_key", "link_key"),
)

entries = Table(
    "desk_entries",
    metadata,
    Column("feed", String, primary_key=True),
    Column("entry_key", String, primary_key=True),  # a digest: an id may be longer than an index takes
    Column("entry_id", Text, nullable=False),
    Column("story", String, ForeignKey("desk_stories.id"), nullable=False),
    Column("shown_digest", String, nullable=False),
    Column("whole_digest", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("revised_at", BigInteger),
    Index("ix_desk_entries_story", "story"),
)

publications = Table(
    "desk_publications",
    metadata,
    Column("story", String, ForeignKey("desk_stories.id"), primary_key=True),
    Column("team", String, primary_key=True),
    Column("channel", String, primary_key=True),
    Column("departure_id", _Id, ForeignKey("desk_departures.id")),  # none: another app's post shows it
    Column("ts", String),
    Column("line", Integer, nullable=False),  # its place in a digest
    Index("ix_desk_publications_departure", "departure_id"),
)

troubles = Table(
    "desk_troubles",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("key", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("details", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("mended_at", BigInteger),
    Column("told", Integer, nullable=False),  # 0 nothing, 1 the trouble, 2 its end, too
    Index("ix_desk_troubles_key", "key"),
)

vitals = Table(
    "desk_vitals",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

ledger = Table(
    "desk_ledger",
    metadata,
    Column("sequence", _Id, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("hash", String, nullable=False),
)

ledger_bodies = Table(
    "desk_ledger_bodies",
    metadata,
    Column("sequence", _Id, ForeignKey("desk_ledger.sequence"), primary_key=True, autoincrement=False),
    Column("salt", String, nullable=False),
    Column("body", Text, nullable=False),
)
