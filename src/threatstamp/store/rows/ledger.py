"""Rows of the ledger: the chain, and the bodies beside it."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, exists, func, insert, select

from threatstamp.core.ids import UserId
from threatstamp.core.ledger.entry import SALT_BYTES, LedgerEntry, chained, read_body
from threatstamp.core.ledger.kinds import Kind, check_body
from threatstamp.core.time import SECOND, Micros
from threatstamp.store.rows.base import Note, Rows
from threatstamp.store.rows.naming import names
from threatstamp.store.tables.ledger import ledger, ledger_bodies

PAGE = 500
LAST_MOMENT = 253_402_300_800 * SECOND
"""The end of the year 9999: no time can be said beyond it."""


class ReadLedgerRows(Rows):
    """The ReadLedger port."""

    def last(self) -> LedgerEntry | None:
        row = self.connection.execute(_newest()).mappings().first()
        return _entry({**row, "salt": None, "body": None}) if row else None

    def get(self, sequence: int) -> LedgerEntry | None:
        found = self._rows(_with_bodies().where(ledger.c.sequence == sequence))
        return _entry(found[0]) if found else None

    def _rows(self, query: Select[Any]) -> Sequence[RowMapping]:
        with as_stored(self.connection):
            return self.connection.execute(query).mappings().all()

    def entries(
        self,
        *,
        limit: int | None = None,
        newest: bool = False,
        kind: str | None = None,
        after: int | None = None,
    ) -> Iterator[LedgerEntry]:
        query = _with_bodies() if kind is None else _with_bodies().where(ledger.c.kind == kind)
        if newest:
            last = query.order_by(ledger.c.sequence.desc()).limit(limit)
            if after is not None:
                last = last.where(ledger.c.sequence > after)
            return iter([_entry(row) for row in self._rows(last)][::-1])
        return itertools.islice(self._in_order(query, after), limit)

    def _in_order(self, query: Select[Any], after: int | None) -> Iterator[LedgerEntry]:
        """Reads page by page: on PostgreSQL a reading is no transaction, so it cannot hold a cursor."""
        ordered = query.order_by(ledger.c.sequence).limit(PAGE)
        while True:
            following = ordered if after is None else ordered.where(ledger.c.sequence > after)
            rows = self._rows(following)
            yield from map(_entry, rows)
            if len(rows) < PAGE or rows[-1]["sequence"] is None:
                return
            after = rows[-1]["sequence"]

    def stray(self) -> int | None:
        known = exists().where(ledger.c.sequence == ledger_bodies.c.sequence)
        found = self.connection.execute(select(func.min(ledger_bodies.c.sequence)).where(~known)).scalar()
        return found if found is None or isinstance(found, int) else 0

    def about(self, user: UserId) -> tuple[LedgerEntry, ...]:
        # LIKE narrows the search; then `names` excludes ids that only begin with this one
        query = _with_bodies().where(ledger_bodies.c.body.contains(user, autoescape=True))
        found = [_entry(row) for row in self._rows(query.order_by(ledger.c.sequence))]
        return tuple(entry for entry in found if _may_name(entry, user))


class LedgerRows(ReadLedgerRows):
    """The Ledger port.

    Appended entries are collected, and written together before the transaction commits or the ledger is read:
    a document with hundreds of entries then needs two inserts instead of hundreds.
    """

    def __init__(self, connection: Connection, notes: list[Note] | None = None) -> None:
        super().__init__(connection, notes)
        self._pending: list[LedgerEntry] = []

    def append(self, kind: Kind, body: Mapping[str, object], *, now: Micros) -> None:
        check_body(kind, body)
        last = self._pending[-1] if self._pending else super().last()
        salt = secrets.token_hex(SALT_BYTES)
        self._notes.append((kind.value, body))
        self._pending.append(chained(last, at=now, kind=kind.value, body=body, salt=salt))

    def flush(self) -> None:
        """Writes the collected entries."""
        pending, self._pending = self._pending, []
        if not pending:
            return
        self.connection.execute(insert(ledger), [_head_values(one) for one in pending])
        bodies = [{"sequence": one.sequence, "salt": one.salt, "body": one.body} for one in pending]
        self.connection.execute(insert(ledger_bodies), bodies)

    def last(self) -> LedgerEntry | None:
        return self._pending[-1] if self._pending else super().last()

    def get(self, sequence: int) -> LedgerEntry | None:
        self.flush()
        return super().get(sequence)

    def entries(
        self,
        *,
        limit: int | None = None,
        newest: bool = False,
        kind: str | None = None,
        after: int | None = None,
    ) -> Iterator[LedgerEntry]:
        self.flush()
        return super().entries(limit=limit, newest=newest, kind=kind, after=after)

    def stray(self) -> int | None:
        self.flush()
        return super().stray()

    def about(self, user: UserId) -> tuple[LedgerEntry, ...]:
        self.flush()
        return super().about(user)

    def redact(self, sequences: Sequence[int]) -> None:
        self.flush()
        which = ledger_bodies.c.sequence.in_(list(sequences))
        self.connection.execute(delete(ledger_bodies).where(which))


@cache
def _newest() -> Select[Any]:
    return select(ledger).order_by(ledger.c.sequence.desc()).limit(1)


def _with_bodies() -> Select[Any]:
    joined = ledger_bodies.c.sequence == ledger.c.sequence
    return select(ledger, ledger_bodies.c.salt, ledger_bodies.c.body).outerjoin(ledger_bodies, joined)


def _head_values(entry: LedgerEntry) -> dict[str, object]:
    return {
        "sequence": entry.sequence,
        "at": entry.at,
        "kind": entry.kind,
        "digest": entry.digest,
        "hash": entry.hash,
    }


def _may_name(entry: LedgerEntry, user: UserId) -> bool:
    if entry.damaged is not None or entry.body is None:
        return entry.damaged is not None
    body = read_body(entry.body)
    return body is None or names(body, user)  # what cannot be read may name anybody


def _entry(row: Mapping[str, Any] | RowMapping) -> LedgerEntry:
    """Returns a row as an entry, whatever is in it: SQLite checks no types."""
    damaged = next((name for name in _VALUES if not _VALUES[name](row[name])), None)

    def of(name: str, empty: Any) -> Any:
        return row[name] if _VALUES[name](row[name]) else empty

    return LedgerEntry(
        sequence=of("sequence", 0),
        at=Micros(of("at", 0)),
        kind=of("kind", ""),
        digest=of("digest", ""),
        hash=of("hash", ""),
        salt=of("salt", None),
        body=of("body", None),
        damaged=damaged,
    )


def _is_number(value: object) -> bool:
    return type(value) is int


def _is_moment(value: object) -> bool:
    return type(value) is int and 0 <= value < LAST_MOMENT


def _is_text(value: object) -> bool:
    return type(value) is str and (value.isascii() or not _HALVES.search(value))


def _is_text_or_null(value: object) -> bool:
    return value is None or _is_text(value)


_HALVES = re.compile("[\ud800-\udfff]")
"""What `as_stored` makes of bytes that are no UTF-8."""

_VALUES: Mapping[str, Callable[[object], bool]] = {
    "sequence": _is_number,
    "at": _is_moment,
    "kind": _is_text,
    "digest": _is_text,
    "hash": _is_text,
    "salt": _is_text_or_null,
    "body": _is_text_or_null,
}


@contextmanager
def as_stored(connection: Connection) -> Iterator[None]:
    """Lets SQLite's driver return text that is no UTF-8, with half a surrogate pair for each such byte.

    Otherwise one damaged value would keep every row of its page from being read.
    """
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    usual, driver.text_factory = driver.text_factory, _lenient
    try:
        yield
    finally:
        driver.text_factory = usual


def _lenient(text: bytes) -> str:
    return text.decode(errors="surrogateescape")
