"""The chain is checked from its first entry on; the first one that does not fit is named.

It proves that nothing was changed after it was written, not that what was written is true.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.ledger.entry import FIRST_PREVIOUS, LedgerEntry, digest_of, hash_of
from threatstamp.core.ledger.kinds import Kind


class Fault(StrEnum):
    """What can be wrong with a chain. Each has a sentence `verify_*` in the room `cli`."""

    GAP = "gap"
    HASH = "hash"
    DIGEST = "digest"
    MISSING = "missing"
    """A body is not there, and no redaction in the chain names its entry."""
    EXPECT = "expect"
    """The chain is sound, but does not hold the head that was written down elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What checking found. first_bad: the sequence number of the first entry that does not fit."""

    entries: int
    redacted: int
    head: str
    first_bad: int | None = None
    fault: Fault | None = None

    @property
    def ok(self) -> bool:
        return self.fault is None


def verify(entries: Iterable[LedgerEntry]) -> Verification:
    """Checks the chain from its first entry on, in order; stops at the first that does not fit.

    Bodies may be missing only where a redaction names them. A redaction comes later than what it empties,
    so that is known only at the end.
    """
    previous, count = FIRST_PREVIOUS, 0
    missing: set[int] = set()
    redacted: set[int] = set()
    for entry in entries:
        fault = _fault(entry, previous=previous, sequence=count + 1)
        if fault is not None:
            bad = count + 1 if fault is Fault.GAP else entry.sequence
            return Verification(
                entries=count, redacted=len(missing), head=previous, first_bad=bad, fault=fault
            )
        previous, count = entry.hash, count + 1
        if entry.body is None:
            missing.add(entry.sequence)
        elif entry.kind == Kind.REDACTION:
            redacted.update(json.loads(entry.body)["sequences"])
    found = Verification(entries=count, redacted=len(missing), head=previous)
    unexplained = missing - redacted
    if not unexplained:
        return found
    return Verification(
        entries=found.entries,
        redacted=len(missing & redacted),
        head=previous,
        first_bad=min(unexplained),
        fault=Fault.MISSING,
    )


def _fault(entry: LedgerEntry, *, previous: str, sequence: int) -> Fault | None:
    if entry.sequence != sequence:
        return Fault.GAP
    made = hash_of(previous=previous, sequence=sequence, at=entry.at, kind=entry.kind, digest=entry.digest)
    if made != entry.hash:
        return Fault.HASH
    return None if _has_its_body(entry) else Fault.DIGEST


def _has_its_body(entry: LedgerEntry) -> bool:
    if entry.body is None or entry.salt is None:
        return entry.body is None and entry.salt is None
    try:
        return digest_of(salt=entry.salt, body=entry.body) == entry.digest
    except ValueError:  # the salt is no hex: somebody wrote into it
        return False
