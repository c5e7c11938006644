"""Which scopes of Slack the desk needs: `check` looks for them, and the app manifest requests them.

What each scope and each event needs: https://docs.slack.dev/reference/scopes
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from threatstamp.app.tabs import lacks_routes
from threatstamp.config.settings import Settings
from threatstamp.core.policy import Confirm
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.emoji import is_standard

PRIVATE: Mapping[str, str] = {"channels:history": "groups:history", "channels:read": "groups:read"}
"""The same right for private channels. Only Slack knows which channels are private."""

FOR_LEGENDS = ("canvases:write", "canvases:read", "pins:write")
"""Optional: without them a legend is a message, pinned or not."""

SCOPES = (
    *("chat:write", "reactions:read", "reactions:write"),
    *("channels:history", "groups:history", "channels:read", "groups:read"),
    *("users:read", "users:read.email", "usergroups:read", "emoji:read"),
    "commands",
    *FOR_LEGENDS,
)
"""Every scope that the desk can use."""

EVENTS: Mapping[str, str] = {
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "emoji_changed": "emoji:read",
    "subteam_members_changed": "usergroups:read",
    "member_left_channel": "channels:read",
    "channel_archive": "channels:read",
    "channel_unarchive": "channels:read",
    "channel_rename": "channels:read",
    "channel_deleted": "channels:read",
    "group_archive": "groups:read",
    "group_unarchive": "groups:read",
    "group_rename": "groups:read",
}
"""The events that the desk acts on, each with the scope without which Slack does not send it."""


def needed_scopes(settings: Settings) -> Iterator[str]:
    """Yields the scopes without which the desk cannot do what these settings say."""
    yield "chat:write"
    yield "channels:history"  # also for a desk that only posts news: after a crash it looks what is there
    if settings.routes or lacks_routes(settings):
        yield "reactions:read"
        if settings.slack.confirm is Confirm.REACTION:
            yield "reactions:write"


def useful_scopes(settings: Settings) -> Iterator[str]:
    """Yields the scopes without which names in these settings cannot be resolved."""
    routes = settings.routes
    channels = [*settings.sources, *(name for route in routes for name in route.to)]
    if settings.alerts:
        channels.append(settings.alerts)
    channels += settings.cases.handed_to
    if settings.cases.morning_channel:
        channels.append(settings.cases.morning_channel)
    people = _people(settings)
    # who is in the channel of an update call is asked by its id, too
    calls = bool(settings.cases.announce_to)
    if calls or any(name.startswith("#") for name in channels):
        yield "channels:read"
    if calls or any("@" in name for name in people):
        yield "users:read"
    if any("@" in name.lstrip("@") for name in people):
        yield "users:read.email"
    whose_members = [
        *settings.cases.roles,
        *(name for route in routes for name in route.allow),
    ]
    if any(name.startswith("S") for name in whose_members):
        yield "usergroups:read"
    if any(not is_standard(route.reaction) for route in routes):
        yield "emoji:read"


def least_scopes(settings: Settings, *, private: bool = False, legend: bool = False) -> tuple[str, ...]:
    """Returns the scopes to request for these settings, in the order of SCOPES.

    They are those that `check` looks for, and that for user groups where an @handle may be a group's.
    private: some of the channels may be private. legend: `legend` is to use the channels' canvases.
    """
    found = {*needed_scopes(settings), *useful_scopes(settings)}
    if lacks_routes(settings):  # the tab that has them may name whomever it likes
        found |= {"channels:read", "users:read", "usergroups:read", "emoji:read"}
    if any(name.startswith("@") for name in _people(settings)):
        found.add("usergroups:read")
    if has_cases(settings):
        found.add("commands")
    if legend:  # a channel's canvas is found by what Slack says of the channel
        found |= {"channels:read", *FOR_LEGENDS}
    if private:
        found |= {PRIVATE[scope] for scope in found if scope in PRIVATE}
    return tuple(scope for scope in SCOPES if scope in found)


def needs_buttons(settings: Settings) -> bool:
    """True if something that the desk posts has buttons: no scope, but a switch of the app."""
    return has_cases(settings) or any(route.confirm for route in settings.routes)


def has_cases(settings: Settings) -> bool:
    """True if a route opens cases, which there is a command for beside the buttons."""
    return any(route.case is not None for route in settings.routes)


def events_for(scopes: Iterable[str]) -> tuple[str, ...]:
    """Returns the events that Slack sends to an app with these scopes, as far as the desk acts on them."""
    granted = set(scopes)
    return tuple(event for event, scope in EVENTS.items() if scope in granted)


def reason(scope: str, texts: Texts) -> str:
    """Returns what the desk does with a scope, for whoever has to approve it."""
    return texts(f"scopes.{scope.replace(':', '_').replace('.', '_')}")


def _people(settings: Settings) -> list[str]:
    named = [name for route in settings.routes for name in (*route.mention, *route.allow)]
    return [*named, *settings.cases.roles, *settings.cases.leads]
