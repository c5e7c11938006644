"""`shadow report`: reads what the old script posted, and lays it beside what was recorded in shadow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from threatstamp.app.clock import SystemClock
from threatstamp.app.patience import patiently
from threatstamp.app.tabs import tabs_or_none
from threatstamp.app.workspace import bind, open_calls, open_workspace, whoami
from threatstamp.config.secrets import Secret
from threatstamp.config.settings import Settings
from threatstamp.core.errors import Shadow, ShadowError, SlackError
from threatstamp.core.ids import ChannelId
from threatstamp.core.policy import Policy
from threatstamp.core.time import Micros, datetime_of, span
from threatstamp.desk.ports.store import Read, Store
from threatstamp.desk.ports.time import Timing
from threatstamp.desk.views.shadow import (
    Period,
    ScriptPost,
    ShadowDay,
    Why,
    by_day,
    compare_shadow,
    read_period,
)
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.reading import Loose
from threatstamp.slack.shared import read_script_posts

TRIES = 10
"""Attempts for each call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowReport:
    """The comparison. unread: destinations that could not be read, with Slack's code.

    names: what channels of the settings are called, by their ids.
    """

    period: Period
    days: tuple[ShadowDay, ...]
    unread: tuple[tuple[ChannelId, str], ...]
    names: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """True if everything was read, and each difference has a reason that is no fault."""
        reasons = {line.why for day in self.days for line in day.lines}
        return not self.unread and not reasons & {Why.UNKNOWN, Why.DOUBLED}


def report_shadow(settings: Settings, token: Secret, *, store: Store) -> ShadowReport:
    """Compares. Raises ShadowError if the desk was never in shadow; StoreError; SlackError."""
    with store.reading() as read:
        period = read_period(read)
    if period is None:
        raise ShadowError(Shadow.NEVER)
    clock = SystemClock()
    calls = open_calls(settings, token, timing=Timing(), clock=clock)
    who = patiently(lambda: whoami(calls), wait=clock.wait, tries=TRIES)
    assert who is not None  # this clock's `ended` is never set
    with store.reading() as read:
        known = read.names.known(who.team)
    workspace = open_workspace(settings, calls, who=who, clock=clock, known=known)
    settings = tabs_or_none(settings, store)
    policy = patiently(lambda: bind(settings, workspace), wait=clock.wait, tries=TRIES)
    assert policy is not None
    with store.reading() as read:
        channels = _destinations(read, policy)
    oldest = _midnight(period.since, settings.timezone)
    posts, unread = _read_all(workspace, channels, oldest=oldest, clock=clock)
    with store.reading(whole=True) as read:
        lines = tuple(compare_shadow(read, policy, posts, period=period, now=clock.now()))
    return ShadowReport(
        period=period,
        days=by_day(lines, settings.timezone),
        unread=unread,
        names={one.found: one.name for one in policy.names if one.name.startswith("#")},
    )


def _destinations(read: Read, policy: Policy) -> list[ChannelId]:
    """Returns where the script may have posted: where our routes lead, now or when they were recorded."""
    found = {channel for route in policy.routes for channel in route.to}
    found |= {forward.destination for forward, _ in read.forwards.in_shadow()}
    return sorted(channel for channel in found if not channel.startswith("#"))


def _midnight(at: Micros, zone: ZoneInfo) -> Micros:
    """Returns when that day began: the first day is compared as a whole, and says what was before."""
    day = datetime_of(at).astimezone(zone).date()
    return Micros(span(datetime.combine(day, time(), zone).timestamp()))


def _read_all(
    workspace: SlackWorkspace, channels: list[ChannelId], *, oldest: Micros, clock: SystemClock
) -> tuple[list[ScriptPost], tuple[tuple[ChannelId, str], ...]]:
    posts: list[ScriptPost] = []
    unread: list[tuple[ChannelId, str]] = []

    def ask(call: Callable[[], Loose]) -> Loose:
        return patiently(call, wait=clock.wait, tries=TRIES) or {}

    for channel in channels:
        try:
            posts += read_script_posts(workspace, channel, oldest=oldest, ask=ask)
        except SlackError as error:
            unread.append((channel, error.code))
    return posts, tuple(unread)
