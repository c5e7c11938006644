"""The statements of a claim: who may act on what is owed, one at a time for each destination."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, Update, and_, bindparam, func, or_, select, update

from threatstamp.core.departure import DepartureKind
from threatstamp.store import tables

UNPACED = (DepartureKind.REACTION.value, DepartureKind.DOUBLE.value, DepartureKind.REFUSAL.value)
"""Kinds that stand in no channel, so that its pace, and the news that waits there, does not hold them up."""

SECOND = 1_000_000
LONGEST_LEASE = 600 * SECOND
LONGEST_REST = 7_200 * SECOND
"""Slack asks for an hour at the most that is believed."""

_departure, _destination = tables.departures, tables.destinations
_same = and_(_departure.c.team == _destination.c.team, _departure.c.channel == _destination.c.channel)
_mine = and_(
    _destination.c.team == bindparam("in_team"),
    _destination.c.channel == bindparam("at_channel"),
    _destination.c.token == bindparam("had"),
)


def _is_over(until: ColumnElement[int], now: ColumnElement[int], longest: int) -> ColumnElement[bool]:
    """What lies further ahead than it can was written while the clock was wrong."""
    return or_(until <= now, until > now + longest)


@cache
def oldest_due() -> Select[Any]:
    """The oldest departure that is due `now` at a free and rested destination, with its token."""
    now = bindparam("now", type_=BigInteger)
    is_rested = _is_over(_destination.c.next_at, now, LONGEST_REST)
    rested = or_(is_rested, _departure.c.kind.in_(UNPACED))
    free = _is_over(_destination.c.lease_until, now, LONGEST_LEASE)
    return (
        select(_departure.c.id, _departure.c.team, _departure.c.channel, _destination.c.token)
        .join(_destination, _same)
        .where(_departure.c.due_at <= now, free, rested)
        .order_by(_departure.c.due_at, _departure.c.id)
        .limit(1)
    )


@cache
def taking() -> Update:
    """Takes a destination whose token is still the one that was read, and whose lease is over."""
    now = bindparam("now", type_=BigInteger)
    free = _is_over(_destination.c.lease_until, now, LONGEST_LEASE)
    return (
        update(_destination)
        .where(_mine, free)
        .values({name: bindparam(name) for name in ("lease_until", "token", "holder")})
    )


@cache
def lasting() -> Update:
    """Sets until when a lease that is still ours lasts; 0 ends it."""
    return update(_destination).where(_mine).values(lease_until=bindparam("lease_until"))


@cache
def releasing() -> Update:
    """Ends a lease that is still ours, and says when its destination is rested."""
    return update(_destination).where(_mine).values(lease_until=0, next_at=bindparam("next_at"), holder="")


@cache
def first_ready(dialect: str) -> Select[Any]:
    """When the first departure of all can be claimed."""
    latest = func.max if dialect == "sqlite" else func.greatest  # of several values in one row
    ready = latest(_departure.c.due_at, _destination.c.lease_until, _destination.c.next_at)
    query = select(func.min(ready)).select_from(_departure.join(_destination, _same))
    return query.where(_departure.c.due_at.is_not(None))
