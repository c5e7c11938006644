"""Cases, and each of their moves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "desk_cases",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("ts", sa.String(), nullable=False),
        sa.Column("track", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("decision", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_cases")),
        sa.UniqueConstraint("team", "channel", "ts", name=op.f("uq_desk_cases_team")),
    )
    op.create_table(
        "desk_case_moves",
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("choice", sa.String(), nullable=True),
        sa.Column("by_user", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["desk_cases.id"], name=op.f("fk_desk_case_moves_case_id")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_desk_case_moves")),
        sa.UniqueConstraint("key", name=op.f("uq_desk_case_moves_key")),
    )
    op.create_index("ix_desk_case_moves_at", "desk_case_moves", ["at"])
