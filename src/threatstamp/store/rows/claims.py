"""Claims on destinations: at any time one worker may execute departures to a channel.

A claim is a conditional update of the destination's row. Its *lease* is the time until which nobody else can
claim. Its *token* grows with each claim, so that a holder who was paused past the lease finds that it lost
the claim. A process never ends leases that its predecessor left: it cannot know that the predecessor is dead.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Update,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)

from threatstamp.core.outbox.claim import Claim
from threatstamp.core.outbox.departure import State
from threatstamp.core.time import HOUR, MINUTE, Micros
from threatstamp.store.rows.base import Rows
from threatstamp.store.rows.outbox import read_departure
from threatstamp.store.sql import rows_at, set_row
from threatstamp.store.tables.outbox import departures, destinations

LONGEST_LEASE = 3 * MINUTE
"""No lease is longer; see `_is_over`."""

LONGEST_REST = 2 * HOUR
"""No destination rests longer: the client believes no Retry-After of more than an hour."""

_same = and_(departures.c.team == destinations.c.team, departures.c.channel == destinations.c.channel)
_mine = and_(
    destinations.c.team == bindparam("in_team"),
    destinations.c.channel == bindparam("at_channel"),
    destinations.c.token == bindparam("had"),
)


class ClaimRows(Rows):
    """The Claims port."""

    def holds(self, claim: Claim) -> bool:
        values = {"team": claim.departure.team, "channel": claim.departure.channel}
        return self.connection.execute(_token(), values).scalar() == claim.token

    def release(self, claim: Claim, *, next_at: Micros) -> None:
        self.connection.execute(_releasing(), {**_which(claim), "next_at": next_at})


def oldest_due(connection: Connection, *, now: Micros) -> dict[str, Any] | None:
    """Returns the oldest departure that can be claimed: its id and destination, with the present token."""
    row = connection.execute(_oldest_due(), {"now": now}).mappings().first()
    return dict(row) if row else None


def take(
    connection: Connection, due: dict[str, Any], *, now: Micros, until: Micros, holder: str
) -> Claim | None:
    """Claims what `oldest_due` found; None if another worker was quicker, or it is not due any more."""
    values = {"in_team": due["team"], "at_channel": due["channel"], "had": due["token"], "now": now}
    token = due["token"] + 1
    taken = {**values, "lease_until": until, "token": token, "holder": holder}
    if connection.execute(_taking(), taken).rowcount != 1:
        # Another worker was quicker, and its token is the one that this claim would have got. So the
        # destination must not be released here: that would release the other's claim.
        return None
    fresh = rows_at(connection, departures, id=due["id"]).one()
    if fresh["due_at"] is None or fresh["due_at"] > now:
        # delivered or postponed between the search and the claim: release the destination again
        connection.execute(_lasting(), {**values, "had": token, "lease_until": 0})
        return None
    edit = fresh["state"] == State.DELIVERED.value
    claim = Claim(departure=read_departure(fresh), token=token, edit=edit)
    set_row(connection, departures, due["id"], **_attempt(claim))
    return claim


def renew(connection: Connection, claim: Claim, *, until: Micros) -> bool:
    """Extends a claim; False if it is not ours any more."""
    won = connection.execute(_lasting(), {**_which(claim), "lease_until": until})
    return won.rowcount == 1


def first_ready(connection: Connection) -> int | None:
    """Returns when the first of all departures can be claimed; None if nothing is owed."""
    return connection.execute(_first_ready(connection.dialect.name)).scalar()


def _which(claim: Claim) -> dict[str, object]:
    departure = claim.departure
    return {"in_team": departure.team, "at_channel": departure.channel, "had": claim.token}


def _attempt(claim: Claim) -> dict[str, object]:
    """Returns what a claim records before its call.

    If the process dies during the call, the next holder must know that the message may exist (`unsure`), or,
    at most once, must not find the departure due any more. An edit may simply be repeated.
    """
    departure = claim.departure
    values: dict[str, object] = {"attempts": departure.attempts + 1, "searched": ""}
    if not claim.edit:
        values["unsure"] = True
    if departure.kind.at_most_once:
        values |= {
            "state": State.DELIVERED.value,
            "displayed": departure.revision,
            "due_at": None,
        }
    return values


def _is_over(until: ColumnElement[int], now: ColumnElement[int], longest: int) -> ColumnElement[bool]:
    """True if a time has passed, or is further ahead than it can be.

    The latter was written while a clock was wrong. Obeying it would block the destination, perhaps for years.
    """
    return or_(until <= now, until > now + longest)


@cache
def _oldest_due() -> Select[Any]:
    now = bindparam("now", type_=BigInteger)
    # what is not paced appears in no channel, so it need not wait for the channel's
    # pace, nor for a queue of news
    rested = or_(_is_over(destinations.c.next_at, now, LONGEST_REST), ~departures.c.is_paced)
    free = _is_over(destinations.c.lease_until, now, LONGEST_LEASE)
    return (
        select(departures.c.id, departures.c.team, departures.c.channel, destinations.c.token)
        .join(destinations, _same)
        .where(departures.c.due_at <= now, free, rested)
        .order_by(departures.c.due_at, departures.c.id)
        .limit(1)
    )


@cache
def _taking() -> Update:
    """Claims a destination if its token is still the one that was read, and its lease is over."""
    now = bindparam("now", type_=BigInteger)
    free = _is_over(destinations.c.lease_until, now, LONGEST_LEASE)
    return (
        update(destinations)
        .where(_mine, free)
        .values({name: bindparam(name) for name in ("lease_until", "token", "holder")})
    )


@cache
def _lasting() -> Update:
    """Sets the end of a lease that is still ours; 0 ends it now."""
    return update(destinations).where(_mine).values(lease_until=bindparam("lease_until"))


@cache
def _releasing() -> Update:
    """Ends a lease that is still ours, and sets when the next paced message may be sent.

    Never earlier than it was: what is not paced is sent while the channel rests, and must not end that rest.
    """
    next_at = bindparam("next_at", type_=BigInteger)
    rests = and_(destinations.c.next_at > next_at, destinations.c.next_at <= next_at + LONGEST_REST)
    ended = {"lease_until": 0, "next_at": case((rests, destinations.c.next_at), else_=next_at), "holder": ""}
    return update(destinations).where(_mine).values(ended)


@cache
def _token() -> Select[Any]:
    """Reads a destination's token; on PostgreSQL it locks the row, so nobody takes over before the commit.

    On SQLite the transaction has the only write lock, and FOR UPDATE is not rendered.
    """
    at = (destinations.c.team == bindparam("team"), destinations.c.channel == bindparam("channel"))
    return select(destinations.c.token).where(*at).with_for_update()


@cache
def _first_ready(dialect: str) -> Select[Any]:
    latest = func.max if dialect == "sqlite" else func.greatest  # the greatest of several values in one row
    ready = latest(departures.c.due_at, destinations.c.lease_until, destinations.c.next_at)
    query = select(func.min(ready)).select_from(departures.join(destinations, _same))
    return query.where(departures.c.due_at.is_not(None))
