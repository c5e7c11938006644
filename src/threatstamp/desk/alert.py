"""What needs an operator is said once in alerts, and once more when it is mended."""

from __future__ import annotations

from collections.abc import Mapping

from threatstamp.core.departure import DepartureKind, NewDeparture
from threatstamp.core.policy import Policy
from threatstamp.desk.ports import Clock, Store, Timing, Trouble

SECOND = 1_000_000
WEEK = 7 * 86_400 * SECOND


def find_troubles(*, store: Store, clock: Clock, timing: Timing) -> None:
    """Opens troubles for what waits too long, and closes those whose cause is gone."""
    now = clock.now()
    with store.reading() as tx:  # most of the time there is nothing to write
        calm = not (tx.late(before=now - round(timing.late * SECOND)) or tx.troubles())
    if calm:
        return
    with store.transaction() as tx:
        late = tx.late(before=now - round(timing.late * SECOND))
        for departure in late:
            values = {"channel": departure.channel, "error": departure.error or "waiting"}
            tx.open_trouble(f"late:{departure.channel}", "late", values=values, now=now)
        still_late = {f"late:{departure.channel}" for departure in late}
        broken = {f"undeliverable:{one.channel}:{one.error}" for one in tx.undeliverable()}
        stuck = {f"edit:{one.channel}:{one.error}" for one in tx.stuck_edits()}
        for trouble in (*tx.troubles("late:"), *tx.troubles("undeliverable:"), *tx.troubles("edit:")):
            if trouble.key not in still_late | broken | stuck:
                tx.mend_trouble(trouble.key, now=now)


def tell_troubles(*, policy: Policy, store: Store, clock: Clock) -> bool:
    """Owes alerts a message for each trouble that it does not know of; True if there was one.

    While there is no such channel, or it cannot be found, nothing counts as told.
    """
    now = clock.now()
    if policy.alerts is None:
        return False
    with store.reading() as tx:
        if not tx.untold():
            return False
    with store.transaction() as tx:
        untold = tx.untold()
        for trouble in untold:
            tx.owe(_alert(policy, trouble, now=now), now=now)
            tx.told(trouble)
    return bool(untold)


def tell_head(head: str, sequence: int, *, policy: Policy, store: Store, clock: Clock) -> bool:
    """Owes alerts the ledger's head, once a week, to be written down elsewhere."""
    now = clock.now()
    with store.transaction() as tx:
        last = tx.vital("head_told")
        if policy.alerts is None or sequence == 0 or (last and now - int(last) < WEEK):
            return False
        tx.put_vital("head_told", str(now), now=now)
        body = _body("head", {"head": head, "sequence": str(sequence)}, mended=False)
        tx.owe(_departure(policy, f"head|{now}", body=body, now=now), now=now)
    return True


def _alert(policy: Policy, trouble: Trouble, *, now: int) -> NewDeparture:
    mended = trouble.mended_at is not None
    name = f"{trouble.key}|{trouble.opened_at}|{'mended' if mended else 'opened'}"
    return _departure(policy, name, body=_body(trouble.kind, trouble.values, mended=mended), now=now)


def _body(kind: str, values: Mapping[str, str], *, mended: bool) -> dict[str, object]:
    return {"kind": kind, "values": dict(values), "mended": mended}


def _departure(policy: Policy, name: str, *, body: dict[str, object], now: int) -> NewDeparture:
    assert policy.alerts is not None
    return NewDeparture(
        name=name,
        team=policy.team,
        kind=DepartureKind.ALERT,
        channel=policy.alerts,
        due_at=now,
        body=body,
    )
