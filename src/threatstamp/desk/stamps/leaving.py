"""A case follows who stamps: its cards name them; after the last one it is withdrawn, and may come back."""

from __future__ import annotations

from threatstamp.core.cases.case import Case, CaseAct, CaseState, Way, Wish, move_body
from threatstamp.core.cases.moves import Actor, Denial, move, step_to
from threatstamp.core.errors import is_about_one
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.forward import holdings
from threatstamp.core.stamps.route import OnWithdraw
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.cases import brief_key
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.stamps.matter import Matter


def follow_stamps(tx: Tx, matter: Matter, policy: Policy, *, left: bool) -> None:
    """Moves the post's case if this person's turns ask for it. A fault in that stops no forward.

    left: a stamp may be gone; else there can only be one more.
    """
    routes = policy.routes_for(matter.reaction, matter.post.channel)
    if all(route.route.case is None for route in routes):
        return
    try:
        with tx.cases.apart():
            _follow(tx, matter, left=left)
    except Exception as error:
        if not is_about_one(error):
            raise
        subject = f"{matter.post.channel}:{matter.post.ts}"
        values = {"channel": matter.post.channel, "ts": matter.post.ts, "error": type(error).__name__}
        tx.troubles.open(TroubleKind.CASE, subject, values=values, now=matter.now)


def _follow(tx: Tx, matter: Matter, *, left: bool) -> None:
    case = tx.cases.at(matter.post)
    if case is not None:  # all of its cards say who holds a stamp
        matter.outcome.cards.update(tx.forwards.cards(matter.post))
    if case is None or not (left or case.state is CaseState.WITHDRAWN):
        return
    act = CaseAct.RETURN if case.state is CaseState.WITHDRAWN else CaseAct.WITHDRAW
    by = tx.persons.aliases()(matter.user)
    moved = move(case, Wish(act=act), by=Actor(user=by), last=None)
    if isinstance(moved, Denial) or _is_held(tx, case) is not (act is CaseAct.RETURN):
        return
    step = step_to(moved, case, Wish(act=act), by=by, way=Way.STAMP, at=matter.now)
    tx.cases.put(moved, step, key=f"stamp|{case.number}|{step.number}")
    brief = tx.outbox.keyed(brief_key(case))
    if brief is not None:
        matter.outcome.cards.add(brief.id)
    # last: entries are collected, and what fails after one would leave it without its row
    tx.ledger.append(Kind.CASE_MOVED, move_body(moved, step), now=matter.now)


def _is_held(tx: Tx, case: Case) -> bool:
    """True while somebody holds a stamp that made a card, or one whose route ignores withdrawals."""
    for card in tx.forwards.cards(case.place):
        found = tx.forwards.of(card)
        if found is None:
            continue
        forward, order = found[0], found[0].order
        if order.on_withdraw is OnWithdraw.IGNORE:
            return True
        turns = tx.forwards.turns(forward.place, order.reaction, route=order.route)
        if any(one.until is None for one in holdings(turns)):
            return True
    return False
