"""The store: short transactions, an inbox, and claims on what is owed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Select,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from threatstamp.core.departure import Claim, DepartureKind, State
from threatstamp.core.errors import StoreError
from threatstamp.core.feed import Feed, FeedClaim
from threatstamp.core.route import Verdict
from threatstamp.desk.ports import Kept
from threatstamp.store import claims, feedclaims, tables
from threatstamp.store.connection import connect
from threatstamp.store.facts import FactRows
from threatstamp.store.news import NewsRows
from threatstamp.store.owed import OwedRows, is_late, read_departure
from threatstamp.store.record import RecordRows
from threatstamp.store.routing import RoutingRows
from threatstamp.store.sql import insert_new, rows_at, set_row

EVENT_LEASE = 30_000_000
"""How long one worker may take over one event (microseconds) before another takes it."""


class SqlTx(FactRows, RoutingRows, OwedRows, RecordRows, NewsRows):
    """One transaction on one connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._pending = []


class SqlStore:
    """The Store port on SQLite and PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        # PostgreSQL sees the newest state at each statement in any case: BEGIN and ROLLBACK only cost trips
        reading = {"reading": True} if self._sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reader = engine.execution_options(**reading)
        # SQLite has one writer; waiting for it here is fair and quick, its own busy handler sleeps
        self._writer = threading.Lock() if self._sqlite else nullcontext()

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        try:
            with self._writer, self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(_said(error)) from error

    @contextmanager
    def transaction(self) -> Iterator[SqlTx]:
        with self._write() as connection:
            if not self._sqlite:  # appends in parallel would read the same head
                connection.execute(text("LOCK TABLE desk_ledger IN EXCLUSIVE MODE"))
            tx = SqlTx(connection)
            yield tx
            tx.flush()

    @contextmanager
    def reading(self) -> Iterator[SqlTx]:
        try:
            with self._reader.connect() as connection:
                yield SqlTx(connection)
        except SQLAlchemyError as error:
            raise StoreError(_said(error)) from error

    def keep(self, event_id: str, body: str, *, team: str, now: int) -> Kept | None:
        try:
            return self._keep(event_id, body, team=team, now=now)
        except StoreError as error:
            if not _was_cut(error):
                raise
            return self._keep(event_id, body, team=team, now=now)  # the pool has dropped what was cut

    def _keep(self, event_id: str, body: str, *, team: str, now: int) -> Kept | None:
        with self._write() as connection:
            made = insert_new(
                connection,
                tables.inbox,
                team=team,
                event_id=event_id,
                body=body,
                received_at=now,
                due_at=now + EVENT_LEASE,
                attempts=1,
                error="",
            )
            return Kept(id=made[0], body=body, attempts=1) if made else None

    def take(self, *, now: int, limit: int) -> tuple[Kept, ...]:
        table = tables.inbox
        with self.reading() as tx:
            due = tx.connection.execute(
                select(table.c.id, table.c.attempts, table.c.body)
                .where(table.c.due_at <= now)
                .order_by(table.c.id)
                .limit(limit)
            ).all()
        taken: list[Kept] = []
        for row in due:
            with self._write() as connection:
                won = connection.execute(
                    update(table)
                    .where(table.c.id == row.id, table.c.due_at <= now, table.c.attempts == row.attempts)
                    .values(due_at=now + EVENT_LEASE, attempts=row.attempts + 1)
                )
                if won.rowcount == 1:
                    taken.append(Kept(id=row.id, body=row.body, attempts=row.attempts + 1))
        return tuple(taken)

    def put_back(self, event: Kept, *, due_at: int, error: str, failed: bool) -> None:
        with self._write() as connection:
            connection.execute(
                update(tables.inbox)
                .where(tables.inbox.c.id == event.id)
                .values(due_at=None if failed else due_at, error=error)
            )

    def claim(self, *, now: int, lease: float, holder: str) -> Claim | None:
        with self.reading() as tx:
            due = tx.connection.execute(claims.oldest_due(), {"now": now}).mappings().first()
        if due is None:
            return None
        until = now + round(lease * 1_000_000)
        values = {"in_team": due["team"], "at_channel": due["channel"], "had": due["token"], "now": now}
        with self._write() as connection:
            taken = {**values, "lease_until": until, "token": due["token"] + 1, "holder": holder}
            if connection.execute(claims.taking(), taken).rowcount != 1:
                return None  # somebody else was quicker, and holds the very token that this one wanted
            fresh = rows_at(connection, tables.departures, id=due["id"]).one()
            if fresh["due_at"] is None or fresh["due_at"] > now:
                connection.execute(claims.lasting(), {**values, "had": due["token"] + 1, "lease_until": 0})
                return None
            edit = fresh["state"] == State.DELIVERED.value
            claim = Claim(departure=read_departure(fresh), token=due["token"] + 1, edit=edit)
            set_row(connection, tables.departures, due["id"], **_attempt(claim))
        return claim

    def renew(self, claim: Claim, *, now: int, lease: float) -> bool:
        departure = claim.departure
        values = {"in_team": departure.team, "at_channel": departure.channel, "had": claim.token}
        with self._write() as connection:
            until = now + round(lease * 1_000_000)
            won = connection.execute(claims.lasting(), {**values, "lease_until": until})
        return won.rowcount == 1

    def claim_feeds(
        self, feeds: Sequence[Feed], *, now: int, lease: float, holder: str, due_only: bool
    ) -> tuple[FeedClaim, ...]:
        until = now + round(lease * 1_000_000)
        with self.reading() as tx:
            free = feedclaims.claimable(tx.connection, feeds, now=now, due_only=due_only)
        if not free:
            return ()
        with self._write() as connection:
            taken = [feedclaims.take(connection, feed, row, until=until, holder=holder) for feed, row in free]
        return tuple(claim for claim in taken if claim is not None)

    def release_feeds(self, claims: Sequence[FeedClaim]) -> None:
        with self._write() as connection:
            feedclaims.release(connection, claims)

    def next_due(self, *, now: int) -> int | None:
        with self.reading() as tx:
            found = tx.connection.execute(claims.first_ready(self.engine.dialect.name)).scalar()
        return max(int(found), now) if found is not None else None

    def scrub(self) -> None:
        if not self._sqlite:
            return  # PostgreSQL's own vacuum sees to it
        connection = self.engine.raw_connection()
        try:  # the log beside the file still holds the pages as they were
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        finally:
            connection.close()

    def is_calm(self, *, now: int, late_before: int) -> bool:
        """True if no event waits, no stamp waits for its judgement, and no operator has to be told a thing.

        One question instead of one for each, since it is asked every few seconds.
        """
        with self.reading() as tx:
            found = tx.connection.execute(_is_stirred(), {"now": now, "late_before": late_before}).scalar()
        return not found

    def owed_count(self) -> int:
        """Returns how many departures wait."""
        with self.reading() as tx:
            query = select(func.count()).where(tables.departures.c.due_at.is_not(None))
            return int(tx.connection.execute(query).scalar_one())

    def inbox_count(self) -> tuple[int, int]:
        """Returns how many events wait, and how many failed for good."""
        with self.reading() as tx:
            query = select(func.count(), func.count(tables.inbox.c.due_at))
            everything, waiting = tx.connection.execute(query).one()
        return int(waiting), int(everything - waiting)

    def purge(self, *, before_sightings: int, before_failed: int) -> None:
        """Deletes sightings that no late event can concern, and failed events whose time is up."""
        with self._write() as connection:
            connection.execute(delete(tables.sightings).where(tables.sightings.c.ended < before_sightings))
            connection.execute(
                delete(tables.inbox).where(
                    tables.inbox.c.due_at.is_(None), tables.inbox.c.received_at < before_failed
                )
            )


@cache
def _is_stirred() -> Select[Any]:
    inbox, verdict, trouble = tables.inbox, tables.verdicts, tables.troubles
    return select(
        or_(
            exists().where(inbox.c.due_at <= bindparam("now", type_=BigInteger)),
            exists().where(verdict.c.verdict == Verdict.WAITS.value),
            exists().where(is_late(bindparam("late_before", type_=BigInteger))),
            exists().where(trouble.c.mended_at.is_(None)),
            exists().where(trouble.c.mended_at.is_not(None), trouble.c.told == 1),
        )
    )


def _attempt(claim: Claim) -> dict[str, object]:
    """What a claim leaves behind before its act: the next holder must know that there was one."""
    departure = claim.departure
    values: dict[str, object] = {"attempts": departure.attempts + 1}
    if not claim.edit:
        values["unsure"] = True
    if departure.kind is DepartureKind.REFUSAL:
        values |= {"state": State.DELIVERED.value, "shown": departure.revision, "due_at": None}
    return values


def _was_cut(error: StoreError) -> bool:
    """True if the database server went away: connections are not tried out before each use."""
    cause = error.__cause__
    return isinstance(cause, DBAPIError) and cause.connection_invalidated


def _said(error: SQLAlchemyError) -> str:
    """Returns the driver's sentence: SQLAlchemy's own would show statements with their values."""
    cause = getattr(error, "orig", None)
    return str(cause or error).strip().splitlines()[0]


def open_store(database: str) -> SqlStore:
    """Opens the database and brings its tables up to date. Raises StoreError with a sentence."""
    from threatstamp.store.migrate import migrate

    engine = connect(database)
    try:
        migrate(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        raise StoreError(_said(error)) from error
    return SqlStore(engine)
