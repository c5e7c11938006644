"""A case gets a ticket in the developers' tracker: who orders it, and what is said when it is closed there.

The order is a row that is known by its case, recorded with the move that asks for it; `tickets_out` makes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from threatstamp.core.cases.case import CLOSED, Case, CaseAct, Move, Way, Wish
from threatstamp.core.cases.moves import Actor, Denial, is_ticket_link, move, step_to, wishes_of
from threatstamp.core.cases.ticket import Ticket, TicketState, TrackerPlan, new_ticket
from threatstamp.core.cases.track import plans_of, tracker_of
from threatstamp.core.ids import UserId
from threatstamp.core.outbox.body import number_in, read_body, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture
from threatstamp.core.policy import Policy
from threatstamp.core.time import Micros
from threatstamp.desk.cases.morning import card_of
from threatstamp.desk.cases.recording import record_move
from threatstamp.desk.ports.departing import Act, Departing, Message, NotYet
from threatstamp.desk.ports.marking import place_marking
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools

TICKET_CLOSED = DepartureKind(name="ticket_closed")
_NOT_THERE = (TicketState.WITHHELD, TicketState.SHADOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketClosed(Saying):
    """A line in the thread of a card: the ticket is closed. owner: of the case; None: nobody.

    can_end: the case is in a state in which it can be done.
    """

    case: int
    owner: UserId | None
    link: str
    can_end: bool


def ticket_before(tx: Tx, case: Case, wish: Wish, policy: Policy) -> Denial | bool:
    """Returns whether a ticket that somebody asks for is there already; why not, where none can be made."""
    if wish.act is not CaseAct.TICKET or wish.reason:
        return False
    plan = _tracker(tx, case, policy)
    if plan is None:
        return Denial.NO_TRACKER
    found = tx.tickets.of(case.number)
    if found is not None and found.state not in _NOT_THERE:
        return True
    return Denial.CONFIDENTIAL if is_marked(tx, case, plan, policy) else False


def follow_ticket(tx: Tx, case: Case, step: Move, policy: Policy) -> None:
    """Orders the ticket by the move that hands over to developers, or that asks for it.

    The hand-over orders none where somebody has linked one, or the post is marked too strictly. One that is
    linked, and is in the tracker of the case, is followed from then on, unless another one is.
    """
    act, link = step.wish.act, step.wish.reason
    plan = _tracker(tx, case, policy) if act in (CaseAct.BRIEF, CaseAct.TICKET) else None
    if plan is None:
        return
    if act is CaseAct.TICKET and link:
        _follow_linked(tx, case, plan, link, now=step.at)
        return
    if is_marked(tx, case, plan, policy):
        return
    if act is CaseAct.BRIEF and any(one.wish.act is CaseAct.TICKET for one in tx.cases.moves(case.number)):
        return
    tx.tickets.owe(_new(case, plan, now=step.at))


def _follow_linked(tx: Tx, case: Case, plan: TrackerPlan, link: str, *, now: Micros) -> None:
    number = plan.number_of(link)
    if number:
        there = replace(_new(case, plan, now=now), state=TicketState.MADE, number=number, link=link)
        tx.tickets.owe(there)


def _new(case: Case, plan: TrackerPlan, *, now: Micros) -> Ticket:
    return new_ticket(case.number, plan.name, team=case.place.team, opened_at=case.opened_at, now=now)


def record_ticket(tx: Tx, ticket: Ticket, policy: Policy, *, now: Micros) -> None:
    """Records that a ticket was made, as a move of the case, which its card and hand-over display."""
    case, key = tx.cases.get(ticket.case), f"ticket|{ticket.key}"
    if case is None or tx.cases.is_known(key):
        return
    wish = Wish(act=CaseAct.TICKET, reason=ticket.link if is_ticket_link(ticket.link) else "")
    moved = move(case, wish, by=Actor(user=policy.me, is_desk=True), last=None)
    if isinstance(moved, Denial):
        return
    step = step_to(moved, case, wish, by=policy.me, way=Way.CLOCK, at=now)
    record_move(tx, moved, step, key=key)


def is_marked(read: Read | Tx, case: Case, plan: TrackerPlan, policy: Policy) -> bool:
    """True if the post's TLP label is stricter than what may go into a tracker."""
    marking = place_marking(read, case.place, policy.labels)
    return marking is not None and marking.exceeds(plan.tlp)


def order_closed(tx: Tx, ticket: Ticket, policy: Policy, *, now: Micros) -> bool:
    """Orders the line that a ticket is closed; False while no card is posted whose thread could have it."""
    case = tx.cases.get(ticket.case)
    card = card_of(tx, case) if case is not None else None
    if case is None or card is None:
        return False
    order = NewDeparture(
        name=str(case.number),
        team=case.place.team,
        kind=TICKET_CLOSED,
        channel=card.channel,
        thread_ts=tx.forwards.thread(card.id),
        due_at=policy.calendar.undisturbed(now),
        body=write_body(case=case.number, link=ticket.link),
    )
    tx.outbox.owe(order, now=now)
    return True


class TellingTicketClosed(Departing):
    """Says it, unless the case is closed by then."""

    kind = TICKET_CLOSED

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        body = read_body(departure.body)
        with self._tools.store.reading() as read:
            case = read.cases.get(number_in(body, "case"))
        if case is None or case.state in CLOSED:
            return NotYet(due_at=None)
        can_end = CaseAct.DONE in {wish.act for wish in wishes_of(case)}
        saying = TicketClosed(case=case.number, owner=case.owner, link=text_in(body, "link"), can_end=can_end)
        return Message(saying=saying, thread_ts=departure.thread_ts)


def _tracker(tx: Tx, case: Case, policy: Policy) -> TrackerPlan | None:
    return tracker_of(plans_of(policy.tracks, tx.cases.tracks(case)))
