"""Connects to Slack: who we are there, and which ids the names in the settings have in this workspace."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace

from threatstamp.app.casework import bind_casework
from threatstamp.app.kinds import renderer
from threatstamp.app.relevance import relevance_for
from threatstamp.app.tabs import lacks_routes
from threatstamp.config.calendar import calendar_of
from threatstamp.config.proxies import ca_context, proxy_for
from threatstamp.config.secrets import Secret
from threatstamp.config.settings import Settings
from threatstamp.core import signs
from threatstamp.core.ids import ChannelId, Emoji, TeamId, UserId
from threatstamp.core.names import KnownName
from threatstamp.core.news.feed import BoundFeed, Feed
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.route import BoundRoute
from threatstamp.core.time import Micros
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Clock, Timing
from threatstamp.desk.views.workspace import AppIdentity
from threatstamp.slack.calls import Calls, FollowingClock
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.directory import Directory
from threatstamp.slack.emoji import EmojiNames
from threatstamp.slack.posts import RecentPosts
from threatstamp.texts.catalogue import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Whoami:
    """The answer of auth.test. bot: the id of our bot, which marks our own messages."""

    team: TeamId
    enterprise: str
    """The organisation of an Enterprise Grid, "" without one."""
    team_name: str
    me: UserId
    handle: str
    """Of our bot user, "threatstamp" unless somebody has changed it."""
    bot: str
    scopes: frozenset[str] | None
    """From the header X-OAuth-Scopes; None if the server does not send it."""


def open_calls(
    settings: Settings, token: Secret, *, timing: Timing, clock: FollowingClock | None = None
) -> Calls:
    """Returns access to the Web API, with the proxy and certificates of the environment.

    clock: set right by each answer.
    """
    return calls_to(settings.slack.api_url, token, timing=timing, clock=clock)


def calls_to(api_url: str, token: Secret, *, timing: Timing, clock: FollowingClock | None = None) -> Calls:
    """The same where there is no settings file yet."""
    return Calls(
        token.reveal(),
        api_url=api_url,
        timeout=timing.timeout,
        proxy=proxy_for(api_url, os.environ),
        context=ca_context(os.environ),
        clock=clock,
    )


def whoami(calls: Calls) -> Whoami:
    """Returns who we are, according to Slack. Raises SlackError."""
    answer = calls.post("auth.test")
    return Whoami(
        team=TeamId(str(answer.get("team_id", ""))),
        enterprise=str(answer.get("enterprise_id") or ""),
        team_name=str(answer.get("team", "")),
        me=UserId(str(answer.get("user_id", ""))),
        handle=str(answer.get("user", "")),
        bot=str(answer.get("bot_id") or ""),
        scopes=calls.scopes,
    )


def sign_in(store: Store, who: Whoami, *, now: Micros) -> Mapping[str, KnownName]:
    """Writes down which app of which workspace the desk is; returns the names that were found there."""
    identity = AppIdentity(team=who.team, team_name=who.team_name, me=who.me, handle=who.handle)
    with store.transaction() as tx:
        tx.vitals.put(signs.APP, identity.write(), now=now)
        return tx.names.known(who.team)


def open_workspace(
    settings: Settings,
    calls: Calls,
    *,
    who: Whoami,
    clock: Clock,
    known: Mapping[str, KnownName] | None = None,
) -> SlackWorkspace:
    """Returns the Workspace port on the Web API. known: names that were found in the workspace before."""
    emoji = EmojiNames(calls)
    emoji.try_refresh()
    return SlackWorkspace(
        calls=calls,
        team=who.team,
        enterprise=who.enterprise,
        me=who.me,
        bot=who.bot,
        renderer=renderer(Texts(settings.language), settings.timezone),
        clock=clock,
        emoji=emoji,
        recent=RecentPosts(),
        known=known or {},
    )


def bind(settings: Settings, workspace: SlackWorkspace) -> Policy:
    """Resolves the names in the settings to ids. Names that are not found are in `lost`, and stop nothing.

    Raises SlackError while the workspace cannot be read.
    """
    directory = workspace.directory
    directory.begin()
    sources = {name: directory.known_channel(name) for name in settings.sources}
    routes = tuple(directory.bind(route) for route in settings.routes)
    alerts = directory.known_channel(settings.alerts) if settings.alerts else None
    cases = bind_casework(settings.cases, directory, alerts=alerts)
    known = {found for found in sources.values() if found is not None}
    mentioned = {*known, *cases.channels, *(to for one in routes for to in (*one.to, *one.then_to))}
    policy = Policy(
        team=workspace.team,
        me=workspace.me,
        sources=frozenset(known),
        routes=tuple(_with_canonical(route, workspace) for route in routes),
        confirm=settings.slack.confirm,
        confirm_emoji=settings.slack.confirm_emoji,
        alerts=alerts,
        feeds=tuple(_bind_feed(feed, directory) for feed in settings.feeds),
        shared=frozenset(channel for channel in mentioned if _is_shared(directory, channel)),
        digest=settings.digest,
        keep=_kept(settings, sources),
        is_whole=not lacks_routes(settings),
        lost=tuple(directory.lost),
        ambiguous=dict(directory.ambiguous),
        language=workspace.language,
        calendar=calendar_of(settings.calendar, settings.timezone),
        signs=_signs(settings, workspace),
        products=settings.products,
        lacks_products=settings.lacks_products,
        threats=settings.reading.names,
        priority=settings.policy.policy,
        relevance=relevance_for(settings),
        names=tuple(one for one in directory.known.values() if one.name in directory.used),
    )
    directory.end()
    return cases.into(policy)


def _kept(settings: Settings, sources: Mapping[str, ChannelId | None]) -> Mapping[ChannelId, float]:
    """How long the texts of each source are kept; of two names of one channel, the shorter time counts."""
    by_time = sorted(settings.keep.items(), key=lambda one: one[1], reverse=True)
    kept = ((sources[name], seconds) for name, seconds in by_time)
    return {channel: seconds for channel, seconds in kept if channel is not None}


def _signs(settings: Settings, workspace: SlackWorkspace) -> Mapping[Emoji, str]:
    """What an emoji on a card asks for; nothing where no route opens cases.

    A route's stamp stays a stamp, wherever it is made.
    """
    if not any(route.case is not None for route in settings.routes):
        return {}
    canonical = workspace.emoji.canonical
    stamps = {canonical(route.reaction) for route in settings.routes}
    signs = {canonical(emoji): name for emoji, name in settings.cases.signs.items()}
    return {emoji: name for emoji, name in signs.items() if emoji not in stamps}


def _bind_feed(feed: Feed, directory: Directory) -> BoundFeed:
    return BoundFeed(feed=feed, channel=directory.channel(feed.channel) if feed.post else None)


def _is_shared(directory: Directory, channel: ChannelId) -> bool:
    # a destination that was not found stays as its name: Slack may find it when the message is sent
    return not channel.startswith("#") and directory.is_shared(channel)


def _with_canonical(bound: BoundRoute, workspace: SlackWorkspace) -> BoundRoute:
    """Replaces an alias by the emoji that it stands for: events contain only that."""
    reaction = workspace.emoji.canonical(bound.route.reaction)
    return replace(bound, route=replace(bound.route, reaction=reaction))
