"""Verifies the ledger in one reading, against a head that was written down elsewhere if there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from threatstamp.core.ledger.chain import Fault, Verification, verify
from threatstamp.core.ledger.entry import LedgerEntry
from threatstamp.desk.ports.store import Store

Through = Callable[[Iterable[LedgerEntry]], Iterable[LedgerEntry]]


def verify_ledger(store: Store, *, expect: str | None = None, through: Through = iter) -> Verification:
    """Returns what was found; with `expect`, that head must be the hash of some entry of the chain.

    through: gives the entries on as they are read; whoever waits can count them there.
    """
    seen: list[str] = []

    def noted(entry: LedgerEntry) -> LedgerEntry:
        if entry.hash == expect:
            seen.append(entry.hash)
        return entry

    with store.reading() as read:
        found = verify(noted(entry) for entry in through(read.ledger.entries()))
    if expect is not None and found.ok and not seen:
        return replace(found, fault=Fault.EXPECT)
    return found
