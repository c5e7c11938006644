"""A route's decision about a stamp is put into effect: forwards, a refusal, or nothing yet."""

from __future__ import annotations

from threatstamp.core.cases.track import plan_of
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.marking import Tlp
from threatstamp.core.outbox.departure import NewDeparture
from threatstamp.core.stamps.forward import NewForward, order_of
from threatstamp.core.stamps.post import place_body
from threatstamp.core.stamps.route import REFUSALS, BoundRoute, Contact, Verdict, is_withheld, judge
from threatstamp.core.stamps.turn import TurnRecord
from threatstamp.core.time import Micros, later, micros_of
from threatstamp.desk.ports.marking import place_marking
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.stamps.asking import hold
from threatstamp.desk.stamps.collecting import book
from threatstamp.desk.stamps.confirming import confirm
from threatstamp.desk.stamps.forwarding import order_forward
from threatstamp.desk.stamps.matter import Matter, turn_body
from threatstamp.desk.stamps.opening import open_case
from threatstamp.desk.stamps.refusing import order_refusal

NEVER = Contact(since=Micros(0))
"""Without a contact on record: events fire the route, and what a look finds existed before."""


class Judge:
    """Applies routes in the transaction of an arrival."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def judge(
        self,
        tx: Tx,
        matter: Matter,
        route: BoundRoute,
        *,
        record: TurnRecord,
        before: Verdict | None = None,
        contact: Contact | None = None,
    ) -> Verdict:
        """Judges one stamp for one route and records what follows; nothing if the verdict is still `before`.

        contact: overrides the first contact on record.
        """
        met = contact or _contact(tx, matter, route)
        verdict = judge(
            route,
            record.turn,
            user=matter.user,
            posted_at=micros_of(matter.place.ts),
            contact=met,
            members=matter.membership.members,
            external=matter.membership.is_external(matter.user),
            imported=_is_imported(tx, matter, route),
        )
        marking = None
        if verdict is Verdict.FIRES and route.to:  # one that cannot be read yet is looked at at delivery
            marking = place_marking(tx, matter.post, self._tools.policy.labels)
        if marking is not None and is_withheld(route.route, marking):
            verdict = Verdict.MARKED
        if before is verdict:
            return verdict
        tx.routes.put_verdict(record, route.route.id, verdict=verdict, now=matter.now)
        if verdict is Verdict.FIRES:
            matter.outcome.changed = True
            self._fire(tx, matter, route, record=record)
        elif verdict in REFUSALS:
            _refuse(tx, matter, route, record=record, verdict=verdict, marking=marking)
        return verdict

    def _fire(self, tx: Tx, matter: Matter, route: BoundRoute, *, record: TurnRecord) -> None:
        each = route.route.each
        for destination in route.to:
            new = NewForward(
                place=matter.post,
                destination=destination,
                order=order_of(route),
                user=matter.user if each else None,
                event_at=record.turn.at if each else None,
                stamp=record.id if each else None,
            )
            self._order(tx, matter, new, record=record)
        if route.route.case is not None:
            plan = plan_of(self._tools.policy.tracks, route.route.case)
            open_case(tx, matter, route, plan)
        if route.route.confirm:
            self._ask(tx, matter, route, record=record)
        if not route.to:  # with destinations, the source post is confirmed once a forward is delivered
            matter.outcome.more = True
            name = route.route.name
            confirm(tx, matter.post, self._tools.policy, route_name=name, to=(), now=matter.now)

    def _order(self, tx: Tx, matter: Matter, new: NewForward, *, record: TurnRecord) -> None:
        departure = self._collect(tx, matter, new) if new.order.digest else None
        if not new.order.digest:
            departure = self._owe(tx, matter, order_forward(new, due_at=_due_at(matter, new, record)))
        if departure is None:
            return  # ordered by another person's stamp: `revise_all` adds this one, or reopens it
        matter.outcome.new.add(departure)
        tx.forwards.add(new, departure=departure, now=matter.now)
        body = {
            **place_body(matter.post),
            "reaction": matter.reaction,
            "route": new.order.route,
            "route_name": new.order.route_name,
            "destination": new.destination,
            "mention": list(new.order.mention),
            "text": new.order.text,
            "user": matter.user,
            "each": new.user is not None,
            "thread": new.order.thread,
            "external": new.order.external,
            "on_withdraw": new.order.on_withdraw.value,
            "delay": round(new.order.delay * 1_000),
            "departure": departure,
        }
        tx.ledger.append(Kind.FORWARD, body, now=matter.now)

    def _ask(self, tx: Tx, matter: Matter, route: BoundRoute, *, record: TurnRecord) -> None:
        user = matter.user if route.route.each else None
        found = tx.forwards.of_post(matter.post, matter.reaction)
        of_route = [one for one in found if (one.order.route, one.user) == (route.route.id, user)]
        hold(tx, record, route=of_route, now=matter.now)
        matter.outcome.more = True

    def _collect(self, tx: Tx, matter: Matter, new: NewForward) -> int | None:
        """Orders a forward that is said in a digest; None if it is ordered already."""
        if tx.outbox.keyed(order_forward(new, due_at=matter.now).key) is not None:
            return None
        team, now = matter.post.team, matter.now
        digest, due_at = book(tx, new.order, new.destination, team=team, tools=self._tools, now=now)
        matter.outcome.joined.add(digest)
        return self._owe(tx, matter, order_forward(new, due_at=due_at, digest=digest))

    def _owe(self, tx: Tx, matter: Matter, new: NewDeparture) -> int | None:
        """Orders a forward. If a courier is free and it is due, it is claimed in this transaction.

        That saves the courier from looking for it, about 4 ms. The row is the same as after any other claim,
        so if this process dies now, another one takes over when the lease ends.
        """
        outcome = matter.outcome
        if not outcome.at_once or new.due_at > matter.now:
            outcome.more = True
            return tx.outbox.owe(new, now=matter.now)
        lease, holder = self._tools.timing.lease, self._tools.holder
        made = tx.outbox.owe_claimed(new, now=matter.now, lease=lease, holder=holder)
        if made is None:
            return None
        departure, claim = made
        if claim is None:
            outcome.more = True
        else:
            outcome.claims.append(claim)
        return departure


def _contact(tx: Tx, matter: Matter, route: BoundRoute) -> Contact:
    post = matter.post
    return tx.routes.contact(post.channel, route.route.id, team=post.team) or NEVER


def _is_imported(tx: Tx, matter: Matter, route: BoundRoute) -> bool:
    """True if the old script has forwarded the post for this reaction, and this route of ours has not."""
    if not tx.stamps.imported([(matter.post, matter.reaction)]):
        return False
    ours = tx.forwards.of_post(matter.post, matter.reaction)
    return all(forward.order.route != route.route.id for forward in ours)


def _due_at(matter: Matter, new: NewForward, record: TurnRecord) -> Micros:
    """A delay counts from the stamp if its exact time is known, else from now."""
    delay = new.order.delay
    is_from_stamp = record.turn.exact and delay
    return later(record.turn.at if is_from_stamp else matter.now, delay)


def _refuse(
    tx: Tx, matter: Matter, route: BoundRoute, *, record: TurnRecord, verdict: Verdict, marking: Tlp | None
) -> None:
    body = {**turn_body(record), "route": route.route.id, "why": verdict.value}
    tx.ledger.append(Kind.REFUSAL, body, now=matter.now)
    matter.outcome.more = True
    label = marking if verdict is Verdict.MARKED else None
    external = verdict is Verdict.EXTERNAL
    order = order_refusal(record, route, external=external, marking=label, now=matter.now)
    tx.outbox.owe(order, now=matter.now)
