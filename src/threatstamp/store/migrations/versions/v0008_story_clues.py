"""What stories can be found by, and why an entry belongs to one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_story_clues",
        sa.Column("clue", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["story"], ["desk_stories.id"], name=op.f("fk_desk_story_clues_story")),
        sa.PrimaryKeyConstraint("clue", "story", name=op.f("pk_desk_story_clues")),
    )
    op.create_index("ix_desk_story_clues_story", "desk_story_clues", ["story"])
    op.add_column("desk_entries", sa.Column("bond", sa.String(), nullable=True))
    # what joined before did so by its link: an entry of another feed than the one that began the story
    op.execute(
        "UPDATE desk_entries SET bond = 'link' WHERE feed <> "
        "(SELECT source FROM desk_stories WHERE desk_stories.id = desk_entries.story)"
    )
