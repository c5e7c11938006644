"""Names of the settings that were found in the workspace, and how far a search for a message has come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_names",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("found", sa.String(), nullable=False),
        sa.Column("called", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team", "name", name=op.f("pk_desk_names")),
    )
    # with a default, because SQLite adds no other column that must not be null to a table with rows
    op.add_column("desk_departures", sa.Column("searched", sa.String(), nullable=False, server_default=""))
