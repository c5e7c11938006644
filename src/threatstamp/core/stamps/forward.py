"""A forward: one route's message to one destination about a stamped post, and who holds the stamp."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from threatstamp.core.ids import ChannelId, Emoji, RouteId, TrackName, UserId
from threatstamp.core.outbox.body import number_in, read_body, write_body
from threatstamp.core.outbox.departure import State
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import BoundRoute, OnWithdraw
from threatstamp.core.stamps.turn import TurnKind, TurnRecord
from threatstamp.core.time import Micros, later, span


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A copy of the route's values at the time when the forward was recorded.

    The settings may change while a forward waits or is edited; it goes out as it was recorded.
    delay, ack_within: seconds. mention, then_call: in Slack's form. case: the forward is the card of the
    post's case. digest: "09:00", the time of day at which it is said with others; "" for one of its own.
    confirm: it is held until the person who stamped confirms it.
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
    case: TrackName | None = None
    ack_within: float = 0.0
    then_to: tuple[ChannelId, ...] = ()
    then_call: tuple[str, ...] = ()
    digest: str = ""
    confirm: bool = False

    def leaves_with(self, other: Order) -> bool:
        """True if forwards of both, recorded together, leave together."""
        mine, theirs = ((one.delay, one.digest, one.confirm) for one in (self, other))
        return mine == theirs


def order_of(route: BoundRoute) -> Order:
    """Returns a route's values as they are now, to be stored with a forward."""
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
        case=route.route.case,
        ack_within=route.route.ack_within,
        then_to=route.then_to,
        then_call=route.then_call,
        confirm=route.route.confirm,
        digest=route.route.digest.isoformat("minutes") if route.route.digest else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewForward:
    """A forward to be recorded. user, event_at and stamp are set only for routes with `each`.

    stamp: the id of the stamp's record. A time could not identify the stamp: a late event may correct it, and
    another stamp may then get the time that this one had.
    """

    place: Place
    destination: ChannelId
    order: Order
    user: UserId | None = None
    event_at: Micros | None = None
    stamp: int | None = None

    @property
    def name(self) -> str:
        """The natural key as text: one forward per post, route and destination; with `each` per stamp."""
        return self.named(self.destination)

    def named(self, told: str) -> str:
        """Returns the natural key of what tells somebody about the stamp, once. told: whom."""
        place = self.place
        each = f"|{self.user}|{self.stamp}" if self.user else ""
        return f"{place.channel}|{place.ts}|{self.order.route}|{told}{each}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward(NewForward):
    """A forward on record.

    departure: the id of the departure that delivers it, which is also the forward's.
    """

    departure: int
    state: State
    recorded_at: Micros


TOGETHER = 5.0
"""Seconds. Forwards that were recorded within so short a time leave together."""


def called_by(forward: Forward, beside: Iterable[Forward]) -> tuple[str, ...]:
    """Returns whom a forward mentions: nobody that another route's forward calls at the same time.

    beside: the post's forwards to the same destination whose stamps somebody holds. The first of those that
    leave together calls; one that was given up calls nobody.
    """
    called = {
        name
        for one in beside
        if one.departure < forward.departure
        and one.order.route != forward.order.route
        and one.order.leaves_with(forward.order)
        and one.state in (State.PENDING, State.DELIVERED)
        and forward.recorded_at - one.recorded_at <= span(TOGETHER)
        for name in one.order.mention
    }
    return tuple(name for name in forward.order.mention if name not in called)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Holding:
    """One person's stamp from when it was made until its withdrawal (None: still held)."""

    since: Micros
    user: UserId
    until: Micros | None = None


def holdings(turns: Iterable[TurnRecord]) -> tuple[Holding, ...]:
    """Returns who held the stamp from when until when, oldest first.

    One person may stamp a post and also the forward of it: these are two holdings, each with its own
    withdrawal, so they are paired by person and place.
    """
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


def held_by(forward: NewForward, turns: Iterable[TurnRecord]) -> tuple[Holding, ...]:
    """Returns the holdings that a forward is about: all, or with `each` only that of its own stamp."""
    held = holdings(turns)
    if forward.user is None:
        return held
    return tuple(one for one in held if one.user == forward.user and one.since == forward.event_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holders:
    """The people that a forward displays: everybody who holds the stamp, or else who withdrew it last."""

    now: tuple[Holding, ...]
    last: Holding | None
    """The holding that ended last; None while somebody still holds the stamp."""


def holders_of(held: Iterable[Holding]) -> Holders:
    """Returns each current holder once, in the order of stamping; the last withdrawal if there is none."""
    everyone = list(held)
    holders: dict[UserId, Holding] = {}
    for one in everyone:
        if one.until is None:
            holders.setdefault(one.user, one)
    if holders:
        return Holders(now=tuple(holders.values()), last=None)
    gone = [one for one in everyone if one.until is not None]
    return Holders(now=(), last=max(gone, key=lambda one: (one.until or 0, one.user), default=None))


def holders_shown(order: Order, held: Iterable[Holding]) -> Holders:
    """Returns the people that a forward displays. A route with on_withdraw = "ignore" displays all."""
    if order.on_withdraw is OnWithdraw.IGNORE:
        return holders_of(Holding(since=one.since, user=one.user) for one in held)
    return holders_of(held)


def holding_until(at: Micros) -> str:
    """Returns the body of the departure of a forward that is held until it is confirmed, or that time."""
    return write_body(until=at)


def held_until(body: str) -> Micros | None:
    """Returns until when a forward is held, given its departure's body; None if nothing holds it."""
    said = read_body(body)
    return Micros(number_in(said, "until")) if "until" in said else None


def ripe_at(held: Iterable[Holding], delay: float) -> Micros | None:
    """Returns when a forward with a delay (seconds) is due; None if every stamp was withdrawn within it."""
    ripe = [
        later(one.since, delay) for one in held if one.until is None or one.until - one.since >= span(delay)
    ]
    return min(ripe, default=None)
