"""Personal data is deleted on a person's request or by a retention rule; the chain still verifies.

In the ledger whole bodies are deleted: a body with other words would not match its digest. In all other
tables an alias replaces the person's id, so that the desk goes on working with what is there.
"""

from __future__ import annotations

from collections.abc import Iterable

from threatstamp.core.ids import UserId
from threatstamp.core.ledger.entry import LedgerEntry
from threatstamp.core.ledger.kinds import Kind
from threatstamp.desk.ports.store import Read, Store, Tx
from threatstamp.desk.ports.time import Clock


def redactable(read: Read, *, user: UserId | None, sequences: tuple[int, ...]) -> tuple[LedgerEntry, ...]:
    """Returns the entries that `redact_person` or, without a user, `redact` would empty as things are."""
    if user is not None:
        found: Iterable[LedgerEntry | None] = read.ledger.about(user)
    else:
        found = map(read.ledger.get, sorted(set(sequences)))
    return tuple(entry for entry in found if entry is not None and _has_content(entry))


def redact(sequences: tuple[int, ...], *, reason: str, store: Store, clock: Clock) -> tuple[int, ...]:
    """Deletes the bodies of these entries, and appends an entry that names them.

    Returns the sequence numbers of those that had a body. Raises StoreError.
    """
    with store.transaction() as tx:
        entries = (tx.ledger.get(sequence) for sequence in sequences)
        done = _redact(tx, (one for one in entries if one is not None), reason=reason, clock=clock)
    store.scrub()
    return done


def redact_person(user: UserId, *, reason: str, store: Store, clock: Clock) -> tuple[int, ...]:
    """Deletes the bodies that name a person, and replaces their id by an alias everywhere else.

    The same alias also replaces the id in `reason`, which would otherwise bring it back into the ledger.
    Returns the sequence numbers of the redacted entries. Raises StoreError.
    """
    with store.transaction() as tx:
        tx.persons.forget(user, now=clock.now())
        alias = tx.persons.aliases()(user)
        entries = tx.ledger.about(user)
        done = _redact(tx, entries, reason=reason.replace(user, alias), clock=clock)
    store.scrub()  # after the commit: until then SQLite's log holds the old pages
    return done


def _redact(tx: Tx, entries: Iterable[LedgerEntry], *, reason: str, clock: Clock) -> tuple[int, ...]:
    """Deletes bodies, but never that of a redaction: it explains why others are missing."""
    done = tuple(entry.sequence for entry in entries if _has_content(entry))
    if done:
        tx.ledger.redact(done)
        body = {"sequences": list(done), "reason": reason}
        tx.ledger.append(Kind.REDACTION, body, now=clock.now())
    return done


def _has_content(entry: LedgerEntry) -> bool:
    return (entry.body is not None or entry.damaged is not None) and entry.kind != Kind.REDACTION
