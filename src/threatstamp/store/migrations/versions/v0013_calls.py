"""Update calls to staff, and who was asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "desk_calls",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("case_id", _ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("by_date", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("departure_id", _ID, nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("tally", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["desk_cases.id"], name=op.f("fk_desk_calls_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_calls")),
        sa.UniqueConstraint("key", name=op.f("uq_desk_calls_key")),
    )
    op.create_table(
        "desk_call_people",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("call_id", _ID, nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("reminded_on", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["desk_calls.id"], name=op.f("fk_desk_call_people_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_call_people")),
        sa.UniqueConstraint("call_id", "user_id", name=op.f("uq_desk_call_people_call_id")),
    )
