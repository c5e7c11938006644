"""A stamp opens the case of its post, in the transaction of its forward; a fault in that stops no forward."""

from __future__ import annotations

from threatstamp.core.cases.track import TrackPlan, step_body
from threatstamp.core.errors import is_about_one
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.stamps.post import place_body
from threatstamp.core.stamps.route import BoundRoute
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.stamps.matter import Matter


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
    case = tx.cases.at(matter.post)
    if case is not None:
        if plan.name != case.track:  # the cards display what this track adds
            matter.outcome.cards.update(tx.forwards.cards(matter.post))
        return
    if not tx.forwards.cards(matter.post):
        return  # its forward was recorded before the route got `case`: there would be no card to act on
    number = tx.cases.open(matter.post, plan, by=matter.user, now=matter.now)
    body = {
        **place_body(matter.post),
        "case": number,
        "track": plan.name,
        "kind": plan.kind.value,
        "checklist": [step_body(step) for step in plan.checklist],
        "route": route.route.id,
        "user": matter.user,
    }
    # last: entries are collected, and what fails after one would leave it without its row
    tx.ledger.append(Kind.CASE, body, now=matter.now)
