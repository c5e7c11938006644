"""Whether the internet reaches products: who was asked, and what people answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("desk_priorities", sa.Column("asks", sa.Text(), nullable=True))
    op.create_table(
        "desk_exposures",
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("question_id", _ID, nullable=True),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("by_user", sa.String(), nullable=True),
        sa.Column("way", sa.String(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["question_id"], ["desk_departures.id"], name=op.f("fk_desk_exposures_question_id")
        ),
        sa.PrimaryKeyConstraint("product", name=op.f("pk_desk_exposures")),
    )
