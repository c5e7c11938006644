"""The first tables. No release had an earlier form of them, so nothing is migrated from it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_contacts",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("covers", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team", "channel", "route", name=op.f("pk_desk_contacts")),
    )
    op.create_table(
        "desk_departures",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("is_paced", sa.Boolean(), nullable=False),
        sa.Column("is_reported", sa.Boolean(), nullable=False),
        sa.Column("at_most_once", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("thread_ts", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("displayed", sa.Integer(), nullable=False),
        sa.Column("message_ts", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_departures")),
        sa.UniqueConstraint("key", name=op.f("uq_desk_departures_key")),
    )
    op.create_index("ix_desk_departures_due_at", "desk_departures", ["due_at"], unique=False)
    op.create_index(
        "ix_desk_departures_message", "desk_departures", ["team", "channel", "message_ts"], unique=False
    )
    op.create_index("ix_desk_departures_state", "desk_departures", ["state"], unique=False)
    op.create_table(
        "desk_destinations",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("team", "channel", name=op.f("pk_desk_destinations")),
    )
    op.create_table(
        "desk_feeds",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_desk_feeds")),
    )
    op.create_table(
        "desk_inbox",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_inbox")),
        sa.UniqueConstraint("event_id", name=op.f("uq_desk_inbox_event_id")),
    )
    op.create_table(
        "desk_ledger",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_desk_ledger")),
    )
    op.create_table(
        "desk_looks",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("reactions", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_looks")),
    )
    op.create_index("ix_desk_looks_ended", "desk_looks", ["ended"], unique=False)
    op.create_index("ix_desk_looks_place", "desk_looks", ["team", "channel", "ts", "started"], unique=False)
    op.create_table(
        "desk_marks",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("reaction", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "team", "channel", "ts", "reaction", "user_id", "kind", "at", name=op.f("pk_desk_marks")
        ),
    )
    op.create_table(
        "desk_posts",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("edit_digest", sa.String(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("team", "channel", "ts", name=op.f("pk_desk_posts")),
    )
    op.create_table(
        "desk_stories",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("link_key", sa.String(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_stories")),
    )
    op.create_index("ix_desk_stories_link_key", "desk_stories", ["link_key"], unique=False)
    op.create_table(
        "desk_tallies",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("reaction", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("team", "channel", "ts", "reaction", "mark", name=op.f("pk_desk_tallies")),
    )
    op.create_table(
        "desk_troubles",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("fixed_at", sa.BigInteger(), nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_troubles")),
    )
    op.create_index("ix_desk_troubles_subject", "desk_troubles", ["kind", "subject"], unique=False)
    op.create_table(
        "desk_turns",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("post_channel", sa.String(), nullable=False),
        sa.Column("post_ts", sa.String(), nullable=False),
        sa.Column("reaction", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("exact", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_turns")),
    )
    op.create_index(
        "ix_desk_turns_place", "desk_turns", ["team", "channel", "ts", "reaction", "user_id"], unique=False
    )
    op.create_index(
        "ix_desk_turns_post", "desk_turns", ["team", "post_channel", "post_ts", "reaction"], unique=False
    )
    op.create_table(
        "desk_vitals",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_desk_vitals")),
    )
    op.create_table(
        "desk_entries",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("visible_digest", sa.String(), nullable=False),
        sa.Column("whole_digest", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("revised_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["story"], ["desk_stories.id"], name=op.f("fk_desk_entries_story")),
        sa.PrimaryKeyConstraint("feed", "entry_key", name=op.f("pk_desk_entries")),
    )
    op.create_index("ix_desk_entries_story", "desk_entries", ["story"], unique=False)
    op.create_table(
        "desk_forwards",
        sa.Column("departure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("reaction", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=True),
        sa.Column("event_at", sa.BigInteger(), nullable=True),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["departure_id"], ["desk_departures.id"], name=op.f("fk_desk_forwards_departure_id")
        ),
        sa.PrimaryKeyConstraint("departure_id", name=op.f("pk_desk_forwards")),
    )
    op.create_index(
        "ix_desk_forwards_post", "desk_forwards", ["team", "channel", "ts", "reaction"], unique=False
    )
    op.create_table(
        "desk_ledger_bodies",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sequence"], ["desk_ledger.sequence"], name=op.f("fk_desk_ledger_bodies_sequence")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_desk_ledger_bodies")),
    )
    op.create_table(
        "desk_publications",
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("departure_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ts", sa.String(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["departure_id"], ["desk_departures.id"], name=op.f("fk_desk_publications_departure_id")
        ),
        sa.ForeignKeyConstraint(["story"], ["desk_stories.id"], name=op.f("fk_desk_publications_story")),
        sa.PrimaryKeyConstraint("story", "team", "channel", name=op.f("pk_desk_publications")),
    )
    op.create_index("ix_desk_publications_departure", "desk_publications", ["departure_id"], unique=False)
    op.create_table(
        "desk_verdicts",
        sa.Column("stamp_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("judged_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["stamp_id"], ["desk_turns.id"], name=op.f("fk_desk_verdicts_stamp_id")),
        sa.PrimaryKeyConstraint("stamp_id", "route", name=op.f("pk_desk_verdicts")),
    )
    op.create_index("ix_desk_verdicts_verdict", "desk_verdicts", ["verdict"], unique=False)
