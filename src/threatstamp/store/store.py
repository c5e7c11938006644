"""The store: short transactions, an inbox, and claims on what is owed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy import ColumnElement, Connection, Engine, Table, and_, delete, func, or_, select, text, update
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from threatstamp.core.departure import Claim, DepartureKind, State
from threatstamp.core.errors import StoreError
from threatstamp.desk.ports import Kept
from threatstamp.store import tables
from threatstamp.store.connection import connect
from threatstamp.store.facts import FactRows
from threatstamp.store.owed import OwedRows, read_departure
from threatstamp.store.record import RecordRows
from threatstamp.store.routing import RoutingRows
from threatstamp.store.sql import insert_new

EVENT_LEASE = 30_000_000
"""How long one worker may take over one event (microseconds) before another takes it."""

UNPACED = (DepartureKind.REACTION.value,)


class SqlTx(FactRows, RoutingRows, OwedRows, RecordRows):
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
        departure, destination = tables.departures, tables.destinations
        with self.reading() as tx:
            query = (
                select(departure, destination.c.token)
                .join(destination, _same(departure, destination))
                .where(departure.c.due_at <= now, destination.c.lease_until <= now)
                .where(or_(destination.c.next_at <= now, departure.c.kind.in_(UNPACED)))
                .order_by(departure.c.due_at, departure.c.id)
                .limit(1)
            )
            row = tx.connection.execute(query).mappings().first()
        if row is None:
            return None
        until = now + round(lease * 1_000_000)
        with self._write() as connection:
            won = connection.execute(
                update(destination)
                .where(
                    destination.c.team == row["team"],
                    destination.c.channel == row["channel"],
                    destination.c.token == row["token"],
                    destination.c.lease_until <= now,
                )
                .values(lease_until=until, token=row["token"] + 1, holder=holder)
            )
            if won.rowcount != 1:
                return None  # somebody else was quicker, and holds the very token that this one wanted
            fresh = connection.execute(select(departure).where(departure.c.id == row["id"])).mappings().one()
            if fresh["due_at"] is None:
                _give_way(connection, row["team"], row["channel"], token=row["token"] + 1)
                return None
            claim = Claim(
                departure=read_departure(fresh),
                token=row["token"] + 1,
                edit=fresh["state"] == State.DELIVERED.value,
            )
            connection.execute(update(departure).where(departure.c.id == row["id"]).values(**_attempt(claim)))
        return claim

    def renew(self, claim: Claim, *, now: int, lease: float) -> bool:
        table = tables.destinations
        with self._write() as connection:
            won = connection.execute(
                update(table)
                .where(
                    table.c.team == claim.departure.team,
                    table.c.channel == claim.departure.channel,
                    table.c.token == claim.token,
                )
                .values(lease_until=now + round(lease * 1_000_000))
            )
        return won.rowcount == 1

    def next_due(self, *, now: int) -> int | None:
        departure, destination = tables.departures, tables.destinations
        # scalar max(): MAX of several on SQLite, GREATEST on PostgreSQL
        latest = func.max if self._sqlite else func.greatest
        with self.reading() as tx:
            ready = latest(departure.c.due_at, destination.c.lease_until, destination.c.next_at)
            query = select(func.min(ready)).select_from(
                departure.join(destination, _same(departure, destination))
            )
            found = tx.connection.execute(query.where(departure.c.due_at.is_not(None))).scalar()
        return max(int(found), now) if found is not None else None

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


def _same(departure: Table, destination: Table) -> ColumnElement[bool]:
    return and_(departure.c.team == destination.c.team, departure.c.channel == destination.c.channel)


def _attempt(claim: Claim) -> dict[str, object]:
    """What a claim leaves behind before its act: the next holder must know that there was one."""
    departure = claim.departure
    values: dict[str, object] = {"attempts": departure.attempts + 1}
    if not claim.edit:
        values["unsure"] = True
    if departure.kind is DepartureKind.REFUSAL:
        values |= {"state": State.DELIVERED.value, "shown": departure.revision, "due_at": None}
    return values


def _give_way(connection: Connection, team: str, channel: str, *, token: int) -> None:
    table = tables.destinations
    connection.execute(
        update(table)
        .where(table.c.team == team, table.c.channel == channel, table.c.token == token)
        .values(lease_until=0)
    )


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
