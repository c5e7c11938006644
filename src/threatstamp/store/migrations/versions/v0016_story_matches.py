"""The products that a story concerns, and what its messages show of its priority."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("ruling", "touches", "seen"):
        op.add_column("desk_priorities", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("desk_priorities", sa.Column("shown", sa.String(), nullable=True))
    op.add_column("desk_priorities", sa.Column("owed_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_desk_priorities_owed_at", "desk_priorities", ["owed_at"])
