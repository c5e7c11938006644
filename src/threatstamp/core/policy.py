"""The policy: sources, routes and feeds of the settings file, bound to one workspace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from functools import reduce

from threatstamp.core.assets.product import Product
from threatstamp.core.assets.relevance import Relevance
from threatstamp.core.calendar import Calendar
from threatstamp.core.cases.track import TrackPlan
from threatstamp.core.cases.weighing import CaseRules, Scales
from threatstamp.core.facts.actors import NamedThreat
from threatstamp.core.ids import ChannelId, Emoji, GroupId, RouteId, TeamId, TrackName, UserId
from threatstamp.core.names import KnownName
from threatstamp.core.news.feed import BoundFeed, labels_of
from threatstamp.core.news.marking import Labels, Tlp, stricter
from threatstamp.core.priority.ruling import PriorityPolicy
from threatstamp.core.stamps.post import Snapshot
from threatstamp.core.stamps.route import BoundRoute

CONFIRM_EMOJI = Emoji("outbox_tray")


class Confirm(StrEnum):
    """How the desk marks a source post as handled."""

    REACTION = "reaction"
    THREAD = "thread"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who has a role. is_anybody: the settings name nobody for it."""

    users: frozenset[UserId] = frozenset()
    groups: frozenset[GroupId] = frozenset()
    is_anybody: bool = True


MORNING = time(9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """When the desk speaks of cases by itself: on working days, at a time in the calendar's zone.

    channel: of the morning line; None: there is none. days: so many working days before a due date its owner
    is reminded; None: never.
    """

    at: time = MORNING
    channel: ChannelId | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The settings that the steps need, with names resolved to the ids of the workspace.

    me: the app's own user. shared: channels that Slack Connect shares with another organisation. digest: a
    hash of the files that the settings were read from. lost: names, as written in the file, that could not
    be found in the workspace. ambiguous: those of them that could mean several things, with all their ids.
    names: what has been found, now or earlier. keep: seconds for which the texts of stamped posts are kept,
    by source; for ever in those not named. language: what the desk speaks in Slack. is_whole: False while
    routes that somebody keeps elsewhere are not known; none of them counts as removed then. signs: what an
    emoji on a case's card asks for, as a name of `core/cases/moves.py`; none of a route is among them.
    products: the company's own, completed by what is built in. lacks_products: True while those that somebody
    keeps elsewhere are not known; none counts as gone then.
    threats: groups and what they use, of lists beside the built-in names.
    relevance: what feeds that post only what concerns the company go by; None if there are none.
    priority: what priorities follow from; None: stories are not assessed. deciders, analysts, viewers,
    admins: who has which role with cases, see `desk/ports/roles.py`.
    cases: what the house wants of them. announce_to: the channels that update calls go to.
    tracks: what the house wants of the cases of each track; see `plan_of`.
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
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: tuple[KnownName, ...] = ()
    keep: Mapping[ChannelId, float] = field(default_factory=dict)
    language: str = ""
    is_whole: bool = True
    deciders: People = People()
    analysts: People = People()
    viewers: People = People()
    admins: People = People()
    reminding: Reminding = Reminding()
    calendar: Calendar = field(default_factory=Calendar)
    signs: Mapping[Emoji, str] = field(default_factory=dict)
    products: tuple[Product, ...] = ()
    lacks_products: bool = False
    threats: tuple[NamedThreat, ...] = field(default=(), repr=False)
    priority: PriorityPolicy | None = None
    relevance: Relevance | None = None
    cases: CaseRules = field(default_factory=CaseRules)
    announce_to: frozenset[ChannelId] = frozenset()
    tracks: Mapping[TrackName, TrackPlan] = field(default_factory=dict)

    @property
    def has_buttons(self) -> bool:
        """True if the app's interactivity is needed anyway, so that other messages may have buttons, too."""
        return any(one.route.case is not None or one.route.confirm for one in self.routes)

    @property
    def scales(self) -> Scales:
        """What weighs where a case is decided."""
        return Scales(
            rules=self.cases,
            table=self.priority.table if self.priority else None,
            products=self.products,
            calendar=self.calendar,
            tracks=self.tracks,
        )

    @property
    def cards(self) -> frozenset[ChannelId]:
        """The channels in which forwards are cards of cases."""
        return frozenset(to for route in self.routes if route.route.case is not None for to in route.to)

    @property
    def handed(self) -> frozenset[ChannelId]:
        """The channels of developers, to whom cases are handed over."""
        return frozenset(one.channel for one in self.tracks.values() if one.channel is not None)

    @property
    def published(self) -> frozenset[ChannelId]:
        """The channels in which the desk itself posts the news of feeds."""
        return frozenset(feed.channel for feed in self.feeds if feed.channel is not None)

    def marking_of(self, snapshot: Snapshot) -> Tlp | None:
        """Returns a post's TLP label: what it says itself, or what all news of its feed is marked with."""
        return self.labels.of(snapshot.title, snapshot.text, source=snapshot.source)

    @property
    def labels(self) -> Labels:
        """The labels of the feeds."""
        return labels_of(one.feed for one in self.feeds)

    def clearance(self, channel: ChannelId) -> Tlp:
        """Returns the strictest label that may be read in a channel, as the routes to it have it."""
        leading = (
            one.route.tlp
            for one in self.routes
            if channel in (*one.to, *one.then_to) and not one.route.thread
        )
        return reduce(lambda most, tlp: stricter(most, tlp) or most, leading, Tlp.GREEN)

    def may_read(self, marking: Tlp | None, channel: ChannelId, displayed: Iterable[ChannelId] = ()) -> bool:
        """True if what bears a label may be read in a channel. displayed: where it is posted already."""
        return marking is None or channel in displayed or not marking.exceeds(self.clearance(channel))

    def routes_for(self, reaction: Emoji, channel: ChannelId) -> tuple[BoundRoute, ...]:
        """Returns the routes that a stamp with this reaction on a post in this channel can fire."""
        return tuple(
            route for route in self.routes if route.route.reaction == reaction and route.listens_to(channel)
        )

    def contacts(self) -> tuple[tuple[ChannelId, RouteId], ...]:
        """Returns each pair of source and route for which a first contact has to be on record."""
        return tuple(
            (source, route.route.id)
            for source in sorted(self.sources)
            for route in self.routes
            if route.listens_to(source)
        )
