"""A stamp opens the case of its post, or raises it, in the transaction of its forward.

A fault in that stops no forward.
"""

from __future__ import annotations

from threatstamp.core.cases.case import move_body
from threatstamp.core.cases.track import TrackPlan, step_body
from threatstamp.core.errors import is_about_one
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.stamps.post import place_body
from threatstamp.core.stamps.route import BoundRoute
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.cases import brief_key
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.stamps.matter import Matter
from threatstamp.desk.stamps.raising import order_raised, raise_case


def open_case(tx: Tx, matter: Matter, route: BoundRoute, plan: TrackPlan) -> None:
    """Opens the case that a route asks for, unless the post has one. plan: of the route's track.

    If that fails, an operator is told, and the next stamp that fires such a route tries again.
    """
    subject = f"{matter.post.channel}:{matter.post.ts}"
    try:
        with tx.cases.apart():
            _open(tx, matter, route, plan)
    except Exception as error:
        if not is_about_one(error):
            raise
        values = {"channel": matter.post.channel, "ts": matter.post.ts, "error": type(error).__name__}
        tx.troubles.open(TroubleKind.CASE, subject, values=values, now=matter.now)
        return
    tx.troubles.fix(TroubleKind.CASE, subject, now=matter.now)


def _open(tx: Tx, matter: Matter, route: BoundRoute, plan: TrackPlan) -> None:
    found = tx.cases.at(matter.post)
    if found is None and not tx.forwards.cards(matter.post):
        return  # its forward was recorded before the route got `case`: there would be no card to act on
    body = None if found is not None else _opened(tx, matter, route, plan)
    case = found or tx.cases.at(matter.post)
    raised = raise_case(tx, matter, route, case) if case is not None else None
    if found is not None:  # the cards display its tracks, priority and who stamped
        matter.outcome.cards.update(tx.forwards.cards(matter.post))
    if found is not None and raised is not None:
        brief = tx.outbox.keyed(brief_key(found))
        if brief is not None:
            matter.outcome.cards.add(brief.id)
        line = order_raised(tx, matter, route, raised[1], case=found.number)
        if line is not None:
            tx.outbox.owe(line, now=matter.now)
            matter.outcome.more = True
    # last: entries are collected, and what fails after one would leave it without its row
    if body is not None:
        tx.ledger.append(Kind.CASE, body, now=matter.now)
    if raised is not None:
        tx.ledger.append(Kind.CASE_MOVED, move_body(*raised), now=matter.now)


def _opened(tx: Tx, matter: Matter, route: BoundRoute, plan: TrackPlan) -> dict[str, object]:
    """Opens the case, and returns the body of its entry."""
    number = tx.cases.open(matter.post, plan, by=matter.user, now=matter.now)
    return {
        **place_body(matter.post),
        "case": number,
        "track": plan.name,
        "kind": plan.kind.value,
        "checklist": [step_body(step) for step in plan.checklist],
        "route": route.route.id,
        "user": matter.user,
    }
