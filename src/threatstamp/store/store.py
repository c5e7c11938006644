"""The store: short transactions, the inbox, and claims.

There is one writer at a time over all processes: by BEGIN IMMEDIATE on SQLite and by the lock on the ledger
on PostgreSQL. The ledger needs that anyway, since every entry contains the hash of the one before, and it
makes whole transactions serial, so the steps need not consider concurrent ones. Claims and the inbox do not
append to the ledger; on PostgreSQL they do not wait for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Select,
    bindparam,
    delete,
    event,
    exists,
    or_,
    select,
    text,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from threatstamp.core.errors import StoreError, UnstorableError
from threatstamp.core.news.feed import Feed, FeedClaim
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.stamps.route import Verdict
from threatstamp.core.time import Micros, later
from threatstamp.desk.ports.inbox import InboxEvent
from threatstamp.sqlite import Sqlite
from threatstamp.store.connection import connect, driver_message, place_of
from threatstamp.store.rows import claims, feeds, inbox
from threatstamp.store.rows.base import Note
from threatstamp.store.rows.outbox import is_late
from threatstamp.store.rows.troubles import OPENING_TOLD
from threatstamp.store.tables.inbox import inbox as inbox_table
from threatstamp.store.tables.routes import verdicts
from threatstamp.store.tables.stamps import looks
from threatstamp.store.tables.troubles import troubles
from threatstamp.store.tx import SqlRead, SqlTx

Journal = Callable[[Sequence[Note]], None]


class SqlStore:
    """The Store port on SQLite and PostgreSQL."""

    is_silent: ClassVar[bool] = False
    """What is ordered here is never said; see `shadow.py`."""

    def __init__(self, engine: Engine, journal: Journal | None = None) -> None:
        """journal: called with what happened in each transaction, once it is committed; it must not raise."""
        self.engine = engine
        self._journal = journal
        self._sqlite = engine.dialect.name == "sqlite"
        # On PostgreSQL (READ COMMITTED) each statement sees the newest state in any case, so BEGIN and
        # ROLLBACK would only cost round trips. On SQLite a reading is one snapshot.
        reading = {"reading": True} if self._sqlite else {"isolation_level": "AUTOCOMMIT"}
        self._reader = engine.execution_options(**reading)
        snapshot = reading if self._sqlite else {"isolation_level": "REPEATABLE READ"}
        self._whole = engine.execution_options(**snapshot)
        # SQLite has one writer. Threads of this process wait for each other here: a lock wakes the next one
        # at once, while SQLite's busy handler sleeps and retries.
        self._writer = threading.Lock() if self._sqlite else nullcontext()

    def close(self) -> None:
        """Closes the connections; one that is in use now is closed by its thread when it is given back."""
        event.listen(self.engine.pool, "checkin", _end)
        self.engine.dispose()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        try:
            with self._writer, self.engine.begin() as connection:
                yield connection
        except (DataError, IntegrityError) as error:
            raise UnstorableError(driver_message(error)) from error
        except SQLAlchemyError as error:
            raise StoreError(driver_message(error)) from error

    @contextmanager
    def _read(self, *, whole: bool = False) -> Iterator[Connection]:
        try:
            with (self._whole if whole else self._reader).connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise StoreError(driver_message(error)) from error

    @contextmanager
    def transaction(self) -> Iterator[SqlTx]:
        with self._write() as connection:
            # concurrent appends would read the same last entry and fork the chain; at the start of the
            # transaction, so that nothing it has read is out of date when it gets the lock
            if not self._sqlite:
                connection.execute(text("LOCK TABLE desk_ledger IN EXCLUSIVE MODE"))
            tx = self._tx(connection)
            yield tx
            tx.ledger.flush()
        if self._journal is not None and tx.notes:
            self._journal(tx.notes)

    def _tx(self, connection: Connection) -> SqlTx:
        return SqlTx(connection)

    @contextmanager
    def reading(self, *, whole: bool = False) -> Iterator[SqlRead]:
        with self._read(whole=whole) as connection:
            yield SqlRead(connection)

    def keep(self, event_id: str, body: str, *, team: str, now: Micros, lease: float) -> InboxEvent | None:
        until = later(now, lease)
        try:
            return self._keep(event_id, body, team=team, now=now, until=until)
        except StoreError as error:
            if not _was_cut(error):
                raise
            # The server restarted, and all pooled connections are dead. SQLAlchemy has dropped
            # them now. Only here, because Slack waits three seconds for the acknowledgement;
            # everything else is retried anyway.
            return self._keep(event_id, body, team=team, now=now, until=until)

    def _keep(self, event_id: str, body: str, *, team: str, now: Micros, until: Micros) -> InboxEvent | None:
        with self._write() as connection:
            return inbox.keep(connection, event_id, body, team=team, now=now, until=until)

    def take(self, *, now: Micros, lease: float, limit: int) -> tuple[InboxEvent, ...]:
        with self._read() as connection:
            due = inbox.due(connection, now=now, limit=limit)
        taken: list[InboxEvent] = []
        for one in due:  # each in a short transaction of its own; others may take some of them meanwhile
            with self._write() as connection:
                mine = inbox.take(connection, one, now=now, until=later(now, lease))
            if mine is not None:
                taken.append(mine)
        return tuple(taken)

    def put_back(self, event: InboxEvent, *, due_at: Micros, error: str, failed: bool) -> None:
        with self._write() as connection:
            inbox.put_back(connection, event, due_at=None if failed else due_at, error=error)

    def claim(self, *, now: Micros, lease: float, holder: str) -> Claim | None:
        # searched outside the write transaction: most searches find nothing, and need not wait for the lock
        with self._read() as connection:
            due = claims.oldest_due(connection, now=now)
        if due is None:
            return None
        with self._write() as connection:
            return claims.take(connection, due, now=now, until=later(now, lease), holder=holder)

    def renew(self, claim: Claim, *, now: Micros, lease: float) -> bool:
        with self._write() as connection:
            return claims.renew(connection, claim, until=later(now, lease))

    def next_due(self, *, now: Micros) -> Micros | None:
        with self._read() as connection:
            found = claims.first_ready(connection)
        return max(Micros(int(found)), now) if found is not None else None

    def claim_feeds(
        self,
        of: Sequence[Feed],
        *,
        now: Micros,
        lease: float,
        holder: str,
        due_only: bool,
        insist: bool = False,
    ) -> tuple[FeedClaim, ...]:
        until = later(now, lease)
        with self._read() as connection:
            free = feeds.claimable(connection, of, now=now, due_only=due_only, insist=insist)
        if not free:
            return ()
        with self._write() as connection:
            taken = [feeds.take(connection, feed, row, until=until, holder=holder) for feed, row in free]
        return tuple(claim for claim in taken if claim is not None)

    def release_feeds(self, held: Sequence[FeedClaim]) -> None:
        with self._write() as connection:
            feeds.release(connection, held)

    def is_calm(self, *, now: Micros, late_before: Micros) -> bool:
        """One query instead of one per condition, because it runs every few seconds."""
        with self._read() as connection:
            found = connection.execute(_is_stirred(), {"now": now, "late_before": late_before})
            return not found.scalar()

    def purge(self, *, looks_before: Micros, failed_before: Micros) -> None:
        with self._write() as connection:
            connection.execute(delete(looks).where(looks.c.ended < looks_before))
            inbox.purge(connection, failed_before=failed_before)

    def scrub(self) -> None:
        if not self._sqlite:
            return  # PostgreSQL's autovacuum removes dead rows
        # The write-ahead log still contains the old pages. A checkpoint cannot run in a transaction, hence
        # the raw connection; a reader that is still active keeps it from truncating the log.
        try:
            with closing(self.engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
        except SQLAlchemyError as error:
            raise StoreError(driver_message(error)) from error
        except self.engine.dialect.loaded_dbapi.Error as error:  # a raw connection raises the driver's errors
            raise StoreError(str(error)) from error


def _end(connection: Any, _: ConnectionPoolEntry) -> None:
    if connection is not None:
        connection.close()


@cache
def _is_stirred() -> Select[Any]:
    """Is an event due, does a stamp wait, is a message late, is a trouble open, or its end not reported?"""
    waits, is_open = verdicts.c.verdict == Verdict.WAITS.value, troubles.c.fixed_at.is_(None)
    return select(
        or_(
            exists().where(inbox_table.c.due_at <= bindparam("now", type_=BigInteger)),
            exists().where(waits),
            exists().where(is_late(bindparam("late_before", type_=BigInteger))),
            exists().where(is_open),
            exists().where(~is_open, troubles.c.told == OPENING_TOLD),
        )
    )


def _was_cut(error: StoreError) -> bool:
    """True if the connection was dead: it is not tested before each use, which would cost a round trip."""
    cause = error.__cause__
    return isinstance(cause, DBAPIError) and cause.connection_invalidated


def open_store(
    database: str,
    *,
    migrate: bool = True,
    sqlite: Sqlite | None = None,
    journal: Journal | None = None,
    kind: type[SqlStore] = SqlStore,
) -> SqlStore:
    """Opens the database.

    migrate: create it, or upgrade its tables; otherwise it must have the version that this program needs, and
    opening it changes nothing. sqlite: the SQLite library for a file; by default the installed one.
    journal: see `SqlStore`. kind: another store on the same tables.
    Raises UnfitError if the program refuses to use the database, StoreError for any other failure.
    """
    from threatstamp.store.migrate import migrate as bring_up
    from threatstamp.store.migrate import require_current

    engine = connect(database, sqlite=sqlite)
    try:
        (bring_up if migrate else require_current)(engine)
    except SQLAlchemyError as error:
        engine.dispose()
        raise StoreError(f"{place_of(engine.url)}: {driver_message(error)}") from error
    except StoreError:
        engine.dispose()
        raise
    return kind(engine, journal)
