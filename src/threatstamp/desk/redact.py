"""Personal data leaves the record by a person's right or a retention rule; the chain still verifies."""

from __future__ import annotations

from threatstamp.core.ids import UserId
from threatstamp.core.ledger import Kind
from threatstamp.desk.ports import Store


def redact(sequences: tuple[int, ...], *, reason: str, store: Store) -> tuple[int, ...]:
    """Empties the bodies of these entries; returns those that had one. That is itself an entry."""
    with store.transaction() as tx:
        known = [entry for entry in map(tx.entry, sequences) if entry is not None]
        there = tuple(entry.sequence for entry in known if entry.body is not None)
        if there:
            tx.redact(there)
            tx.append(Kind.REDACTION, {"sequences": list(there), "reason": reason})
    store.scrub()
    return there


def redact_person(user: UserId, *, reason: str, store: Store) -> tuple[int, ...]:
    """Empties every entry that names a person, and takes the name off what is kept beside the ledger."""
    with store.transaction() as tx:
        there = tuple(entry.sequence for entry in tx.entries_about(user) if entry.body is not None)
        tx.redact(there)
        tx.forget_user(user)
        if there:
            tx.append(Kind.REDACTION, {"sequences": list(there), "reason": reason})
    store.scrub()
    return there
