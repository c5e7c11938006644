"""One person's reaction on one post, what judging it needs, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from threatstamp.core.departure import Claim
from threatstamp.core.forward import Order
from threatstamp.core.ids import Emoji, UserId
from threatstamp.core.post import Place, place_body
from threatstamp.core.route import BoundRoute
from threatstamp.desk.people import People
from threatstamp.desk.ports import StampRecord


@dataclass(slots=True, kw_only=True)
class Owing:
    """What an arrival left to be done: claims that are held already, and whether there is more.

    since: when the claims began, by the steady clock. new: the forwards that it made.
    """

    since: float = 0.0
    at_once: bool = False
    claims: list[Claim] = field(default_factory=list)
    new: set[int] = field(default_factory=set)
    more: bool = False
    changed: bool = False
    """What forwards of this post show may have changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One person's reaction on one post, and what judging it needs."""

    place: Place
    post: Place
    reaction: Emoji
    user: UserId
    people: People
    now: int
    owing: Owing = field(default_factory=Owing)


def order_of(route: BoundRoute) -> Order:
    """Returns what the route says now, to be kept with the forward."""
    return Order(
        route=route.route.id,
        route_name=route.route.name,
        reaction=route.route.reaction,
        text=route.route.text,
        mention=route.mention,
        on_withdraw=route.route.on_withdraw,
        thread=route.route.thread,
        external=route.route.external,
        delay=route.route.delay,
    )


def about(record: StampRecord) -> dict[str, object]:
    """Returns what a turn is about, as the ledger writes it."""
    made_at = {} if record.place == record.post else {"made_on": place_body(record.place)}
    return {**place_body(record.post), **made_at, "reaction": record.reaction, "user": record.user}


def case_of(record: StampRecord, *, people: People, now: int) -> Case:
    """Returns the case of a turn that is on record, to be judged again."""
    return Case(
        place=record.place,
        post=record.post,
        reaction=record.reaction,
        user=record.user,
        people=people,
        now=now,
    )
