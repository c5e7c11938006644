"""Troubles of delivery are found; each trouble is reported in alerts once, and once more when fixed."""

from __future__ import annotations

from threatstamp.core import signs
from threatstamp.core.time import WEEK, Micros, later
from threatstamp.core.trouble import OF_DELIVERY, Trouble, TroubleKind, refused_subject
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.troubles.alerting import HEAD, Alert, order_alert


def find_troubles(tools: Tools) -> None:
    """Opens troubles for messages that are late, and closes troubles of delivery whose cause is gone."""
    now = tools.clock.now()
    before = later(now, -tools.timing.late)
    # called every few seconds, usually with nothing to do: reading first keeps the writer's lock free
    with tools.store.reading() as read:
        calm = not (read.backlog.late(before=before) or read.troubles.unfixed(*OF_DELIVERY))
    if calm:
        return
    with tools.store.transaction() as tx:
        late = tx.backlog.late(before=before)
        for departure in late:
            values = {"channel": departure.channel, "error": departure.error or "waiting"}
            tx.troubles.open(TroubleKind.LATE, departure.channel, values=values, now=now)
        wrong = _refused(tx) | {(TroubleKind.LATE, str(departure.channel)) for departure in late}
        for trouble in tx.troubles.unfixed(*OF_DELIVERY):
            if (trouble.kind, trouble.subject) not in wrong:
                tx.troubles.fix(trouble.kind, trouble.subject, now=now)


def _refused(tx: Tx) -> set[tuple[TroubleKind, str]]:
    """Returns the kind and subject of each trouble that is justified by a refused message or edit."""
    messages = {
        (TroubleKind.UNDELIVERABLE, refused_subject(one.channel, one.error))
        for one in tx.backlog.undeliverable()
    }
    edits = {(TroubleKind.EDIT, refused_subject(one.channel, one.error)) for one in tx.backlog.stuck_edits()}
    return messages | edits


def tell_troubles(tools: Tools) -> bool:
    """Orders an alert for each trouble that is not reported in its present state; True if there was one.

    Without an alerts channel nothing is marked as reported, so it is reported once there is one.
    """
    now, policy = tools.clock.now(), tools.policy
    channel = policy.alerts
    if channel is None:
        return False
    with tools.store.reading() as read:
        if not read.troubles.untold():
            return False
    with tools.store.transaction() as tx:
        untold = tx.troubles.untold()
        for trouble in untold:
            fixed = trouble.fixed_at is not None
            alert = Alert(kind=trouble.kind.value, values=trouble.values, fixed=fixed)
            name = _name(trouble, fixed=fixed)
            tx.outbox.owe(order_alert(name, alert, team=policy.team, channel=channel, now=now), now=now)
            tx.troubles.put_told(trouble)
    return bool(untold)


def _name(trouble: Trouble, *, fixed: bool) -> str:
    """Returns the alert's natural key. With `opened_at`, because the same trouble may come back."""
    what = "fixed" if fixed else "opened"
    return f"{trouble.kind.value}:{trouble.subject}|{trouble.opened_at}|{what}"


def tell_head(tools: Tools) -> bool:
    """Orders an alert with the ledger's head once a week; True if there is one now.

    Slack then holds a copy that whoever rewrites the whole chain in the database would have to change, too.
    """
    now, policy = tools.clock.now(), tools.policy
    channel = policy.alerts
    with tools.store.transaction() as tx:
        head = tx.ledger.last()
        if channel is None or head is None or not _is_week_old(tx.vitals.get(signs.HEAD_TOLD), now):
            return False
        tx.vitals.put(signs.HEAD_TOLD, str(now), now=now)
        values = {"head": head.hash, "sequence": str(head.sequence)}
        alert = Alert(kind=HEAD, values=values, fixed=False)
        new = order_alert(f"{HEAD}|{now}", alert, team=policy.team, channel=channel, now=now)
        tx.outbox.owe(new, now=now)
    return True


def _is_week_old(last: str | None, now: Micros) -> bool:
    return last is None or now - int(last) >= WEEK
