"""What a route makes of a stamp: forwards, a refusal, or nothing yet."""

from __future__ import annotations

from threatstamp.core.departure import DepartureKind, NewDeparture
from threatstamp.core.forward import NewForward, confirm_line, confirm_reaction
from threatstamp.core.ids import micros
from threatstamp.core.ledger import Kind
from threatstamp.core.policy import Confirm, Policy
from threatstamp.core.post import place_body
from threatstamp.core.route import BoundRoute, Contact, Verdict, judge
from threatstamp.desk.cases import Case, about, order_of
from threatstamp.desk.ports import StampRecord, Timing, Tx

NEVER = Contact(since=0)


class Judge:
    """Applies routes within the transaction of an arrival."""

    def __init__(self, *, policy: Policy, timing: Timing, holder: str) -> None:
        self.policy = policy
        self._timing = timing
        self._holder = holder

    def judge(
        self,
        tx: Tx,
        case: Case,
        route: BoundRoute,
        *,
        record: StampRecord,
        before: Verdict | None = None,
        contact: Contact | None = None,
    ) -> None:
        """Judges one turn for one route, and does what follows; nothing if it is judged like that already."""
        met = contact or tx.contact(case.post.channel, route.route.id, team=case.post.team) or NEVER
        verdict = judge(
            route,
            record.stamp,
            user=case.user,
            posted_at=micros(case.place.ts),
            contact=met,
            members=case.people.members,
            external=case.people.is_external(case.user),
        )
        if before is verdict:
            return
        tx.put_verdict(record, route.route.id, verdict=verdict, now=case.now)
        if verdict is Verdict.FIRES:
            case.owing.changed = True
            self._fire(tx, case, route, record=record)
        elif verdict in (Verdict.REFUSED, Verdict.EXTERNAL):
            self._refuse(tx, case, route, record=record, verdict=verdict)

    def _refuse(
        self, tx: Tx, case: Case, route: BoundRoute, *, record: StampRecord, verdict: Verdict
    ) -> None:
        tx.append(Kind.REFUSAL, {**about(record), "route": route.route.id, "why": verdict.value})
        if verdict is Verdict.REFUSED:
            case.owing.more = True
            tx.owe(
                NewDeparture(
                    name=f"{record.id}|{route.route.id}",
                    team=case.place.team,
                    kind=DepartureKind.REFUSAL,
                    channel=case.place.channel,
                    due_at=case.now,
                    body={
                        "user": case.user,
                        "route_name": route.route.name,
                        "reaction": case.reaction,
                        "ts": case.place.ts,
                    },
                ),
                now=case.now,
            )

    def _fire(self, tx: Tx, case: Case, route: BoundRoute, *, record: StampRecord) -> None:
        each = route.route.each
        for destination in route.to:
            new = NewForward(
                place=case.post,
                destination=destination,
                order=order_of(route),
                user=case.user if each else None,
                event_at=record.stamp.at if each else None,
                stamp=record.id if each else None,
            )
            self._order_forward(tx, case, new=new, record=record)
        if not route.to:
            self._confirm_record_only(tx, case, route)

    def _order_forward(self, tx: Tx, case: Case, *, new: NewForward, record: StampRecord) -> None:
        delay = round(new.order.delay * 1_000_000)
        due_at = record.stamp.at + delay if record.stamp.exact and delay else case.now + delay
        departure = self._owe(
            tx,
            case,
            NewDeparture(
                name=new.name,
                team=case.post.team,
                kind=DepartureKind.FORWARD,
                channel=new.destination,
                due_at=due_at,
                body={},
            ),
        )
        if departure is None:
            return  # it is there: revising adds the person, and re-opens what was cancelled
        case.owing.new.add(departure)
        tx.add_forward(new, departure=departure, now=case.now)
        tx.append(
            Kind.FORWARD,
            {
                **place_body(case.post),
                "reaction": case.reaction,
                "route": new.order.route,
                "route_name": new.order.route_name,
                "destination": new.destination,
                "mention": list(new.order.mention),
                "text": new.order.text,
                "user": case.user,
                "forward": departure,
            },
        )

    def _owe(self, tx: Tx, case: Case, new: NewDeparture) -> int | None:
        """Orders a forward; one that may go out now is claimed at once, if somebody is free to take it."""
        if not case.owing.at_once or new.due_at > case.now:
            case.owing.more = True
            return tx.owe(new, now=case.now)
        made = tx.owe_claimed(new, now=case.now, lease=self._timing.lease, holder=self._holder)
        if made is None:
            return None
        departure, claim = made
        if claim is None:
            case.owing.more = True
        else:
            case.owing.claims.append(claim)
        return departure

    def _confirm_record_only(self, tx: Tx, case: Case, route: BoundRoute) -> None:
        """A route without destinations confirms at once; the others when they are delivered."""
        case.owing.more = True
        if self.policy.confirm is Confirm.REACTION:
            tx.owe(confirm_reaction(case.post, self.policy.confirm_emoji, now=case.now), now=case.now)
        elif self.policy.confirm is Confirm.THREAD:
            tx.owe(confirm_line(case.post, route.route.name, to=(), now=case.now), now=case.now)
