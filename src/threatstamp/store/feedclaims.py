"""Claims on feeds: who asks a feed now, so that several processes share the work and none does it twice."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, RowMapping, select, update

from threatstamp.core.feed import Feed, FeedClaim
from threatstamp.core.health import named
from threatstamp.store import tables
from threatstamp.store.news import read_state, state_values
from threatstamp.store.sql import insert_new


def claimable(
    connection: Connection, feeds: Iterable[Feed], *, now: int, due_only: bool
) -> list[tuple[Feed, RowMapping | None]]:
    """Returns the feeds that may be asked now, each with its row if it has one."""
    rows = {row["name"]: row for row in connection.execute(select(tables.feeds)).mappings()}
    found = [(feed, rows.get(feed.name)) for feed in feeds]
    return [(feed, row) for feed, row in found if _may_ask(feed, row, now=now, due_only=due_only)]


def _may_ask(feed: Feed, row: RowMapping | None, *, now: int, due_only: bool) -> bool:
    if row is None:
        return True
    if row["lease_until"] > now:
        return False
    if row["named"] != feed.url:
        return True  # another address in the file: nothing that the old one said holds it back
    if read_state(row).gone or row["held_until"] > now:
        return False
    return not due_only or row["due_at"] <= now


def take(
    connection: Connection, feed: Feed, row: RowMapping | None, *, now: int, until: int, holder: str
) -> FeedClaim | None:
    """Claims one feed; None if somebody else was quicker."""
    state = named(feed, read_state(row) if row else None)
    lease = {"lease_until": until, "holder": holder}
    if row is None:
        made = insert_new(connection, tables.feeds, **state_values(state), **lease, token=1)
        return FeedClaim(state=state, token=1) if made else None
    table, token = tables.feeds, row["token"] + 1
    won = connection.execute(
        update(table)
        .where(table.c.name == feed.name, table.c.token == row["token"], table.c.lease_until <= now)
        .values(**state_values(state), **lease, token=token)
    )
    return FeedClaim(state=state, token=token) if won.rowcount == 1 else None
