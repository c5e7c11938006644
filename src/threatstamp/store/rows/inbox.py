"""Rows of the inbox: one per event, until it is processed.

An event's lease is its `due_at` in the future, and `attempts` is its fencing token.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, select, update

from threatstamp.core.time import Micros
from threatstamp.desk.ports.inbox import InboxEvent
from threatstamp.store.rows.base import Rows
from threatstamp.store.sql import insert_new
from threatstamp.store.tables.inbox import inbox


class ReadInboxRows(Rows):
    """The ReadInbox port."""

    def counts(self) -> tuple[int, int]:
        query = select(func.count(), func.count(inbox.c.due_at))
        everything, waiting = self.connection.execute(query).one()
        return int(waiting), int(everything - waiting)


class InboxRows(ReadInboxRows):
    """The Inbox port."""

    def forget(self, event: int) -> None:
        self.connection.execute(delete(inbox).where(inbox.c.id == event))


def keep(
    connection: Connection, event_id: str, body: str, *, team: str, now: Micros, until: Micros
) -> InboxEvent | None:
    """Inserts an event, claimed by the caller; None if it is known already."""
    made = insert_new(
        connection,
        inbox,
        team=team,
        event_id=event_id,
        body=body,
        received_at=now,
        due_at=until,
        attempts=1,
        error="",
    )
    return InboxEvent(id=made[0], body=body, attempts=1) if made else None


def due(connection: Connection, *, now: Micros, limit: int) -> Sequence[InboxEvent]:
    """Returns events that no worker has now, oldest first."""
    rows = connection.execute(
        select(inbox.c.id, inbox.c.attempts, inbox.c.body)
        .where(inbox.c.due_at <= now)
        .order_by(inbox.c.id)
        .limit(limit)
    )
    return [InboxEvent(id=row.id, body=row.body, attempts=row.attempts) for row in rows]


def take(connection: Connection, event: InboxEvent, *, now: Micros, until: Micros) -> InboxEvent | None:
    """Claims an event as it was read; None if another worker was quicker."""
    won = connection.execute(
        update(inbox)
        .where(inbox.c.id == event.id, inbox.c.due_at <= now, inbox.c.attempts == event.attempts)
        .values(due_at=until, attempts=event.attempts + 1)
    )
    if won.rowcount != 1:
        return None
    return InboxEvent(id=event.id, body=event.body, attempts=event.attempts + 1)


def put_back(connection: Connection, event: InboxEvent, *, due_at: Micros | None, error: str) -> None:
    """Postpones an event. due_at: None if it failed for good, and is only kept for an operator."""
    connection.execute(update(inbox).where(inbox.c.id == event.id).values(due_at=due_at, error=error))


def purge(connection: Connection, *, failed_before: Micros) -> None:
    """Deletes failed events that arrived before that."""
    connection.execute(delete(inbox).where(inbox.c.due_at.is_(None), inbox.c.received_at < failed_before))
