"""An operator has fixed the cause of undeliverable messages, and they are sent again."""

from __future__ import annotations

from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import Departure
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Clock


def retry(departures: tuple[int, ...] | None, *, store: Store, clock: Clock) -> tuple[Departure, ...]:
    """Makes undeliverable departures with these ids due again, all if None; returns those that were found.

    What was ordered in shadow is the old script's to forward. So it is due only if an operator names its id:
    the script has not got to it.
    """
    now = clock.now()
    with store.transaction() as tx:
        chosen = tx.outbox.undeliverable()
        if departures is not None:
            shadow = (tx.outbox.get(forward.departure) for forward, _ in tx.forwards.in_shadow())
            known = (*chosen, *shadow)
            chosen = tuple(one for one in known if one.id in departures)
        for one in chosen:
            # due since it was ordered: this process has not heard Slack's time, and its own may be ahead
            tx.outbox.reopen(one.id, due_at=one.created_at)
            tx.ledger.append(
                Kind.RETRY, {"departure": one.id, "error": one.error or one.state.value}, now=now
            )
    return chosen
