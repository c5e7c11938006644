"""Rows of feeds: the state of each, and which worker polls it now."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, Update, bindparam, select, update

from threatstamp.core.news.feed import Feed, FeedClaim, FeedState, Problem, Validators, read_reason
from threatstamp.core.news.health import is_about, named
from threatstamp.core.time import HOUR, SECOND, Micros
from threatstamp.store.rows.base import Rows, batches
from threatstamp.store.rows.claims import LONGEST_LEASE
from threatstamp.store.sql import insert_new
from threatstamp.store.tables.news import feeds

GRACE = 30 * SECOND
"""A round begins once a minute: a feed that is nearly due need not wait for the next one."""

LONGEST_WAIT = 25 * HOUR
"""A time further ahead is ignored: it was written while the clock was wrong, and would hold the feed back."""

_COLUMNS = ("name", "url", "named", "due_at", "held_until")
_PACKED = tuple(one.name for one in fields(FeedState) if one.name not in _COLUMNS)


class ReadFeedRows(Rows):
    """The ReadFeeds port."""

    def states(self) -> tuple[FeedState, ...]:
        rows = self.connection.execute(select(feeds).order_by(feeds.c.name)).mappings()
        return tuple(_read_state(row) for row in rows)


class FeedRows(ReadFeedRows):
    """The Feeds port."""

    def holds(self, claim: FeedClaim) -> bool:
        found = self.connection.execute(_token(), {"feed": claim.state.name})
        return bool(found.scalar() == claim.token)

    def put(self, claim: FeedClaim, state: FeedState) -> None:
        values = {**_state_values(state), "lease_until": 0, "holder": ""}
        which = {"feed": state.name, "had": claim.token}
        self.connection.execute(_setting(tuple(values)), {**values, **which})
        self._note_health(claim.state.problem, state)

    def _note_health(self, before: Problem | None, state: FeedState) -> None:
        """Notes when a problem of a feed begins, becomes another one, or ends."""
        now = state.problem
        if now is not None and (before is None or before.reason is not now.reason):
            self._note("feed_failing", feed=state.name, reason=now.reason.value, **now.values)
        elif before is not None and now is None:
            self._note("feed_well", feed=state.name)


@dataclass(frozen=True, slots=True)
class KnownFeed:
    """A feed that was polled before. is_new: the settings now have another address for it."""

    token: int
    state: FeedState
    is_new: bool


def claimable(
    connection: Connection, of: Iterable[Feed], *, now: Micros, due_only: bool, insist: bool
) -> list[tuple[Feed, KnownFeed | None]]:
    """Returns those of the feeds that may be polled now, each with what is on record; None for a new one.

    insist: also those that a back-off holds back, or that ended (410); never before a server's Retry-After.
    """
    found: list[tuple[Feed, KnownFeed | None]] = []
    for some in batches(of):
        result = connection.execute(_of_names(), {"names": [feed.name for feed in some]}).mappings()
        rows = {row["name"]: row for row in result}
        for feed in some:
            row = rows.get(feed.name)
            known = _known(feed, row, now=now, due_only=due_only, insist=insist) if row else None
            if row is None or known is not None:
                found.append((feed, known))
    return found


def _known(feed: Feed, row: RowMapping, *, now: Micros, due_only: bool, insist: bool) -> KnownFeed | None:
    """Returns what is on record of a feed; None if it may not be polled now."""
    if now < row["lease_until"] <= now + LONGEST_LEASE:
        return None
    state = _read_state(row)
    is_new = not is_about(state, feed)  # then a backoff, Retry-After or 410 of the old address does not count
    if not is_new:
        if now < (state.told_until if insist else state.held_until) <= now + LONGEST_WAIT:
            return None
        if due_only and now + GRACE < row["due_at"] <= now + LONGEST_WAIT:
            return None
    if state.gone and not (is_new or insist):
        return None
    return KnownFeed(row["token"], named(feed, state), is_new)


def take(
    connection: Connection, feed: Feed, known: KnownFeed | None, *, until: Micros, holder: str
) -> FeedClaim | None:
    """Claims one feed; None if another worker was quicker."""
    lease = {"lease_until": until, "holder": holder}
    if known is None:
        state = named(feed, None)
        made = insert_new(connection, feeds, **_state_values(state), **lease, token=1)
        return FeedClaim(state=state, token=1) if made else None
    changed = _state_values(known.state) if known.is_new else {}
    values = {**changed, **lease, "token": known.token + 1}
    which = {"feed": feed.name, "had": known.token}
    won = connection.execute(_setting(tuple(values)), {**values, **which})
    return FeedClaim(state=known.state, token=known.token + 1) if won.rowcount == 1 else None


def release(connection: Connection, claims: Iterable[FeedClaim]) -> None:
    """Ends claims that are still ours."""
    values = {"lease_until": 0, "holder": ""}
    for claim in claims:
        which = {"feed": claim.state.name, "had": claim.token}
        connection.execute(_setting(tuple(values)), {**values, **which})


@cache
def _of_names() -> Select[Any]:
    return select(feeds).where(feeds.c.name.in_(bindparam("names", expanding=True)))


@cache
def _token() -> Select[Any]:
    return select(feeds.c.token).where(feeds.c.name == bindparam("feed")).with_for_update()


@cache
def _setting(names: tuple[str, ...]) -> Update:
    """Sets these columns of the feed `feed`, if its token is still `had`: a conditional update."""
    made = update(feeds).where(feeds.c.name == bindparam("feed"), feeds.c.token == bindparam("had"))
    return made.values({name: bindparam(name) for name in names})


def _state_values(state: FeedState) -> dict[str, object]:
    body: dict[str, object] = {name: getattr(state, name) for name in _PACKED}
    problem = state.problem
    body["validators"] = asdict(state.validators)
    if problem is not None:
        body["problem"] = {
            "kind": problem.kind.value,
            "reason": problem.reason.value,
            "values": dict(problem.values),
        }
    columns = {name: getattr(state, name) for name in _COLUMNS}
    return {**columns, "state": json.dumps(body, ensure_ascii=False)}


def _read_state(row: RowMapping) -> FeedState:
    body = json.loads(row["state"])
    problem, validators = body.pop("problem"), body.pop("validators")
    if problem is not None:
        problem = Problem(reason=read_reason(problem["reason"]), values=problem["values"])
    body["news_at"] = tuple(body["news_at"])
    columns = {name: row[name] for name in _COLUMNS}
    return FeedState(**columns, **body, problem=problem, validators=Validators(**validators))
