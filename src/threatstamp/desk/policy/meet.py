"""A policy takes effect: first contacts of new routes and sources are noted, and the change is recorded.

Departures that wait when the policy changes are not touched: a forward keeps the route's values of the time
when it was recorded (`Order`), and is delivered even if its route was changed or removed since.
"""

from __future__ import annotations

import hashlib

from threatstamp.core import signs
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.ledger.entry import canonical
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.feed import BoundFeed
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.route import BoundRoute, Contact, Verdict
from threatstamp.core.time import Micros, later
from threatstamp.core.trouble import OF_FEEDS, TroubleKind
from threatstamp.desk.policy.legend import keep_legends
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.time import CLOCK_ERROR
from threatstamp.desk.ports.tools import Tools


def meet(tools: Tools) -> frozenset[ChannelId]:
    """Notes the first contact of each new pair of source and route; returns the channels to be swept."""
    policy, now = tools.policy, tools.clock.now()
    with tools.store.transaction() as tx:
        # no later than now by Slack's clock, which dates the events: those of before do not arrive any more
        new = _meet_routes(tx, policy, since=later(now, -CLOCK_ERROR))
        _record(tx, policy, now=now)
        _close_waiting(tx, policy, now=now)
        _keep_names(tx, policy, now=now)
        _report_lost(tx, policy, now=now)
        _forget_feeds(tx, policy, now=now)
        _forget_sources(tx, policy, now=now)
        keep_legends(tx, policy, now=now)
    return frozenset(new)


def _record(tx: Tx, policy: Policy, *, now: Micros) -> None:
    """Puts the policy on record if it differs from the last one.

    As it is in force, not as the file says it: a name that is found at last leads to a channel from then on.
    """
    body = _policy_body(policy)
    digest = hashlib.sha256(canonical(body).encode()).hexdigest()
    if tx.vitals.get(signs.POLICY) != digest:
        tx.vitals.put(signs.POLICY, digest, now=now)
        tx.ledger.append(Kind.POLICY, body, now=now)


def _meet_routes(tx: Tx, policy: Policy, *, since: Micros) -> set[ChannelId]:
    new: set[ChannelId] = set()
    for channel, route in policy.contacts():
        met = tx.routes.contact(channel, route, team=policy.team)
        if met is None:
            contact = Contact(since=since)
            tx.routes.put_contact(channel, route, team=policy.team, contact=contact)
        if met is None or met.looked_at is None:
            new.add(channel)
    return new


def _close_waiting(tx: Tx, policy: Policy, *, now: Micros) -> None:
    """Lets the stamps lapse that wait to be judged by a route which was removed from the settings.

    Not when they are judged again: there a process that does not know a new route yet would let them lapse.
    """
    if not policy.is_whole:
        return
    routes = {route.route.id for route in policy.routes}
    for record, route in tx.routes.judged(Verdict.WAITS, team=policy.team):
        if route not in routes:
            tx.routes.put_verdict(record, route, verdict=Verdict.LAPSED, now=now)


def _keep_names(tx: Tx, policy: Policy, *, now: Micros) -> None:
    """Keeps what names were found to mean: it stays so, and no start has to read whole lists again.

    Of people only those whom the settings name now, and nobody who was forgotten.
    """
    known, aliases = tx.names.known(policy.team), tx.persons.aliases()
    present = {one.name: one for one in policy.names if aliases(UserId(one.found)) == one.found}
    for name, one in present.items():
        if known.get(name) != one:
            tx.names.put(one, team=policy.team, now=now)
    for name in known:
        if name.startswith("@") and name not in present:
            tx.names.drop(name, team=policy.team)


def _report_lost(tx: Tx, policy: Policy, *, now: Micros) -> None:
    """Keeps a trouble open for each name in the settings that cannot be found in the workspace."""
    for name in policy.lost:
        several = policy.ambiguous.get(name)
        kind = TroubleKind.AMBIGUOUS if several else TroubleKind.LOST
        values = {"name": name, "candidates": " ".join(several)} if several else {"name": name}
        tx.troubles.open(kind, name, values=values, now=now)
    for trouble in tx.troubles.unfixed(TroubleKind.LOST, TroubleKind.AMBIGUOUS):
        is_ambiguous = trouble.subject in policy.ambiguous
        if trouble.subject not in policy.lost or is_ambiguous != (trouble.kind is TroubleKind.AMBIGUOUS):
            tx.troubles.fix(trouble.kind, trouble.subject, now=now)


def _forget_feeds(tx: Tx, policy: Policy, *, now: Micros) -> None:
    """Closes the troubles of feeds that were removed from the settings: no round will do it."""
    names = {feed.feed.name for feed in policy.feeds}
    for trouble in tx.troubles.unfixed(*OF_FEEDS):
        if trouble.subject not in names:
            tx.troubles.fix(trouble.kind, trouble.subject, now=now)


def _forget_sources(tx: Tx, policy: Policy, *, now: Micros) -> None:
    """Closes the troubles of channels that are no sources any more: no sweep will do it."""
    for trouble in tx.troubles.unfixed(TroubleKind.SWEEP, TroubleKind.POST):
        if trouble.values.get("channel") not in policy.sources:
            tx.troubles.fix(trouble.kind, trouble.subject, now=now)


def _policy_body(policy: Policy) -> dict[str, object]:
    return {
        "digest": policy.digest,
        "sources": sorted(policy.sources),
        "routes": [_route_body(route) for route in policy.routes],
        "feeds": [_feed_body(feed) for feed in policy.feeds],
    }


def _feed_body(bound: BoundFeed) -> dict[str, object]:
    """Returns a feed's line in the register of sources, which evidences ISO/IEC 27001:2022 A.5.7."""
    feed = bound.feed
    return {
        "name": feed.name,
        "url": feed.shown,
        "channel": bound.channel,
        "purpose": feed.purpose,
        "layer": feed.layer,
        "owner": feed.owner,
        "reviewed_on": feed.reviewed_on.isoformat() if feed.reviewed_on else None,
    }


def _route_body(route: BoundRoute) -> dict[str, object]:
    return {
        "route": route.route.id,
        "reaction": route.route.reaction,
        "to": list(route.to),
        "mention": list(route.mention),
        "text": route.route.text,
        "allow": list(route.route.allow),
    }
