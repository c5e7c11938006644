"""Whoever decides is called in the thread of the card once a decision waits for them."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.cases.case import Case, CaseState, Move
from threatstamp.core.cases.weighing import CaseCard
from threatstamp.core.outbox.body import number_in, read_body, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture
from threatstamp.desk.cases.morning import card_of, mentions_of
from threatstamp.desk.cases.weighing import weighed
from threatstamp.desk.ports.departing import Act, Departing, Message, NotYet
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

DECISION_REQUEST = DepartureKind(name="decision_request")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRequest(Saying):
    """The call. people: mentions of whoever may decide now."""

    card: CaseCard
    people: tuple[str, ...]


def request_decision(tx: Tx, case: Case, step: Move) -> None:
    """Orders the call if a move has left the case waiting, unless there is no card in Slack.

    case: as the move leaves it. What leaves a case waiting as it was, such as a note, calls nobody again.
    Nor is anybody called where everybody may decide: that is found out when it is sent.
    """
    is_new = step.before is not CaseState.WAITING or case.pending == step.number
    card = card_of(tx, case) if case.state is CaseState.WAITING and is_new else None
    if card is None:
        return
    order = NewDeparture(
        name=f"{case.number}|{step.number}",
        team=case.place.team,
        kind=DECISION_REQUEST,
        channel=card.channel,
        thread_ts=tx.forwards.thread(card.id),
        due_at=step.at,
        body=write_body(case=case.number, pending=case.pending or 0),
    )
    tx.outbox.owe(order, now=step.at)


class RequestingDecision(Departing):
    """Calls the deciders, unless somebody has decided meanwhile."""

    kind = DECISION_REQUEST

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        policy, body = self._tools.policy, read_body(departure.body)
        pending = number_in(body, "pending") or None
        with self._tools.store.reading() as read:
            case = read.cases.get(number_in(body, "case"))
            if case is None or case.state is not CaseState.WAITING or case.pending != pending:
                return NotYet(due_at=None)
            card = weighed(read, case, policy.scales)
        people = mentions_of(policy.deciders, but=card.pending.by if card.pending else None)
        if not people:
            return NotYet(due_at=None)
        return Message(saying=DecisionRequest(card=card, people=people), thread_ts=departure.thread_ts)
