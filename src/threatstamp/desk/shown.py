"""What a departure shows when it is said, and how the record writes it."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.departure import Departure, DepartureKind
from threatstamp.core.forward import Forward, Holding, Standing, holdings, standing
from threatstamp.core.ids import ChannelId
from threatstamp.core.post import Snapshot, place_body
from threatstamp.core.route import OnWithdraw
from threatstamp.desk.ports import AlertSaying, LineSaying, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A forward at the moment it is to be said."""

    forward: Forward
    held: tuple[Holding, ...]
    snapshot: Snapshot | None
    gone: bool


def held_by(tx: Tx, forward: Forward) -> tuple[Holding, ...]:
    """Returns who held the stamp from when to when, as far as this forward is about it."""
    said = tx.said(forward.place, forward.order.reaction, route=forward.order.route)
    held = holdings(said)
    if forward.user is None:
        return held
    return tuple(one for one in held if one.user == forward.user and one.since == forward.event_at)


def standing_of(due: Due) -> Standing:
    """Returns whose names a forward shows; a route may ignore withdrawals."""
    if due.forward.order.on_withdraw is OnWithdraw.IGNORE:
        return standing(Holding(since=one.since, user=one.user) for one in due.held)
    return standing(due.held)


def plain_saying(departure: Departure) -> LineSaying | AlertSaying:
    """Returns what a line or an alert says: all of it stands in the departure."""
    body = departure.body
    if departure.kind is DepartureKind.LINE:
        to = body["to"]
        names = to if isinstance(to, list) else []
        return LineSaying(
            route_name=str(body["route_name"]), to=tuple(ChannelId(str(name)) for name in names)
        )
    values = body["values"]
    return AlertSaying(
        kind=str(body["kind"]),
        values={str(key): str(value) for key, value in values.items()} if isinstance(values, dict) else {},
        mended=bool(body["mended"]),
    )


def forward_body(forward: Forward) -> dict[str, object]:
    """Returns a forward as the ledger writes it."""
    return {
        **place_body(forward.place),
        "forward": forward.departure,
        "route": forward.order.route,
        "reaction": forward.order.reaction,
        "destination": forward.destination,
    }


def publication_body(tx: Tx, departure: Departure) -> dict[str, object]:
    """Returns a post of ours with its stories as the ledger writes it."""
    return {
        "team": departure.team,
        "channel": departure.channel,
        "feed": departure.body["feed"],
        "stories": [story.id for story in tx.shown_by(departure.id)],
    }
