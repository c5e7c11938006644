"""An operator has mended what kept a forward from going out, and lets it try again."""

from __future__ import annotations

from threatstamp.core.departure import Departure
from threatstamp.core.ledger import Kind
from threatstamp.desk.ports import Clock, Store


def retry(departures: tuple[int, ...] | None, *, store: Store, clock: Clock) -> tuple[Departure, ...]:
    """Makes undeliverable forwards due again, all of them for None; returns which."""
    now = clock.now()
    with store.transaction() as tx:
        chosen = tuple(one for one in tx.undeliverable() if departures is None or one.id in departures)
        for one in chosen:
            tx.reopen(one.id, due_at=now)
            tx.append(Kind.RETRY, {"forward": one.id, "error": one.error})
    return chosen
