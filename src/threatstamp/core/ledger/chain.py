"""Verification of the chain, from its first entry on; the first entry that does not fit is reported.

The chain proves that nothing was changed after it was written, not that what was written is true. Whoever
can write to the database can also recompute the whole chain, which only a head kept elsewhere reveals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.ledger.entry import FIRST_PREVIOUS, LedgerEntry, digest_of, hash_of, read_body
from threatstamp.core.ledger.kinds import Kind


class ChainFault(StrEnum):
    """What can be wrong with a chain. Each has a text `verify_*` in the catalogue `cli`."""

    GAP = "gap"
    """A sequence number is missing."""
    EXTRA = "extra"
    """An entry is there that has no place in the chain: its number is below 1, or occurs twice."""
    DAMAGED = "damaged"
    """An entry holds something that cannot be what was written: a value of another type, or no JSON."""
    STRAY = "stray"
    """A body belongs to no entry."""
    HASH = "hash"
    """An entry's hash does not follow from its parts and the previous hash."""
    DIGEST = "digest"
    """A body or its salt does not match the digest in the chain."""
    MISSING = "missing"
    """A body is missing, and no redaction in the chain names its entry."""
    EXPECT = "expect"
    """The chain is sound, but does not contain the head that was written down elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result of verifying a chain.

    entries: how many fit. redacted: how many of them have no body. head: the hash of the last one that fits.
    first_bad: the sequence number of the first entry that does not fit, None if all do.
    value: the name of the damaged value in it, "" if it is not about one.
    """

    entries: int
    redacted: int
    head: str
    first_bad: int | None = None
    fault: ChainFault | None = None
    value: str = ""

    @property
    def ok(self) -> bool:
        return self.fault is None


def verify(entries: Iterable[LedgerEntry]) -> Verification:
    """Verifies a chain. entries: in order, from the first one on. Stops at the first that does not fit.

    A body may be missing only if a redaction names its entry. A redaction is newer than the entries that it
    empties, so missing bodies can only be judged at the end.
    """
    previous, count = FIRST_PREVIOUS, 0
    missing: set[int] = set()
    redacted: set[int] = set()
    for entry in entries:
        fault = _fault(entry, previous=previous, sequence=count + 1)
        if fault is not None:
            return Verification(
                entries=count,
                redacted=len(missing),
                head=previous,
                first_bad=count + 1 if fault is ChainFault.GAP else entry.sequence,
                fault=fault,
                value=(entry.damaged or "body") if fault is ChainFault.DAMAGED else "",
            )
        previous, count = entry.hash, count + 1
        if entry.body is None:
            missing.add(entry.sequence)
        elif entry.kind == Kind.REDACTION:
            redacted.update(redacted_by(entry.body))
    found = Verification(entries=count, redacted=len(missing), head=previous)
    unexplained = missing - redacted
    if not unexplained:
        return found
    return Verification(
        entries=found.entries,
        redacted=len(missing & redacted),
        head=previous,
        first_bad=min(unexplained),
        fault=ChainFault.MISSING,
    )


def redacted_by(body: str) -> frozenset[int]:
    """Returns the sequence numbers that a redaction's body names."""
    named = (read_body(body) or {}).get("sequences")
    return frozenset(one for one in named if isinstance(one, int)) if isinstance(named, list) else frozenset()


def _fault(entry: LedgerEntry, *, previous: str, sequence: int) -> ChainFault | None:
    if entry.sequence != sequence:
        return ChainFault.GAP if entry.sequence > sequence else ChainFault.EXTRA
    if entry.damaged is not None:
        return ChainFault.DAMAGED
    made = hash_of(previous=previous, sequence=sequence, at=entry.at, kind=entry.kind, digest=entry.digest)
    if made != entry.hash:
        return ChainFault.HASH
    if not _has_its_body(entry):
        return ChainFault.DIGEST
    is_table = entry.body is None or read_body(entry.body) is not None
    return None if is_table else ChainFault.DAMAGED


def _has_its_body(entry: LedgerEntry) -> bool:
    if entry.body is None or entry.salt is None:
        return entry.body is None and entry.salt is None
    try:
        return digest_of(salt=entry.salt, body=entry.body) == entry.digest
    except ValueError:  # the salt is not in its canonical form: it was tampered with
        return False
