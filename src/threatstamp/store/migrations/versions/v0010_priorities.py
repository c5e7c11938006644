"""The last ruling about each story."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_priorities",
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("cve", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("gist", sa.String(), nullable=False),
        sa.Column("assessed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["story"], ["desk_stories.id"], name=op.f("fk_desk_priorities_story")),
        sa.PrimaryKeyConstraint("story", name=op.f("pk_desk_priorities")),
    )
