"""Refusals: a person who may not use a route is notified privately, at most once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from threatstamp.core.ids import Emoji, UserId
from threatstamp.core.news.marking import Tlp
from threatstamp.core.outbox.body import flag_in, read_body, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import BoundRoute
from threatstamp.core.stamps.turn import TurnRecord
from threatstamp.core.time import Micros
from threatstamp.desk.ports.departing import Act, Call, Departing
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.tools import Tools

REFUSAL = DepartureKind(name="refusal", is_paced=False, is_reported=False, at_most_once=True)
"""Ephemeral messages are in no history, so a repeat could not be detected: better lost than sent twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal(Saying):
    """The notice to the person."""

    user: UserId
    route_name: str
    reaction: Emoji
    external: bool = False
    """They may not because they belong to another organisation."""
    digest: bool = False
    """Everybody may, but a digest's message stands for many stories."""
    marking: Tlp | None = None
    """They may, but the post is marked so that it must not go where the route leads."""

    def write(self) -> str:
        return write_body(
            user=self.user,
            route_name=self.route_name,
            reaction=self.reaction,
            external=self.external,
            digest=self.digest,
            marking=self.marking.value if self.marking else "",
        )

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        return cls(
            user=UserId(text_in(body, "user")),
            route_name=text_in(body, "route_name"),
            reaction=Emoji(text_in(body, "reaction")),
            external=flag_in(body, "external"),
            digest="digest" in body and flag_in(body, "digest"),
            marking=Tlp(str(body["marking"])) if body.get("marking") else None,
        )


def order_refusal(
    record: TurnRecord, route: BoundRoute, *, external: bool, now: Micros, marking: Tlp | None = None
) -> NewDeparture:
    """Returns the order to notify the person: one per stamp and route."""
    refusal = Refusal(
        user=record.user,
        route_name=route.route.name,
        reaction=record.reaction,
        external=external,
        marking=marking,
    )
    return NewDeparture(
        name=f"{record.id}|{route.route.id}",
        team=record.place.team,
        kind=REFUSAL,
        channel=record.place.channel,
        due_at=now,
        body=refusal.write(),
    )


def order_digest_refusal(place: Place, reaction: Emoji, user: UserId, *, now: Micros) -> NewDeparture:
    """Returns the order to tell a person that a digest's message cannot be stamped: one per emoji."""
    refusal = Refusal(user=user, route_name="", reaction=reaction, digest=True)
    return NewDeparture(
        name=f"digest|{place.channel}|{place.ts}|{reaction}|{user}",
        team=place.team,
        kind=REFUSAL,
        channel=place.channel,
        due_at=now,
        body=refusal.write(),
    )


class Refusing(Departing):
    """Notifies the person in the channel where they stamped."""

    kind = REFUSAL

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        refusal = Refusal.read(departure.body)
        return Call(
            act=lambda: self._tools.workspace.whisper(
                refusal, to=refusal.user, channel=departure.channel, thread_ts=None
            )
        )
