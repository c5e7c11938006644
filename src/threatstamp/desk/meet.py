"""The desk meets its policy: what is new counts from now on, and the change is on record."""

from __future__ import annotations

from threatstamp.core.feed import BoundFeed
from threatstamp.core.ids import ChannelId
from threatstamp.core.ledger import Kind
from threatstamp.core.policy import Policy
from threatstamp.core.route import BoundRoute, Contact
from threatstamp.desk.ports import Clock, Store


def meet(policy: Policy, *, store: Store, clock: Clock, since: int | None = None) -> frozenset[ChannelId]:
    """Notes each source and route that is new; returns the channels that want a first look.

    since: Slack's own time (microseconds) where it is known, so that a wrong clock here loses no stamp.
    """
    now = clock.now()
    new: set[ChannelId] = set()
    with store.transaction() as tx:
        for channel, route in policy.contacts():
            met = tx.contact(channel, route, team=policy.team)
            if met is None:
                tx.put_contact(channel, route, team=policy.team, contact=Contact(since=since or now))
            if met is None or met.looked_at is None:
                new.add(channel)
        if tx.vital("policy") != policy.digest:
            tx.put_vital("policy", policy.digest, now=now)
            tx.append(Kind.POLICY, _policy_body(policy))
        open_now = {trouble.key for trouble in tx.troubles("lost:")}
        wanted = {f"lost:{name}": name for name in policy.lost}
        for key, name in wanted.items():
            tx.open_trouble(key, "lost", values={"name": name}, now=now)
        for key in open_now - wanted.keys():
            tx.mend_trouble(key, now=now)
        feeds = {feed.feed.name for feed in policy.feeds}
        for trouble in tx.troubles("feed"):
            if trouble.values.get("name") not in feeds:  # it is in the file no more
                tx.mend_trouble(trouble.key, now=now)
    return frozenset(new)


def _policy_body(policy: Policy) -> dict[str, object]:
    return {
        "digest": policy.digest,
        "sources": sorted(policy.sources),
        "routes": [_route_body(route) for route in policy.routes],
        "feeds": [_feed_body(feed) for feed in policy.feeds],
    }


def _feed_body(bound: BoundFeed) -> dict[str, object]:
    """A line of the source register, as ISO/IEC 27001:2022 A.5.7 wants it on record."""
    feed = bound.feed
    return {
        "name": feed.name,
        "url": feed.url,
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
