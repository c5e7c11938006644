"""Open cases are found by their due date and their owner."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_desk_cases_state", "desk_cases", ["state", "due_on"])
    op.create_index("ix_desk_cases_owner", "desk_cases", ["owner"])
