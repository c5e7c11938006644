"""The desk goes into shadow beside the old script, and leaves it for good.

In shadow everything is recorded and decided, and nothing is said; `store/shadow.py` sees to that. What people
stamp meanwhile is the script's to forward. When the desk leaves the shadow, that has to stay so for what it
has not seen or not decided yet, and nothing else may change: what is stamped from then on is the desk's.
"""

from __future__ import annotations

from dataclasses import replace

from threatstamp.core import signs
from threatstamp.core.cases.case import CaseAct, CaseState, Way, Wish, move_body
from threatstamp.core.cases.moves import Actor, Denial, move, step_to
from threatstamp.core.ids import UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.stamps.route import Verdict
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools


def begin_shadow(tools: Tools) -> None:
    """Puts the desk into shadow, before anything else: whatever it meets from now on, the script has it.

    The first time, the ledger says that the shadow begins.
    """
    now = tools.clock.now()
    with tools.store.transaction() as tx:
        if not stay_as_it_is(tx, in_shadow=True, now=now):
            tx.ledger.append(Kind.SHADOW_BEGUN, {"at": now}, now=now)
            tx.vitals.put(signs.SHADOW, str(now), now=now)


def stay_as_it_is(tx: Tx, *, in_shadow: bool, now: Micros) -> bool:
    """Notes that the desk is in shadow still, if it is; False if it is not as this process takes it to be.

    Then another process has begun or ended the shadow meanwhile: this one was paused, and counted as dead.
    """
    since = tx.vitals.get(signs.SHADOW)
    if since and in_shadow:
        tx.vitals.put(signs.SHADOW, since, now=now)
    return bool(since) is in_shadow


def leave_shadow(tools: Tools) -> bool:
    """Ends the shadow when a desk that speaks begins; True if there was one.

    It ended when a process in shadow was last alive. Events from before that may still arrive, or wait in the
    inbox after a crash: each route's first contacts move to that moment, so they are recorded and not
    forwarded. Stamps that waited for an answer from Slack count as what was there before.
    """
    with tools.store.reading() as read:  # almost always there was none: do not take the writer's lock
        if not read.vitals.get(signs.SHADOW):
            return False
    policy, now = tools.policy, tools.clock.now()
    with tools.store.transaction() as tx:
        since, ended = tx.vitals.every()[signs.SHADOW]
        if not since:
            return False  # another process was faster
        for channel, route in policy.contacts():
            met = tx.routes.contact(channel, route, team=policy.team)
            if met is not None and met.since < ended:
                tx.routes.put_contact(channel, route, team=policy.team, contact=replace(met, since=ended))
        for record, route in tx.routes.judged(Verdict.WAITS, team=policy.team):
            tx.routes.put_verdict(record, route, verdict=Verdict.EXISTING, now=now)
        _withdraw_cases(tx, Micros(int(since)), by=policy.me, now=now)
        tx.ledger.append(Kind.SHADOW_ENDED, {"at": ended}, now=now)
        tx.vitals.put(signs.SHADOW, "", now=now)
    return True


def _withdraw_cases(tx: Tx, since: Micros, *, by: UserId, now: Micros) -> None:
    """Withdraws the cases of the shadow on which nobody has acted: nobody has seen a card of theirs.

    They stay on record, to be compared. A stamp from now on brings its case back.
    """
    for case in tx.cases.every(states=(CaseState.NEW,)):
        wish = Wish(act=CaseAct.WITHDRAW)
        moved = move(case, wish, by=Actor(user=by), last=None)
        if case.opened_at < since or isinstance(moved, Denial):
            continue
        step = step_to(moved, case, wish, by=by, way=Way.CLOCK, at=now)
        tx.cases.put(moved, step, key=f"shadow|{case.number}")
        tx.ledger.append(Kind.CASE_MOVED, move_body(moved, step), now=now)
