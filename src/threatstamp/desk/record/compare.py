"""The working tables are compared with what the ledger says of them: the first difference is named.

The desk works by its tables, so a stamp that somebody deletes there is gone for it, although the ledger
proves that it was made. The comparison reads the ledger in as many passes as keep what is held in memory
small, and the tables once in each pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import State
from threatstamp.desk.ports.records import Kept, KeptRow, Value
from threatstamp.desk.ports.store import Store
from threatstamp.desk.record.expected import Expected, ExpectedRow, RedactedEntries, brief

T = TypeVar("T")
AT_ONCE = 50_000
"""How many entries are folded in one pass, about."""

GROUPS: dict[Kept, slice] = {
    Kept.STAMPS: slice(3),
    Kept.ENTRIES: slice(1, 2),
    Kept.CASE_MOVES: slice(1),
}
"""The part of a row's key by which passes divide; the whole key where nothing is named."""


class Mismatch(StrEnum):
    """How a table and the ledger can differ. Each has a text `records_*` in the catalogue `cli`."""

    MISSING = "missing"
    """An entry's row is not there."""
    CHANGED = "changed"
    """A row says something else than its entries."""
    EXTRA = "extra"
    """A row follows from no entry."""
    DAMAGED = "damaged"
    """A row cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """Where a table and the ledger differ.

    key: the row's, as the ledger names it. sequence: the last entry about it, None for a row without one.
    value: the name of the value that differs, "" if it is about the row.
    """

    mismatch: Mismatch
    table: Kept
    key: tuple[str, ...]
    sequence: int | None = None
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The result. rows: how many were compared. first: the difference with the lowest sequence number."""

    rows: int
    first: Discrepancy | None


class _Through(Protocol):
    """Passes entries and rows on as they are, so that progress can be displayed."""

    def __call__(self, things: Iterable[T]) -> Iterable[T]: ...


def _as_they_are(things: Iterable[T]) -> Iterable[T]:
    return things


def compare_records(store: Store, *, through: _Through | None = None, at_once: int = AT_ONCE) -> Comparison:
    """Compares every table of `Kept` with the ledger. Raises StoreError.

    The ledger should verify: of one that does not, nothing can be said. at_once: see AT_ONCE.
    """
    through = through or _as_they_are
    rows, found = 0, list[Discrepancy]()
    with store.reading(whole=True) as read:
        last = read.ledger.last()
        parts = max(1, -(-(last.sequence if last else 0) // at_once))
        redacted = RedactedEntries()
        for part in range(parts):
            expected = Expected(redacted, part, parts)
            for entry in through(read.ledger.entries()):
                expected.add(entry)
            comparing = _Comparing(expected)
            for table in Kept:
                found.extend(_first(comparing.table(table, through(read.records.rows(table)))))
            rows += comparing.rows
    return Comparison(rows=rows, first=next(iter(_first(found)), None))


def _first(found: Iterable[Discrepancy]) -> list[Discrepancy]:
    """Returns the difference that is named: of the lowest sequence number, and rows without one after all."""
    first = min(found, key=lambda one: float("inf") if one.sequence is None else one.sequence, default=None)
    return [] if first is None else [first]


class _Comparing:
    """One pass: the rows of its part against what the entries amount to."""

    def __init__(self, expected: Expected) -> None:
        self._expected = expected
        self._by_recorded: dict[tuple[tuple[str, ...], Value], tuple[str, ...]] | None = None
        self.rows = 0

    def table(self, table: Kept, rows: Iterable[KeptRow]) -> Iterator[Discrepancy]:
        owed = self._expected.rows[table]
        for row in rows:
            if not self._expected.has(row.key[GROUPS.get(table, slice(None))]):
                continue
            self.rows += 1
            known = owed.pop(row.key, None)
            if row.damaged:
                sequence = known.sequence if known else None
                yield _difference(Mismatch.DAMAGED, table, row.key, sequence, row.damaged)
                continue
            if known is None and table is Kept.STAMPS:
                known = self._moved(row)
            if known is not None:
                yield from self._differences(table, row, known)
            elif row.owed and not self._expected.redacted.explains(table, row):
                yield _difference(Mismatch.EXTRA, table, row.key)
        for key, one in owed.items():
            if table is not Kept.STAMPS or not self._expected.redacted.explains_void():
                yield _difference(Mismatch.MISSING, table, key, one.sequence)

    def _moved(self, row: KeptRow) -> ExpectedRow | None:
        """Returns the turn that a row is, if the entry that gave it another time was redacted."""
        if not self._expected.redacted.times[Kind.SETTLED]:
            return None
        turns = self._expected.rows[Kept.STAMPS]
        if self._by_recorded is None:
            self._by_recorded = {(key[:-1], one.values.get("recorded_at")): key for key, one in turns.items()}
        key = self._by_recorded.get((row.key[:-1], row.at))
        return None if key is None else turns.pop(key, None)

    def _differences(self, table: Kept, row: KeptRow, owed: ExpectedRow) -> Iterator[Discrepancy]:
        if not owed.founded and not self._expected.redacted.explains(table, row):
            yield _difference(Mismatch.EXTRA, table, row.key)
        unknown = self._expected.redacted.unknown(table)
        for name, said in owed.values.items():
            kept = brief(row.values.get(name, said))  # what a row does not say, it cannot say wrongly
            if name not in unknown and not _agree(name, said, kept):
                yield _difference(Mismatch.CHANGED, table, row.key, owed.sequence, name)


def _agree(name: str, said: Value, kept: Value) -> bool:
    # everybody had withdrawn, and somebody stamped again: the message is owed anew, and no entry says so
    is_reopened = name == "state" and said == State.CANCELLED and kept in (State.PENDING, State.SHADOW)
    return said == kept or is_reopened


def _difference(
    mismatch: Mismatch, table: Kept, key: tuple[str, ...], sequence: int | None = None, value: str = ""
) -> Discrepancy:
    return Discrepancy(mismatch=mismatch, table=table, key=key, sequence=sequence, value=value)
