"""A stamp of a more urgent route raises the priority of its case, and the case's thread says so, once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from threatstamp.core.cases.case import Case, CaseAct, Move, Way, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.moves import Actor, Denial, move, step_to
from threatstamp.core.ids import Emoji, UserId
from threatstamp.core.outbox.body import number_in, read_body, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.stamps.route import BoundRoute
from threatstamp.desk.ports.departing import Act, Departing, Message
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.stamps.matter import Matter

CASE_RAISED = DepartureKind(name="case_raised")


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedSaying(Saying):
    """A line in the thread of a case's card: who has raised its priority, by which stamp."""

    case: int
    priority: Priority
    user: UserId
    reaction: Emoji

    def write(self) -> str:
        return write_body(
            case=self.case, priority=self.priority.value, user=self.user, reaction=self.reaction
        )

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        return cls(
            case=number_in(body, "case"),
            priority=Priority(text_in(body, "priority")),
            user=UserId(text_in(body, "user")),
            reaction=Emoji(text_in(body, "reaction")),
        )


class TellingOfRaise(Departing):
    """Posts the line."""

    kind = CASE_RAISED

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        return Message(saying=RaisedSaying.read(departure.body), thread_ts=departure.thread_ts)


def raise_case(tx: Tx, matter: Matter, route: BoundRoute, case: Case) -> tuple[Case, Move] | None:
    """Raises a case to the priority of a route that asks for more, once for each route.

    So a priority that people have lowered since stays. What people say counts, else what was ruled about the
    story. Returns the case and its move, whose entry is left to the caller; None if nothing changes.
    """
    if not route.route.priority:
        return None
    card, key = tx.cases.card(matter.post), f"stamp|{case.number}|raise|{route.route.id}"
    before, priority = card.priority if card else None, Priority(route.route.priority)
    if tx.cases.is_known(key) or (before is not None and SCALE.index(before) >= SCALE.index(priority)):
        return None
    by = tx.persons.aliases()(matter.user)
    wish = Wish(act=CaseAct.RAISE, details=Details(priority=priority))
    moved = move(case, wish, by=Actor(user=by), last=None)
    if isinstance(moved, Denial):
        return None
    step = step_to(moved, case, wish, by=by, way=Way.STAMP, at=matter.now)
    tx.cases.put(moved, step, key=key)
    return moved, step


def order_raised(tx: Tx, matter: Matter, route: BoundRoute, step: Move, *, case: int) -> NewDeparture | None:
    """Returns the order for the line; None while there is no card in Slack: it will say it itself."""
    cards = (tx.outbox.get(card) for card in tx.forwards.cards(matter.post))
    card = next((one for one in cards if one.message_ts is not None and not one.error), None)
    if card is None or step.wish.details.priority is None:
        return None
    saying = RaisedSaying(
        case=case, priority=step.wish.details.priority, user=step.by, reaction=matter.reaction
    )
    return NewDeparture(
        name=f"{case}|{route.route.id}",
        team=matter.post.team,
        kind=CASE_RAISED,
        channel=card.channel,
        thread_ts=tx.forwards.thread(card.id),
        due_at=matter.now,
        body=saying.write(),
    )
