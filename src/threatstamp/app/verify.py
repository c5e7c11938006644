"""Verifies the ledger in one reading, against a head that was written down elsewhere if there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from threatstamp.core.ledger import LedgerEntry, Verdict, verify
from threatstamp.store import SqlStore

Through = Callable[[Iterable[LedgerEntry]], Iterable[LedgerEntry]]


def verify_ledger(store: SqlStore, *, expect: str | None = None, through: Through = iter) -> Verdict:
    """Returns what was found; with `expect`, that head must be the hash of some entry of the chain.

    through: gives the entries on as they are read; whoever waits can count them there.
    """
    seen: list[str] = []

    def noted(entry: LedgerEntry) -> LedgerEntry:
        if entry.hash == expect:
            seen.append(entry.hash)
        return entry

    with store.reading() as tx:
        found = verify(noted(entry) for entry in through(tx.entries()))
    if expect is not None and found.ok and not seen:
        return replace(found, reason="expect", expected=False)
    return found
