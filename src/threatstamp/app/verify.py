"""Verifies the ledger in one reading, against a head that was written down elsewhere if there is one."""

from __future__ import annotations

from dataclasses import replace

from threatstamp.core.ledger import LedgerEntry, Verdict, verify
from threatstamp.store import SqlStore


def verify_ledger(store: SqlStore, *, expect: str | None = None) -> Verdict:
    """Returns what was found; with `expect`, that head must be the hash of some entry of the chain."""
    seen: list[str] = []

    def noted(entry: LedgerEntry) -> LedgerEntry:
        if entry.hash == expect:
            seen.append(entry.hash)
        return entry

    with store.reading() as tx:
        found = verify(noted(entry) for entry in tx.entries())
    if expect is not None and found.ok and not seen:
        return replace(found, reason="expect", expected=False)
    return found
