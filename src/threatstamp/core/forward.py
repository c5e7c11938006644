"""A forward: a stamp on its way to one destination, and who stands behind it now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from threatstamp.core.departure import DepartureKind, NewDeparture, State
from threatstamp.core.ids import ChannelId, Emoji, RouteId, UserId
from threatstamp.core.post import Place
from threatstamp.core.route import OnWithdraw
from threatstamp.core.stamp import Turn


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
    event_at: int | None = None
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A turn of one person that counts for a forward."""

    user: UserId
    turn: Turn
    at: int
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Holding:
    """One person's stamp from its time to its withdrawal (None: still held), in microseconds."""

    since: int
    user: UserId
    until: int | None = None


def holdings(said: Iterable[Said]) -> tuple[Holding, ...]:
    """Returns who held the stamp from when to when, oldest first, whatever place it was made at."""
    open_since: dict[tuple[UserId, Place], int] = {}
    closed: list[Holding] = []
    for turn in sorted(said, key=lambda turn: (turn.at, turn.turn)):
        key = (turn.user, turn.place)
        if turn.turn is Turn.STAMP:
            open_since[key] = turn.at
        elif key in open_since:
            closed.append(Holding(since=open_since.pop(key), user=turn.user, until=turn.at))
    still = [Holding(since=since, user=user) for (user, _), since in open_since.items()]
    return tuple(sorted([*closed, *still], key=lambda held: (held.since, held.user, held.until or 0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a forward shows of its people: who holds the stamp now, or who let it go last."""

    holders: tuple[Holding, ...]
    last: Holding | None
    """The withdrawal that left nobody; None while somebody holds it."""


def standing(held: Iterable[Holding]) -> Standing:
    """Returns each holder once, first come first; the latest withdrawal if there is none."""
    everyone = list(held)
    holders: dict[UserId, Holding] = {}
    for one in everyone:
        if one.until is None:
            holders.setdefault(one.user, one)
    if holders:
        return Standing(holders=tuple(holders.values()), last=None)
    gone = [one for one in everyone if one.until is not None]
    return Standing(holders=(), last=max(gone, key=lambda one: (one.until or 0, one.user), default=None))


def ripe_at(held: Iterable[Holding], delay: int) -> int | None:
    """Returns when a forward with a delay (microseconds) may go out; None if all took it back in time."""
    ripe = [one.since + delay for one in held if one.until is None or one.until - one.since >= delay]
    return min(ripe, default=None)


def confirm_reaction(post: Place, emoji: Emoji, *, now: int) -> NewDeparture:
    """Returns the order for our own reaction on a source post: one a post."""
    return NewDeparture(
        name=f"{post.channel}|{post.ts}",
        team=post.team,
        kind=DepartureKind.REACTION,
        channel=post.channel,
        due_at=now,
        body={"ts": post.ts, "emoji": emoji},
    )


def confirm_line(post: Place, route_name: str, *, to: tuple[ChannelId, ...], now: int) -> NewDeparture:
    """Returns the order for the line in a source post's thread: one a post, route and destination."""
    return NewDeparture(
        name=f"{post.channel}|{post.ts}|{route_name}|{','.join(to)}",
        team=post.team,
        kind=DepartureKind.LINE,
        channel=post.channel,
        thread_ts=post.ts,
        due_at=now,
        body={"route_name": route_name, "to": list(to)},
    )
