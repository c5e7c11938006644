"""An operator has fixed the cause of undeliverable messages, and they are sent again."""

from __future__ import annotations

from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import Departure, State
from threatstamp.core.stamps.forward import held_until
from threatstamp.desk.ports.store import Store, Tx
from threatstamp.desk.ports.time import Clock


def retry(departures: tuple[int, ...] | None, *, store: Store, clock: Clock) -> tuple[Departure, ...]:
    """Makes undeliverable departures with these ids due again, all if None; returns those that were found.

    What waits to be confirmed is due if an operator names its id. What was ordered in shadow is the old
    script's to forward. So it is due only if an operator names its id: the script has not got to it.
    """
    now = clock.now()
    with store.transaction() as tx:
        chosen = tx.backlog.undeliverable()
        if departures is not None:
            shadow = (tx.outbox.get(forward.departure) for forward, _ in tx.forwards.in_shadow())
            known = (*chosen, *shadow, *_held(tx, departures))
            chosen = tuple(one for one in known if one.id in departures)
        for one in chosen:
            if held_until(one.body) is not None:
                tx.outbox.put_body(one.id, "{}")
            # due since it was ordered: this process has not heard Slack's time, and its own may be ahead
            tx.outbox.reopen(one.id, due_at=one.created_at)
            tx.ledger.append(Kind.RETRY, {"departure": one.id, "error": _why(one)}, now=now)
    return chosen


def _held(tx: Tx, departures: tuple[int, ...]) -> tuple[Departure, ...]:
    """Returns those of these departures that are forwards nobody has confirmed yet."""
    found = (tx.outbox.get(one) for one in departures if tx.forwards.of(one) is not None)
    return tuple(one for one in found if one.state is State.PENDING and held_until(one.body) is not None)


def _why(departure: Departure) -> str:
    if departure.state is State.PENDING:
        return "unconfirmed"
    return departure.error or departure.state.value
