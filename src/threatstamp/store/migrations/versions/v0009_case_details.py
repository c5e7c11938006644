"""Priority and due date of a case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("desk_cases", sa.Column("priority", sa.String(), nullable=True))
    op.add_column("desk_cases", sa.Column("due_on", sa.String(), nullable=True))
