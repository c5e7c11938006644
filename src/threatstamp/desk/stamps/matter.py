"""A matter: one person's reaction on one post, with what is needed to judge it."""

from __future__ import annotations

from dataclasses import dataclass, field

from threatstamp.core.ids import Emoji, UserId
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.stamps.forward import Forward, Holding, held_by
from threatstamp.core.stamps.post import Place, place_body
from threatstamp.core.stamps.turn import TurnRecord
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.stamps.people import Membership


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What an arrival leaves to be delivered.

    since: when its claims began, by the steady clock. at_once: a courier is free, so forwards are claimed for
    it in the transaction that records them.
    """

    since: float = 0.0
    at_once: bool = False
    claims: list[Claim] = field(default_factory=list)
    new: set[int] = field(default_factory=set)
    """The departures of the forwards that the arrival created."""

    joined: set[int] = field(default_factory=set)
    """The digests that got a further forward."""

    more: bool = False
    """Something else is owed that is not claimed yet, so the couriers have to be woken."""

    cards: set[int] = field(default_factory=set)
    """The departures of cards whose case moved, whatever reaction made them, and of its hand-over."""

    changed: bool = False
    """What the forwards of this post display may have changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One person's reaction on one post, with what is needed to judge it.

    place: where the reaction is. post: the post that it counts for; it differs for a stamp on a forward,
    which counts for the post that was forwarded.
    """

    place: Place
    post: Place
    reaction: Emoji
    user: UserId
    membership: Membership
    now: Micros
    outcome: Outcome = field(default_factory=Outcome)


def matter_of(record: TurnRecord, *, membership: Membership, now: Micros) -> Matter:
    """Returns the matter of a turn on record, to judge it again."""
    return Matter(
        place=record.place,
        post=record.post,
        reaction=record.reaction,
        user=record.user,
        membership=membership,
        now=now,
    )


def turn_body(record: TurnRecord) -> dict[str, object]:
    """Returns what a turn is about, as the bodies of ledger entries have it."""
    made_on = None if record.place == record.post else place_body(record.place)
    return {
        **place_body(record.post),
        "made_on": made_on,
        "reaction": record.reaction,
        "user": record.user,
    }


def forward_body(forward: Forward) -> dict[str, object]:
    """Returns a forward as the bodies of ledger entries have it."""
    return {
        **place_body(forward.place),
        "departure": forward.departure,
        "route": forward.order.route,
        "reaction": forward.order.reaction,
        "destination": forward.destination,
    }


def held_of(read: Read | Tx, forward: Forward) -> tuple[Holding, ...]:
    """Returns the holdings that a forward is about: all, or with `each` only that of its own stamp."""
    turns = read.forwards.turns(forward.place, forward.order.reaction, route=forward.order.route)
    return held_by(forward, turns)


def same_stamp(read: Read | Tx, forward: Forward) -> tuple[Forward, ...]:
    """Returns the forwards of a route about one stamp, in all its destinations."""
    found = read.forwards.of_post(forward.place, forward.order.reaction)
    wanted = (forward.order.route, forward.user, forward.event_at)
    return tuple(one for one in found if (one.order.route, one.user, one.event_at) == wanted)
