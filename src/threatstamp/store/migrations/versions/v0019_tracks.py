"""Tracks of one's own and checklists: of what kind a case is, what has to be done, and what is done of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("desk_cases", sa.Column("kind", sa.String(), nullable=True))
    op.add_column("desk_cases", sa.Column("checklist", sa.Text(), nullable=True))
    op.add_column("desk_cases", sa.Column("ticked", sa.String(), nullable=True))
    op.add_column("desk_cases", sa.Column("clock_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_desk_cases_clock", "desk_cases", ["clock_at"])
