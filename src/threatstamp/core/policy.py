"""What a desk decides by: its sources and routes, bound to one workspace."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.ids import ChannelId, Emoji, RouteId, TeamId, UserId
from threatstamp.core.news.feed import BoundFeed
from threatstamp.core.stamps.route import BoundRoute

CONFIRM_EMOJI = Emoji("outbox_tray")


class Confirm(StrEnum):
    """How a source post shows that it was taken."""

    REACTION = "reaction"
    THREAD = "thread"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The settings that steps need, with every name of the workspace resolved.

    shared: channels known to be shared with another organisation. digest: of the files it was read from.
    lost: names that could not be found, with the part of the file that they stand in.
    """

    team: TeamId
    me: UserId
    sources: frozenset[ChannelId]
    routes: tuple[BoundRoute, ...]
    confirm: Confirm = Confirm.REACTION
    confirm_emoji: Emoji = CONFIRM_EMOJI
    alerts: ChannelId | None = None
    feeds: tuple[BoundFeed, ...] = ()
    shared: frozenset[ChannelId] = frozenset()
    digest: str = ""
    lost: tuple[str, ...] = ()

    @property
    def published(self) -> frozenset[ChannelId]:
        """The channels in which the desk itself posts news."""
        return frozenset(feed.channel for feed in self.feeds if feed.channel is not None)

    def routes_for(self, reaction: Emoji, channel: ChannelId) -> tuple[BoundRoute, ...]:
        """Returns the routes that a stamp with this reaction on a post of this channel may fire."""
        return tuple(
            route for route in self.routes if route.route.reaction == reaction and route.listens_to(channel)
        )

    def contacts(self) -> tuple[tuple[ChannelId, RouteId], ...]:
        """Returns each pair of source and route that the desk has to have met."""
        return tuple(
            (source, route.route.id)
            for source in sorted(self.sources)
            for route in self.routes
            if route.listens_to(source)
        )
