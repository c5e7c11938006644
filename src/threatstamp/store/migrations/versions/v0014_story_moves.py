"""Entries that a person moved between stories, and stories that go on in others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("desk_entries", sa.Column("recorded_story", sa.String(), nullable=True))
    op.add_column("desk_entries", sa.Column("recorded_bond", sa.String(), nullable=True))
    op.add_column("desk_stories", sa.Column("joined", sa.String(), nullable=True))
    op.create_index("ix_desk_entries_recorded_story", "desk_entries", ["recorded_story"])
    op.create_index("ix_desk_stories_joined", "desk_stories", ["joined"])
