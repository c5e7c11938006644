"""Claims on feeds: who asks a feed now, so that several processes share the work and none does it twice."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, RowMapping, select, update

from threatstamp.core.feed import Feed, FeedClaim
from threatstamp.core.health import named
from threatstamp.store import tables
from threatstamp.store.news import read_state, state_values
from threatstamp.store.sql import insert_new

SECOND = 1_000_000
LONGEST_LEASE = 600 * SECOND
LONGEST_WAIT = 25 * 3_600 * SECOND
"""What lies further ahead was written while the clock was wrong."""


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
    if now < row["lease_until"] <= now + LONGEST_LEASE:
        return False
    if row["named"] != feed.url:
        return True  # another address in the file: nothing that the old one said holds it back
    if read_state(row).gone or now < row["held_until"] <= now + LONGEST_WAIT:
        return False
    return not due_only or not now < row["due_at"] <= now + LONGEST_WAIT


def take(
    connection: Connection, feed: Feed, row: RowMapping | None, *, until: int, holder: str
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
        .where(table.c.name == feed.name, table.c.token == row["token"])
        .values(**state_values(state), **lease, token=token)
    )
    return FeedClaim(state=state, token=token) if won.rowcount == 1 else None


def release(connection: Connection, claims: Iterable[FeedClaim]) -> None:
    """Ends claims that are still ours."""
    table = tables.feeds
    for claim in claims:
        mine = (table.c.name == claim.state.name) & (table.c.token == claim.token)
        connection.execute(update(table).where(mine).values(lease_until=0, holder=""))
