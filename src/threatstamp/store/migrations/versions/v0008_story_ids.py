"""Which stories name which ids, out of the entries on record, and why an entry belongs to its story."""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from threatstamp.core.facts.keys import id_keys

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT_ONCE = 1_000


def upgrade() -> None:
    op.create_table(
        "desk_story_ids",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["story"], ["desk_stories.id"], name=op.f("fk_desk_story_ids_story")),
        sa.PrimaryKeyConstraint("id", "story", name=op.f("pk_desk_story_ids")),
    )
    op.create_index("ix_desk_story_ids_story", "desk_story_ids", ["story"])
    _fill(op.get_bind())
    op.add_column("desk_entries", sa.Column("bond", sa.String(), nullable=True))
    # what joined before did so by its link: an entry of another feed than the one that began the story
    op.execute(
        "UPDATE desk_entries SET bond = 'link' WHERE feed <> "
        "(SELECT source FROM desk_stories WHERE desk_stories.id = desk_entries.story)"
    )
    op.add_column(
        "desk_stories", sa.Column("told_at", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    )
    op.execute("UPDATE desk_stories SET told_at = made_at")


def _fill(connection: sa.Connection) -> None:
    """Reads every entry once, in the order of its key, so that memory holds a thousand of them at most."""
    query = sa.text(
        "SELECT feed, entry_key, story, body FROM desk_entries WHERE (feed, entry_key) > (:feed, :entry_key)"
        " ORDER BY feed, entry_key LIMIT :most"
    )
    insertion = sa.text("INSERT INTO desk_story_ids (id, story) VALUES (:id, :story) ON CONFLICT DO NOTHING")
    last = {"feed": "", "entry_key": ""}
    while True:
        rows = connection.execute(query, {**last, "most": AT_ONCE}).all()
        found = [{"id": key, "story": row.story} for row in rows for key in id_keys(*_texts(row.body))]
        if found:
            connection.execute(insertion, found)
        if len(rows) < AT_ONCE:
            return
        last = {"feed": rows[-1].feed, "entry_key": rows[-1].entry_key}


def _texts(body: str) -> Iterator[str]:
    said = json.loads(body)
    yield from (said.get(name) or "" for name in ("title", "summary", "link"))
    for one in said.get("elements", ()):
        yield one["text"]
        yield from (value for _, value in one["attributes"])
