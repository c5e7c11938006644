"""Of what kind a person said that a story is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("desk_stories", sa.Column("kind", sa.String(), nullable=True))
