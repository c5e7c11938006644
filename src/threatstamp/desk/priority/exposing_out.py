"""What is said in Slack of whether the internet reaches a product: the question, and private refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from threatstamp.core.ids import ChannelId, TeamId, Ts, UserId
from threatstamp.core.outbox.body import read_body, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture, Withheld
from threatstamp.core.priority.exposure import ExposureState, KnownExposure, asked_of, by_key, product_key
from threatstamp.core.time import Micros, later
from threatstamp.desk.ports.departing import Act, Call, Departing, Message, Never, NotYet
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.tools import Tools

LOOK_AGAIN = 60.0
"""Seconds until a question is tried again whose product may be on a list that is not known yet."""

EXPOSURE = DepartureKind(name="exposure")
EXPOSURE_REFUSAL = DepartureKind(
    name="exposure_refusal", is_paced=False, is_reported=False, at_most_once=True
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureQuestion(Saying):
    """The question about a product, with buttons while it is open; then what counts."""

    product: str
    asked: KnownExposure


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureRefusal(Saying):
    """What whoever answered is told. why: a sentence `refused_…`. other: who answered before them."""

    product: str
    why: str
    user: UserId
    other: UserId | None

    def write(self) -> str:
        return write_body(product=self.product, why=self.why, user=self.user, other=self.other or "")

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        other = text_in(body, "other")
        return cls(
            product=text_in(body, "product"),
            why=text_in(body, "why"),
            user=UserId(text_in(body, "user")),
            other=UserId(other) if other else None,
        )


def order_question(
    product: str, *, team: TeamId, channel: ChannelId, thread_ts: Ts, now: Micros
) -> NewDeparture:
    """Returns the order for a question: one for each product."""
    return NewDeparture(
        name=product_key(product),
        team=team,
        kind=EXPOSURE,
        channel=channel,
        thread_ts=thread_ts,
        due_at=now,
        body=write_body(product=product),
    )


def order_refusal(
    refusal: ExposureRefusal,
    *,
    question: Departure | None,
    team: TeamId,
    channel: ChannelId,
    key: str,
    now: Micros,
) -> NewDeparture:
    """Returns the order to tell a person, in the question's thread if that is where they are."""
    is_there = question is not None and question.channel == channel
    return NewDeparture(
        name=key,
        team=team,
        kind=EXPOSURE_REFUSAL,
        channel=channel,
        thread_ts=question.thread_ts if question is not None and is_there else None,
        due_at=now,
        body=refusal.write(),
    )


class AskingExposure(Departing):
    """Posts and edits the question."""

    kind = EXPOSURE

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        if self._tools.policy.lacks_products:
            return NotYet(due_at=later(self._tools.clock.now(), LOOK_AGAIN))
        name = text_in(read_body(departure.body), "product")
        with self._tools.store.reading() as read:
            exposures = {product_key(one.name): one for one in read.priorities.exposures()}
        known = exposures.get(product_key(name))
        product = by_key(self._tools.policy.products).get(product_key(name))
        asked = asked_of(product, known.answer if known else None)
        if not edit and asked.state is not ExposureState.OPEN:
            return NotYet(due_at=None)
        if not edit and departure.channel in self._tools.policy.shared:
            return Never(reason=Withheld.SHARED)
        saying = ExposureQuestion(product=product.name if product else name, asked=asked)
        return Message(saying=saying, thread_ts=departure.thread_ts)


class RefusingExposure(Departing):
    """Tells the person whose answer does not count."""

    kind = EXPOSURE_REFUSAL

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        said = ExposureRefusal.read(departure.body)
        return Call(
            act=lambda: self._tools.workspace.whisper(
                said, to=said.user, channel=departure.channel, thread_ts=departure.thread_ts
            )
        )
