"""Decisions that wait for a second decider."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("desk_cases", sa.Column("pending", sa.Integer(), nullable=True))
