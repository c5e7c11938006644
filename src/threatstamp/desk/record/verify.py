"""Verifies the ledger, and that it contains a head that was written down elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from threatstamp.core.ledger.chain import ChainFault, Verification, verify
from threatstamp.core.ledger.entry import LedgerEntry
from threatstamp.desk.ports.store import Store

Through = Callable[[Iterable[LedgerEntry]], Iterable[LedgerEntry]]


def verify_ledger(store: Store, *, expect: str | None = None, through: Through = iter) -> Verification:
    """Returns the result of the verification.

    expect: must be the hash of some entry, not of the last one: the ledger has grown since it was written
    down. through: passes the entries on, so that progress can be displayed. Raises StoreError.
    """
    has_expected = False

    def noted(entry: LedgerEntry) -> LedgerEntry:
        nonlocal has_expected
        has_expected = has_expected or entry.hash == expect
        return entry

    with store.reading() as read:
        found = verify(noted(entry) for entry in through(read.ledger.entries()))
        stray = read.ledger.stray() if found.ok else None
    if stray is not None:
        return replace(found, first_bad=stray, fault=ChainFault.STRAY)
    if expect is not None and found.ok and not has_expected:
        return replace(found, fault=ChainFault.EXPECT)
    return found
