"""Who and what a workspace has: users, channels, groups, the app under test."""

from __future__ import annotations

from dataclasses import dataclass, field

FULL_SCOPES = (
    "chat:write",
    "reactions:read",
    "reactions:write",
    "channels:history",
    "groups:history",
    "channels:read",
    "groups:read",
    "channels:join",
    "users:read",
    "users:read.email",
    "usergroups:read",
    "emoji:read",
    "team:read",
    "canvases:read",
    "canvases:write",
    "pins:write",
    "commands",
)


@dataclass(slots=True, kw_only=True)
class User:
    """A person or a bot.

    team: another workspace's id for a stranger, or for a colleague in an Enterprise Grid. grid: the ids of
    the workspaces of a Grid that the person is in, with the organisation's first.
    """

    id: str
    name: str
    display_name: str
    team: str
    grid: tuple[str, ...] = ()
    email: str | None = None
    bot: bool = False
    restricted: bool = False
    deleted: bool = False
    title: str = ""
    status_emoji: str = ""
    zone: str = "Asia/Tokyo"


@dataclass(slots=True, kw_only=True)
class Canvas:
    """A channel's canvas. edits: how often it was edited."""

    id: str
    title: str
    markdown: str
    edits: int = 0


@dataclass(slots=True, kw_only=True)
class Channel:
    """A conversation with its members, and whether others share it."""

    id: str
    name: str
    private: bool = False
    archived: bool = False
    ext_shared: bool = False
    outer_team: str | None = None
    """Events from here name this team: another workspace's, where several share the channel."""
    restricted: bool = False
    created: int = 1_700_000_000
    members: set[str] = field(default_factory=set)
    canvas: Canvas | None = None
    direct_with: str = ""
    """The person, in a conversation of the app with one."""
    pins: list[str] = field(default_factory=list)
    """The ts of each pinned message."""


@dataclass(slots=True, kw_only=True)
class UserGroup:
    """A user group."""

    id: str
    handle: str
    name: str
    members: list[str]


@dataclass(slots=True, kw_only=True)
class TestedApp:
    """The app that is being tried: its bot, tokens and scopes."""

    id: str = "A0DESK"
    bot_id: str = "B0DESK"
    user_id: str = "U0DESK"
    name: str = "threatstamp"
    bot_token: str = "xoxb-sandbox-desk"  # noqa: S105 - the sandbox's own, worth nothing elsewhere
    app_token: str = "xapp-sandbox-desk"  # noqa: S105 - the same
    signing_secret: str = "0123456789abcdef0123456789abcdef"  # noqa: S105 - the same
    scopes: tuple[str, ...] = FULL_SCOPES
    revoked: bool = False
    inactive: bool = False
