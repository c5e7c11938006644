"""Feeds, their entries, the stories that these tell, and where each story is shown."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
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
    op.create_index("ix_desk_stories_link_key", "desk_stories", ["link_key"])
    op.create_table(
        "desk_entries",
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("shown_digest", sa.String(), nullable=False),
        sa.Column("whole_digest", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("revised_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["story"], ["desk_stories.id"], name=op.f("fk_desk_entries_story")),
        sa.PrimaryKeyConstraint("feed", "entry_key", name=op.f("pk_desk_entries")),
    )
    op.create_index("ix_desk_entries_story", "desk_entries", ["story"])
    op.create_table(
        "desk_publications",
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("departure_id", _Id, nullable=True),
        sa.Column("ts", sa.String(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["story"], ["desk_stories.id"], name=op.f("fk_desk_publications_story")),
        sa.ForeignKeyConstraint(
            ["departure_id"], ["desk_departures.id"], name=op.f("fk_desk_publications_departure_id")
        ),
        sa.PrimaryKeyConstraint("story", "team", "channel", name=op.f("pk_desk_publications")),
    )
    op.create_index("ix_desk_publications_departure", "desk_publications", ["departure_id"])


def downgrade() -> None:
    for table in ("desk_publications", "desk_entries", "desk_stories", "desk_feeds"):
        op.drop_table(table)
