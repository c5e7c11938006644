"""Personal data leaves the record by a person's right or a retention rule; the chain still verifies."""

from __future__ import annotations

from collections.abc import Iterable

from threatstamp.core.ids import UserId
from threatstamp.core.ledger.entry import LedgerEntry
from threatstamp.core.ledger.kinds import Kind
from threatstamp.desk.ports.store import Store, Tx
from threatstamp.desk.ports.time import Clock


def redact(sequences: tuple[int, ...], *, reason: str, store: Store, clock: Clock) -> tuple[int, ...]:
    """Empties the bodies of these entries; returns those that had one. That is itself an entry."""
    with store.transaction() as tx:
        entries = (tx.ledger.get(sequence) for sequence in sequences)
        done = _redact(tx, (one for one in entries if one is not None), reason=reason, clock=clock)
    store.scrub()
    return done


def redact_person(user: UserId, *, reason: str, store: Store, clock: Clock) -> tuple[int, ...]:
    """Empties every entry that names a person, and takes the name off what is kept beside the ledger."""
    with store.transaction() as tx:
        tx.persons.forget(user, now=clock.now())
        alias = tx.persons.aliases()(user)
        entries = tx.ledger.about(user)
        done = _redact(tx, entries, reason=reason.replace(user, alias), clock=clock)
    store.scrub()
    return done


def _redact(tx: Tx, entries: Iterable[LedgerEntry], *, reason: str, clock: Clock) -> tuple[int, ...]:
    """A redaction itself is never emptied: it says why a body is missing."""
    done = tuple(
        entry.sequence for entry in entries if entry.body is not None and entry.kind != Kind.REDACTION
    )
    if done:
        tx.ledger.redact(done)
        body = {"sequences": list(done), "reason": reason}
        tx.ledger.append(Kind.REDACTION, body, now=clock.now())
    return done
