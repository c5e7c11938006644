"""Rows of the ledger: the chain, and the bodies beside it."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, insert, select

from threatstamp.core.ids import UserId
from threatstamp.core.ledger.entry import SALT_BYTES, LedgerEntry, chained
from threatstamp.core.ledger.kinds import Kind, check_body
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Note, Rows
from threatstamp.store.rows.naming import names
from threatstamp.store.tables.ledger import ledger, ledger_bodies

PAGE = 500


class ReadLedgerRows(Rows):
    """The ReadLedger port."""

    def last(self) -> LedgerEntry | None:
        row = self.connection.execute(_newest()).mappings().first()
        return _entry(row) if row else None

    def get(self, sequence: int) -> LedgerEntry | None:
        query = _with_bodies().where(ledger.c.sequence == sequence)
        row = self.connection.execute(query).mappings().first()
        return _entry(row) if row else None

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
            return iter([_entry(row) for row in self.connection.execute(last).mappings()][::-1])
        return itertools.islice(self._in_order(query, after), limit)

    def _in_order(self, query: Select[Any], after: int | None) -> Iterator[LedgerEntry]:
        """Reads page by page: on PostgreSQL a reading is no transaction, so it cannot hold a cursor."""
        ordered = query.order_by(ledger.c.sequence).limit(PAGE)
        while True:
            following = ordered if after is None else ordered.where(ledger.c.sequence > after)
            rows = self.connection.execute(following).mappings().all()
            yield from map(_entry, rows)
            if len(rows) < PAGE:
                return
            after = rows[-1]["sequence"]

    def about(self, user: UserId) -> tuple[LedgerEntry, ...]:
        # LIKE narrows the search; then `names` excludes ids that only begin with this one
        query = _with_bodies().where(ledger_bodies.c.body.contains(user, autoescape=True))
        rows = self.connection.execute(query.order_by(ledger.c.sequence)).mappings()
        found = [_entry(row) for row in rows]
        return tuple(entry for entry in found if entry.body and names(json.loads(entry.body), user))


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

    def about(self, user: UserId) -> tuple[LedgerEntry, ...]:
        self.flush()
        return super().about(user)

    def redact(self, sequences: Sequence[int]) -> None:
        self.flush()
        which = ledger_bodies.c.sequence.in_(list(sequences))
        self.connection.execute(delete(ledger_bodies).where(which))


@cache
def _newest() -> Select[Any]:
    return _with_bodies().order_by(ledger.c.sequence.desc()).limit(1)


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


def _entry(row: RowMapping) -> LedgerEntry:
    return LedgerEntry(
        sequence=row["sequence"],
        at=Micros(row["at"]),
        kind=row["kind"],
        digest=row["digest"],
        hash=row["hash"],
        salt=row["salt"],
        body=row["body"],
    )
