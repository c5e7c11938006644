"""Which stories were reviewed by one act, and when a story was told last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_reviews",
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("act", sa.BigInteger(), nullable=False),
        sa.Column("reviewed_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["story"], ["desk_stories.id"], name=op.f("fk_desk_reviews_story")),
        sa.PrimaryKeyConstraint("story", name=op.f("pk_desk_reviews")),
    )
    op.create_index("ix_desk_reviews_act", "desk_reviews", ["act"])
    op.create_index("ix_desk_reviews_ended_at", "desk_reviews", ["ended_at"])
    op.create_index("ix_desk_stories_told_at", "desk_stories", ["told_at"])
