"""A route with `confirm_by` asks whoever stamps, privately, before its forwards go out.

Until then a forward's departure has a body that says how long it is held; once somebody confirmed, it is a
departure like any other, and due. A question is in no history, so it is asked at most once; whoever takes the
stamp off and puts it on again is asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from threatstamp.core.ids import ChannelId, Emoji, TeamId, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.body import number_in, read_body, text_in, texts_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture, State
from threatstamp.core.stamps.forward import Forward, held_until, holding_until
from threatstamp.core.stamps.turn import TurnRecord
from threatstamp.core.time import DAY, Micros
from threatstamp.desk.ports.departing import Act, Call, Departing, NotYet
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.stamps.matter import forward_body, held_of, same_stamp

QUESTION = DepartureKind(name="question", is_paced=False, is_reported=False, at_most_once=True)

CONFIRM_WITHIN = DAY
"""Microseconds for which a forward is held; then it is cancelled."""


class Stage(StrEnum):
    """What a person is told about a stamp that wants to be confirmed."""

    ASKED = "asked"
    CONFIRMED = "confirmed"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class StampQuestion(Saying):
    """The question to whoever stamped, or the answer to what they clicked. forward: its departure."""

    user: UserId
    forward: int
    stage: Stage
    route_name: str
    reaction: Emoji
    to: tuple[ChannelId, ...]

    def write(self) -> str:
        return write_body(
            user=self.user,
            forward=self.forward,
            stage=self.stage.value,
            route_name=self.route_name,
            reaction=self.reaction,
            to=list(self.to),
        )

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        return cls(
            user=UserId(text_in(body, "user")),
            forward=number_in(body, "forward"),
            stage=Stage(text_in(body, "stage")),
            route_name=text_in(body, "route_name"),
            reaction=Emoji(text_in(body, "reaction")),
            to=tuple(map(ChannelId, texts_in(body, "to"))),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """Somebody said that a forward shall go out. key: of this click. channel: where they were asked."""

    forward: int
    user: UserId
    channel: ChannelId
    key: str


class Asking(Departing):
    """Asks, or answers, in the channel of the stamp, so that nobody else sees it."""

    kind = QUESTION

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        question = StampQuestion.read(departure.body)
        return Call(
            act=lambda: self._tools.workspace.whisper(
                question, to=question.user, channel=departure.channel, thread_ts=None
            )
        )


def hold(tx: Tx, record: TurnRecord, *, route: Sequence[Forward], now: Micros) -> None:
    """Asks whoever made a stamp whether a route's forwards shall go out, those that are still held.

    route: the forwards of the route about this stamp.
    """
    waiting = [one for one in route if held_until(tx.outbox.get(one.departure).body) is not None]
    if not waiting:
        return
    first = waiting[0]
    question = _question(waiting, record.user, Stage.ASKED)
    new = _order(question, f"{record.id}|{first.order.route}", record.place.team, record.place.channel, now)
    tx.outbox.owe(new, now=now)
    for one in waiting:  # last, since it locks rows of departures
        tx.outbox.put_body(one.departure, holding_until(Micros(now + CONFIRM_WITHIN)))


def unconfirmed(forward: Forward, until: Micros, *, is_held: bool, now: Micros) -> NotYet:
    """Returns what becomes of a forward that nobody confirmed yet. is_held: somebody holds its stamp."""
    if now < until:
        return NotYet(due_at=until)

    def record(tx: Tx, at: Micros) -> None:
        tx.ledger.append(Kind.UNCONFIRMED, forward_body(forward), now=at)

    return NotYet(due_at=None, record=record if is_held else None)


def take_confirmation(confirmation: Confirmation, *, event: int, tools: Tools) -> bool:
    """Lets the forwards go out that a person was asked about; False if there is nothing to let go.

    event: the id in the inbox, which is deleted there. A click that comes twice counts once.
    """
    now = tools.clock.now()
    with tools.store.transaction() as tx:
        user = tx.persons.aliases()(confirmation.user)
        found = tx.forwards.of(confirmation.forward)
        waiting = _waiting(tx, found[0], user) if found else ()
        if found is not None:
            stage = Stage.CONFIRMED if waiting else Stage.LATE
            answer = _question(waiting or (found[0],), user, stage)
            order = _order(answer, confirmation.key, found[0].place.team, confirmation.channel, now)
            tx.outbox.owe(order, now=now)
        for one in waiting:
            tx.ledger.append(Kind.CONFIRMED, {**forward_body(one), "by": user, "way": "button"}, now=now)
        tx.inbox.forget(event)
        for one in waiting:
            tx.outbox.put_body(one.departure, "{}")
            tx.outbox.reopen(one.departure, due_at=now)
    return bool(waiting)


def _waiting(tx: Tx, forward: Forward, user: UserId) -> tuple[Forward, ...]:
    """Returns the forwards about the same stamp that are held, if that person still holds it."""
    if not any(one.user == user and one.until is None for one in held_of(tx, forward)):
        return ()
    departures = ((one, tx.outbox.get(one.departure)) for one in same_stamp(tx, forward))
    return tuple(
        one
        for one, departure in departures
        if departure.state is State.PENDING and held_until(departure.body) is not None
    )


def _question(forwards: Sequence[Forward], user: UserId, stage: Stage) -> StampQuestion:
    first = forwards[0]
    return StampQuestion(
        user=user,
        forward=first.departure,
        stage=stage,
        route_name=first.order.route_name,
        reaction=first.order.reaction,
        to=tuple(one.destination for one in forwards),
    )


def _order(question: StampQuestion, name: str, team: TeamId, channel: ChannelId, now: Micros) -> NewDeparture:
    return NewDeparture(
        name=name, team=team, kind=QUESTION, channel=channel, due_at=now, body=question.write()
    )
