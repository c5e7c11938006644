"""Claims on feeds: who asks a feed now, so that several processes share the work and none does it twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, select

from threatstamp.core.feed import Feed, FeedClaim, FeedState
from threatstamp.core.health import named
from threatstamp.store import tables
from threatstamp.store.claims import LONGEST_LEASE, SECOND
from threatstamp.store.news import batches, read_state, setting, state_values
from threatstamp.store.sql import insert_new

GRACE = 30 * SECOND
"""Feeds are looked for once a minute: one that is nearly due need not wait for the next time."""

LONGEST_WAIT = 25 * 3_600 * SECOND
"""What lies further ahead was written while the clock was wrong."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A feed that was asked before. is_new: the file names another address than the row, which says less."""

    token: int
    state: FeedState
    is_new: bool


def claimable(
    connection: Connection, feeds: Iterable[Feed], *, now: int, due_only: bool
) -> list[tuple[Feed, Kept | None]]:
    """Returns the feeds that may be asked now, each with what is on record of it."""
    found: list[tuple[Feed, Kept | None]] = []
    for some in batches(feeds):
        asked = connection.execute(_of_names(), {"names": [feed.name for feed in some]}).mappings()
        rows = {row["name"]: row for row in asked}
        for feed in some:
            row = rows.get(feed.name)
            kept = _kept(feed, row, now=now, due_only=due_only) if row else None
            if row is None or kept is not None:
                found.append((feed, kept))
    return found


def _kept(feed: Feed, row: RowMapping, *, now: int, due_only: bool) -> Kept | None:
    """Returns what is on record of a feed; None if it may not be asked."""
    if now < row["lease_until"] <= now + LONGEST_LEASE:
        return None
    is_new = row["named"] != feed.url  # then nothing that the old address said holds it back
    if not is_new:
        if now < row["held_until"] <= now + LONGEST_WAIT:
            return None
        if due_only and now + GRACE < row["due_at"] <= now + LONGEST_WAIT:
            return None
    state = read_state(row)
    if state.gone and not is_new:
        return None
    return Kept(row["token"], named(feed, state), is_new)


def take(
    connection: Connection, feed: Feed, kept: Kept | None, *, until: int, holder: str
) -> FeedClaim | None:
    """Claims one feed; None if somebody else was quicker."""
    lease = {"lease_until": until, "holder": holder}
    if kept is None:
        state = named(feed, None)
        made = insert_new(connection, tables.feeds, **state_values(state), **lease, token=1)
        return FeedClaim(state=state, token=1) if made else None
    changed = state_values(kept.state) if kept.is_new else {}
    values = {**changed, **lease, "token": kept.token + 1}
    which = {"feed": feed.name, "had": kept.token}
    won = connection.execute(setting(tuple(values)), {**values, **which})
    return FeedClaim(state=kept.state, token=kept.token + 1) if won.rowcount == 1 else None


def release(connection: Connection, claims: Iterable[FeedClaim]) -> None:
    """Ends claims that are still ours."""
    values = {"lease_until": 0, "holder": ""}
    for claim in claims:
        which = {"feed": claim.state.name, "had": claim.token}
        connection.execute(setting(tuple(values)), {**values, **which})


@cache
def _of_names() -> Select[Any]:
    return select(tables.feeds).where(tables.feeds.c.name.in_(bindparam("names", expanding=True)))
