"""An operator has fixed the cause of undeliverable messages, and they are sent again."""

from __future__ import annotations

from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import Departure
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Clock


def retry(departures: tuple[int, ...] | None, *, store: Store, clock: Clock) -> tuple[Departure, ...]:
    """Makes undeliverable departures with these ids due again, all if None; returns those that were found."""
    now = clock.now()
    with store.transaction() as tx:
        refused = tx.outbox.undeliverable()
        chosen = tuple(one for one in refused if departures is None or one.id in departures)
        for one in chosen:
            # due since it was ordered: this process has not heard Slack's time, and its own may be ahead
            tx.outbox.reopen(one.id, due_at=one.created_at)
            tx.ledger.append(Kind.RETRY, {"departure": one.id, "error": one.error}, now=now)
    return chosen
