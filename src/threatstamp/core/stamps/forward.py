"""A forward: a stamp on its way to one destination, and who stands behind it now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from threatstamp.core.ids import ChannelId, Emoji, RouteId, UserId
from threatstamp.core.outbox.departure import State
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import BoundRoute, OnWithdraw
from threatstamp.core.stamps.turn import TurnKind, TurnRecord
from threatstamp.core.time import Micros, later, span


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the route said when the forward was recorded; later changes of the route do not reach it.

    delay in seconds; mention as Slack writes mentions.
    """

    route: RouteId
    route_name: str
    reaction: Emoji
    text: str
    mention: tuple[str, ...]
    on_withdraw: OnWithdraw
    thread: bool
    external: bool
    delay: float


def order_of(route: BoundRoute) -> Order:
    """Returns what a route says now, to be kept with the forward."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class NewForward:
    """A forward to be. user, event_at and stamp are given only for routes with `each`: one forward a stamp.

    stamp: the stamp's id on record. Its time may turn out to be another one, and a later stamp may then
    have the time that it had.
    """

    place: Place
    destination: ChannelId
    order: Order
    user: UserId | None = None
    event_at: Micros | None = None
    stamp: int | None = None

    @property
    def name(self) -> str:
        """The natural key of a forward as text."""
        place = self.place
        each = f"|{self.user}|{self.stamp}" if self.user else ""
        return f"{place.channel}|{place.ts}|{self.order.route}|{self.destination}{each}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward(NewForward):
    """A forward on record, and the departure that carries it: its id is the forward's."""

    departure: int
    state: State


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Holding:
    """One person's stamp from its time to its withdrawal (None: still held)."""

    since: Micros
    user: UserId
    until: Micros | None = None


def holdings(turns: Iterable[TurnRecord]) -> tuple[Holding, ...]:
    """Returns who held the stamp from when to when, oldest first, whatever place it was made at."""
    open_since: dict[tuple[UserId, Place], Micros] = {}
    closed: list[Holding] = []
    for one in sorted(turns, key=lambda one: (one.turn.at, one.turn.kind)):
        key = (one.user, one.place)
        if one.turn.kind is TurnKind.STAMP:
            open_since[key] = one.turn.at
        elif key in open_since:
            closed.append(Holding(since=open_since.pop(key), user=one.user, until=one.turn.at))
    still = [Holding(since=since, user=user) for (user, _), since in open_since.items()]
    return tuple(sorted([*closed, *still], key=lambda held: (held.since, held.user, held.until or 0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holders:
    """The people that a forward displays: who holds the stamp now, or who let it go last."""

    now: tuple[Holding, ...]
    last: Holding | None
    """The withdrawal that left nobody; None while somebody holds it."""


def holders_of(held: Iterable[Holding]) -> Holders:
    """Returns each holder once, first come first; the latest withdrawal if there is none."""
    everyone = list(held)
    holders: dict[UserId, Holding] = {}
    for one in everyone:
        if one.until is None:
            holders.setdefault(one.user, one)
    if holders:
        return Holders(now=tuple(holders.values()), last=None)
    gone = [one for one in everyone if one.until is not None]
    return Holders(now=(), last=max(gone, key=lambda one: (one.until or 0, one.user), default=None))


def ripe_at(held: Iterable[Holding], delay: float) -> Micros | None:
    """Returns when a forward with a delay (seconds) may go out; None if all took it back in time."""
    ripe = [
        later(one.since, delay) for one in held if one.until is None or one.until - one.since >= span(delay)
    ]
    return min(ripe, default=None)
