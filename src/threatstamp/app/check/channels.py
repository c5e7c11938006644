"""Channels: sources, destinations, and the one for alerts."""

from __future__ import annotations

from collections.abc import Iterator, Set

from threatstamp.app.check.finding import Check, Findings
from threatstamp.config.origins import duration_text
from threatstamp.config.settings import Settings
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import is_channel
from threatstamp.core.stamps.route import Route
from threatstamp.slack.directory import Directory
from threatstamp.slack.reading import Loose, table_in, text_in
from threatstamp.texts.catalogue import Texts


def check_channels(
    settings: Settings, directory: Directory, texts: Texts, *, missing: Set[str]
) -> Iterator[Check]:
    """Yields a check for each channel in the settings.

    missing: scopes that are known to be missing. A #name that cannot be found without them is left out.
    Destinations must be readable, too: after a crash, delivery searches their history for our message.
    """
    told = (name for route in settings.routes for name in _told_by(route))
    destinations = dict.fromkeys((*told, *settings.cases.announce_to, *settings.cases.handed_to))
    parts = (
        ("source", settings.sources),
        ("destination", tuple(destinations)),
        ("alerts", (settings.alerts,) if settings.alerts else ()),
        ("morning", (settings.cases.morning_channel,) if settings.cases.morning_channel else ()),
    )
    for part, names in parts:
        found = Findings(part, texts)
        for name in names:
            if not (name.startswith("#") and "channels:read" in missing):
                yield _channel(name, settings, directory, found)


def _told_by(route: Route) -> tuple[str, ...]:
    """Returns the channels in which a route says something."""
    return (*route.to, *(name for name in route.then if is_channel(name)))


def _channel(name: str, settings: Settings, directory: Directory, found: Findings) -> Check:
    try:
        channel = directory.channel(name)
    except SlackError as error:
        return found.refused(name, error)
    if channel is None:
        return found.bad(name, "check_channel_lost", channel=name)
    calls = directory.calls
    info: Loose = {}
    try:
        info = table_in(calls.get("conversations.info", channel=channel), "channel")
    except SlackError as error:
        if error.code == "channel_not_found":
            return found.bad(name, "check_channel_lost", channel=name)
    if info.get("is_archived"):
        return found.bad(name, "check_channel_archived", channel=name)
    is_destination = found.part == "destination"
    if info.get("is_ext_shared") and is_destination and not _may_share(name, settings):
        return found.bad(name, "check_channel_shared", channel=name)
    if is_destination and _is_its_own_source(name, channel, settings, directory):
        return found.bad(name, "check_channel_own", channel=name)
    try:
        calls.get("conversations.history", channel=channel, limit=1)
    except SlackError as error:
        return found.refused(name, error)
    called = f"#{text_in(info, 'name')}"
    if name.startswith("#") and info and called != name:
        return found.good(name, "check_channel_renamed", id=channel, called=called)
    if found.part == "source" and name in settings.keep:
        keep = duration_text(settings.keep[name])
        return found.good(name, "check_channel_kept", id=channel, keep=keep)
    return found.good(name, "check_channel" if found.part == "source" else "check_member", id=channel)


def _is_its_own_source(name: str, channel: str, settings: Settings, directory: Directory) -> bool:
    """True if a route leads back into a channel that it listens to, as their names do not show any more."""
    routes = [route for route in settings.routes if name in _told_by(route) and not route.thread]
    sources = {source for route in routes for source in route.sources or settings.sources}
    return any(directory.channel(source) == channel for source in sources)


def _may_share(name: str, settings: Settings) -> bool:
    """True if every route into a channel allows that other organisations read it."""
    return all(route.external for route in settings.routes if name in _told_by(route))
