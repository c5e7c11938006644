"""Forwards that were recorded for a name get their channel once the name means one.

A name may mean nothing for a while: a typing error in the settings, a channel that the app cannot see yet.
Then forwards are recorded all the same, for the name; they are undeliverable until the channel is found.
"""

from __future__ import annotations

from dataclasses import replace

from threatstamp.core.ids import ChannelId, Key, is_channel_id
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import Departure
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.forward import Forward
from threatstamp.core.stamps.route import BoundRoute, route_id
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.stamps.forwarding import FORWARD, order_forward
from threatstamp.desk.stamps.matter import forward_body


def address_forwards(tools: Tools) -> bool:
    """Gives forwards that were recorded for a name the channel that it means now; True if there was one."""
    with tools.store.reading() as read:  # usually there is none: do not take the writer's lock
        if not _waiting(read):
            return False
    policy, now = tools.policy, tools.clock.now()
    with tools.store.transaction() as tx:
        addressed = [_address(tx, one, policy, now=now) for one in _waiting(tx)]
    return any(addressed)


def _waiting(read: Read | Tx) -> list[Departure]:
    # for a name, delivery makes a forward undeliverable at once
    refused = read.backlog.undeliverable()
    return [one for one in refused if one.kind.name == FORWARD.name and one.channel.startswith("#")]


def _address(tx: Tx, departure: Departure, policy: Policy, *, now: Micros) -> bool:
    found = tx.forwards.of(departure.id)
    channel = _channel_of(tx, found[0], policy) if found else None
    if found is None or channel is None:
        return False
    forward, _ = found
    key = departure.key if forward.user else _key(forward, channel)
    if tx.forwards.readdress(forward, channel, key=key, due_at=now):
        tx.ledger.append(Kind.READDRESSED, {**forward_body(forward), "found": channel}, now=now)
        return True
    # another person's stamp was recorded when the name meant the channel: that forward is this one, too
    tx.outbox.cancel(departure.id)
    tx.ledger.append(Kind.CANCELLED, forward_body(forward), now=now)
    return False


def _key(forward: Forward, channel: ChannelId) -> Key:
    """Returns the key by which the next person's stamp will know this forward."""
    return order_forward(replace(forward, destination=channel), due_at=forward.recorded_at).key


def _channel_of(tx: Tx, forward: Forward, policy: Policy) -> ChannelId | None:
    """Returns the channel that the name means now, or that the corrected route has in its place."""
    route = _route_of(forward, policy)
    if route is None:
        return None
    meant = dict(zip(route.route.to, route.to, strict=True))
    named = meant.get(forward.destination)
    if named is not None:
        return named if is_channel_id(named) else None
    # not the destinations that the route had before as well: their forwards were recorded with this one
    recorded = {one.destination for one in tx.forwards.of_post(forward.place, forward.order.reaction)}
    free = (one for one in route.to if is_channel_id(one) and one not in recorded)
    return next(free, None)


def _route_of(forward: Forward, policy: Policy) -> BoundRoute | None:
    """Returns the forward's route. One without a name has another id once its destinations are corrected."""
    same = [one for one in policy.routes if one.route.id == forward.order.route]
    unnamed = route_id(name=None, reaction=forward.order.reaction, to=())
    if not same and forward.order.route.startswith(unnamed):
        listening = policy.routes_for(forward.order.reaction, forward.place.channel)
        same = [one for one in listening if one.route.id.startswith(unnamed)]
    return same[0] if len(same) == 1 else None
