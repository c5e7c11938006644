"""How much there is of what, by quarters of an hour.

No zone has an offset from UTC that is not a multiple of 15 minutes today, so every month begins and ends
with such a quarter, and the database can add up most of the rows without knowing any zone
(https://data.iana.org/time-zones/theory.html; a few had other offsets before 1972).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, tuple_

from threatstamp.core.cases.case import CLOSED, CaseAct, CaseState
from threatstamp.core.outbox.departure import State
from threatstamp.core.stamps.turn import TurnKind
from threatstamp.core.time import MINUTE, Micros, micros_of
from threatstamp.desk.ports.records import CaseSpan, Counted, Figure
from threatstamp.store.rows.reviews import posted_and_open
from threatstamp.store.tables.cases import case_moves, cases
from threatstamp.store.tables.names import names
from threatstamp.store.tables.news import entries, publications, stories
from threatstamp.store.tables.outbox import departures
from threatstamp.store.tables.posts import posts
from threatstamp.store.tables.reviews import reviews
from threatstamp.store.tables.routes import forwards
from threatstamp.store.tables.stamps import tallies, turns

QUARTER = 15 * MINUTE
PAGE = 500
Read = Callable[[Row[Any]], Counted]


def counted(connection: Connection, figure: Figure) -> Iterator[Counted]:
    """Yields a figure's counts; a row that makes no sense is left out: `ledger verify --records` names it."""
    for query, read in _QUERIES[figure]():
        rows = connection.execute(query, execution_options={"yield_per": PAGE})
        for row in rows:
            try:
                yield read(row)
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                continue


def _plain(row: Row[Any]) -> Counted:
    return _counted(row, str(row.name))


def _counted(row: Row[Any], name: str) -> Counted:
    return Counted(at=Micros(int(row.quarter) * QUARTER), name=name, count=int(row.number))


def _collected() -> Iterator[tuple[Select[Any], Read]]:
    yield _by(entries.c.seen_at, entries.c.feed), _plain
    ours = select(departures.c.team, departures.c.channel, departures.c.message_ts)
    theirs = select(publications.c.team, publications.c.channel, publications.c.ts)
    place = tuple_(posts.c.team, posts.c.channel, posts.c.ts)
    called = (
        select(func.min(names.c.name))
        .where(names.c.team == posts.c.team, names.c.found == posts.c.channel)
        .scalar_subquery()
    )
    yield (
        select(posts.c.taken_at, posts.c.snapshot, func.coalesce(called, posts.c.channel).label("channel"))
        # what displays an entry of a feed is counted as that already
        .where(place.not_in(ours.where(departures.c.message_ts.is_not(None))))
        .where(place.not_in(theirs.where(publications.c.ts.is_not(None)))),
        _post,
    )


def _post(row: Row[Any]) -> Counted:
    """Who posted it: an app, by its name; people are their channel, since nobody is to be counted by name."""
    source = "" if row.snapshot is None else str(json.loads(row.snapshot)["source"])
    return Counted(at=Micros(int(row.taken_at)), name=source or str(row.channel), count=1)


def _stamped() -> Iterator[tuple[Select[Any], Read]]:
    yield _by(turns.c.at, turns.c.reaction).where(turns.c.kind == TurnKind.STAMP.value), _plain


def _reviewed() -> Iterator[tuple[Select[Any], Read]]:
    source = stories.c.source
    query = _by(reviews.c.reviewed_at, source).join(stories, stories.c.id == reviews.c.story)
    yield query.where(reviews.c.ended_at.is_(None)), _plain


def _unreviewed() -> Iterator[tuple[Select[Any], Read]]:
    query = _by(stories.c.told_at, stories.c.source).where(stories.c.joined.is_(None))
    yield query.where(*posted_and_open()), _plain


def _unrouted() -> Iterator[tuple[Select[Any], Read]]:
    number = func.count().label("number")
    yield (
        select(tallies.c.ts, tallies.c.reaction, number).group_by(tallies.c.ts, tallies.c.reaction),
        lambda row: Counted(at=micros_of(row.ts), name=str(row.reaction), count=int(row.number)),
    )


def _forwards(state: State) -> Iterator[tuple[Select[Any], Read]]:
    query = _by(forwards.c.recorded_at, forwards.c.policy)
    query = query.join(departures, departures.c.id == forwards.c.departure_id)
    yield query.where(departures.c.state == state.value), _forward


def _forward(row: Row[Any]) -> Counted:
    return _counted(row, str(json.loads(row.name)["route_name"]))


def _handled() -> Iterator[tuple[Select[Any], Read]]:
    last = (case_moves.c.case_id == cases.c.id) & (case_moves.c.number == cases.c.version)
    query = _by(case_moves.c.at, cases.c.track).select_from(cases).join(case_moves, last)
    yield query.where(cases.c.state == CaseState.DONE.value), _plain


def _opened() -> Iterator[tuple[Select[Any], Read]]:
    yield _by(cases.c.opened_at, cases.c.track), _plain


def _decided() -> Iterator[tuple[Select[Any], Read]]:
    yield _by(case_moves.c.at, case_moves.c.choice).where(case_moves.c.act == CaseAct.DECIDE.value), _plain


def _responded() -> Iterator[tuple[Select[Any], Read]]:
    query = _by(case_moves.c.at, cases.c.track).join(cases, cases.c.id == case_moves.c.case_id)
    yield query.where(case_moves.c.act == CaseAct.RESPOND.value), _plain


def _overdue() -> Iterator[tuple[Select[Any], Read]]:
    is_open = cases.c.state.not_in([state.value for state in CLOSED])
    query = select(cases.c.due_on, func.count().label("number")).where(is_open, cases.c.due_on.is_not(None))
    yield (
        query.group_by(cases.c.due_on),
        lambda row: Counted(at=Micros(0), name=str(row.due_on), count=int(row.number)),
    )


def spans(connection: Connection) -> Iterator[CaseSpan]:
    """Yields how long each case took; a row that makes no sense is left out."""
    decided = (case_moves.c.case_id == cases.c.id) & (case_moves.c.number == cases.c.decision)
    done = select(func.max(case_moves.c.at)).where(
        case_moves.c.case_id == cases.c.id, case_moves.c.act == CaseAct.DONE.value
    )
    columns = (cases.c.track, cases.c.priority, cases.c.state, cases.c.ts, cases.c.opened_at)
    query: Select[Any] = select(
        *columns,
        select(case_moves.c.at).where(decided).scalar_subquery().label("decided_at"),
        done.scalar_subquery().label("done_at"),
    )
    for row in connection.execute(query, execution_options={"yield_per": PAGE}):
        try:
            yield _span(row)
        except (ValueError, TypeError):
            continue


def _span(row: Row[Any]) -> CaseSpan:
    is_done = row.state == CaseState.DONE.value and row.done_at is not None
    return CaseSpan(
        track=str(row.track),
        priority=str(row.priority or ""),
        posted_at=micros_of(row.ts),
        opened_at=Micros(int(row.opened_at)),
        decided_at=None if row.decided_at is None else Micros(int(row.decided_at)),
        done_at=Micros(int(row.done_at)) if is_done else None,
    )


def _by(at: ColumnElement[int], name: ColumnElement[str]) -> Select[Any]:
    key: list[Any] = [(at // QUARTER).label("quarter"), name.label("name")]
    return select(*key, func.count().label("number")).group_by(*key)


_QUERIES: Mapping[Figure, Callable[[], Iterator[tuple[Select[Any], Read]]]] = {
    Figure.COLLECTED: _collected,
    Figure.STAMPED: _stamped,
    Figure.REVIEWED: _reviewed,
    Figure.UNREVIEWED: _unreviewed,
    Figure.UNROUTED: _unrouted,
    Figure.FORWARDED: lambda: _forwards(State.DELIVERED),
    Figure.UNDELIVERABLE: lambda: _forwards(State.UNDELIVERABLE),
    Figure.HANDLED: _handled,
    Figure.OPENED: _opened,
    Figure.DECIDED: _decided,
    Figure.RESPONDED: _responded,
    Figure.OVERDUE: _overdue,
}
