"""Words of stories and stamped posts can be searched, those on record already, too; what was left out."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from threatstamp.store.wording import create_index, write_words

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

AT_ONCE = 1_000
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "desk_words",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("story", sa.String(), nullable=True),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=True),
        sa.Column("ts", sa.String(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["story"], ["desk_stories.id"], name=op.f("fk_desk_words_story")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_words")),
        sa.UniqueConstraint("story", name=op.f("uq_desk_words_story")),
        sa.UniqueConstraint("team", "channel", "ts", name=op.f("uq_desk_words_team")),
    )
    op.create_index("ix_desk_words_at", "desk_words", ["at"])
    op.add_column("desk_entries", sa.Column("left_out_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_desk_entries_left_out_at", "desk_entries", ["left_out_at"])
    connection = op.get_bind()
    create_index(connection)
    fill(connection)


def fill(connection: sa.Connection) -> None:
    """Reads stories and posts once each, in the order of time, a thousand at a time."""
    both = heapq.merge(_stories(connection), _posts(connection), key=lambda one: one[0])
    for number, (at, values, text) in enumerate(both, 1):
        row = {"story": None, "team": None, "channel": None, "ts": None, **values}
        connection.execute(_ROW, {**row, "id": number, "at": at})
        write_words(connection, [(number, text)])
    if connection.dialect.name == "postgresql":  # ids were given here, and not by the sequence
        connection.execute(
            sa.text(
                "SELECT setval(pg_get_serial_sequence('desk_words', 'id'),"
                " (SELECT coalesce(max(id), 0) + 1 FROM desk_words), false)"
            )
        )


_ROW = sa.text(
    "INSERT INTO desk_words (id, story, team, channel, ts, at)"
    " VALUES (:id, :story, :team, :channel, :ts, :at)"
)

Found = tuple[int, dict[str, str], str]


def _stories(connection: sa.Connection) -> Iterator[Found]:
    query = sa.text(
        "SELECT id, made_at FROM desk_stories WHERE (made_at, id) > (:at, :id)"
        " ORDER BY made_at, id LIMIT :most"
    )
    told = sa.text("SELECT body FROM desk_entries WHERE story = :story ORDER BY seen_at")
    last: dict[str, Any] = {"at": -1, "id": ""}
    while rows := connection.execute(query, {**last, "most": AT_ONCE}).all():
        for row in rows:
            bodies = connection.execute(told, {"story": row.id}).scalars().all()
            yield row.made_at, {"story": row.id}, "\n".join(text for body in bodies for text in _said(body))
        last = {"at": rows[-1].made_at, "id": rows[-1].id}


def _said(body: str) -> Iterator[str]:
    said = json.loads(body)
    yield from (said.get(name) or "" for name in ("title", "summary"))
    for one in said.get("elements", ()):
        yield one["text"]
        yield from (value for _, value in one["attributes"])


def _posts(connection: sa.Connection) -> Iterator[Found]:
    query = sa.text(
        "SELECT team, channel, ts, taken_at, snapshot FROM desk_posts p"
        " WHERE (taken_at, team, channel, ts) > (:at, :team, :channel, :ts) AND snapshot IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM desk_publications q WHERE q.team = p.team AND q.channel = p.channel"
        " AND q.ts = p.ts) AND NOT EXISTS (SELECT 1 FROM desk_publications q JOIN desk_departures d"
        " ON d.id = q.departure_id WHERE d.team = p.team AND d.channel = p.channel AND d.message_ts = p.ts)"
        " ORDER BY taken_at, team, channel, ts LIMIT :most"
    )
    last: dict[str, Any] = {"at": -1, "team": "", "channel": "", "ts": ""}
    while rows := connection.execute(query, {**last, "most": AT_ONCE}).all():
        for row in rows:
            said = json.loads(row.snapshot)
            text = "\n".join(filter(None, (said.get("title"), said.get("text"))))
            if text:
                yield row.taken_at, {"team": row.team, "channel": row.channel, "ts": row.ts}, text
        end = rows[-1]
        last = {"at": end.taken_at, "team": end.team, "channel": end.channel, "ts": end.ts}
