"""Forwards that were recorded for a name get their channel once the name means one.

A name may mean nothing for a while: a typing error in the settings, a channel that the app cannot see yet.
Then forwards are recorded all the same, for the name; they are undeliverable until the channel is found.
"""

from __future__ import annotations

from threatstamp.core.ids import ChannelId, is_channel_id
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import Departure
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.forward import Forward
from threatstamp.core.stamps.route import BoundRoute
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.stamps.forwarding import FORWARD, forward_body


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
    refused = read.outbox.undeliverable()
    return [one for one in refused if one.kind.name == FORWARD.name and one.channel.startswith("#")]


def _address(tx: Tx, departure: Departure, policy: Policy, *, now: Micros) -> bool:
    found = tx.forwards.of(departure.id)
    if found is None:
        return False
    forward, _ = found
    channel = _channel_of(tx, forward, policy)
    if channel is None:
        return False
    tx.forwards.readdress(forward, channel, due_at=now)
    tx.ledger.append(Kind.READDRESSED, {**forward_body(forward), "found": channel}, now=now)
    return True


def _channel_of(tx: Tx, forward: Forward, policy: Policy) -> ChannelId | None:
    """Returns the channel that the name means now, or that the corrected route has in its place."""
    route = next((one for one in policy.routes if one.route.id == forward.order.route), None)
    if route is None:
        return None
    taken = {
        one.destination
        for one in tx.forwards.of_post(forward.place, forward.order.reaction)
        if (one.order.route, one.user, one.event_at) == (forward.order.route, forward.user, forward.event_at)
    }
    named = _named(route, forward.destination)
    free = [channel for channel in ([named] if named else route.to) if is_channel_id(channel)]
    return next((channel for channel in free if channel not in taken), None)


def _named(route: BoundRoute, name: str) -> ChannelId | None:
    """Returns what the route's destination of that name means now; None if it has none of that name."""
    meant = dict(zip(route.route.to, route.to, strict=True))
    return meant.get(name)
