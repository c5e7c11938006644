"""A route: which reaction, from where and by whom, goes to which channels, for whose attention."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.ids import ChannelId, Emoji, RouteId, UserId


class OnWithdraw(StrEnum):
    """What the last withdrawal does to a forward."""

    MARK = "mark"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of the policy, as the file says it.

    Channels, users and groups are names or ids as written ("#sec-alert", "C012AB3CD", "U0CISO", "S0SEC",
    "a@example.com", "@handle", "here"); `resolve` in the workspace turns them into ids.
    delay: seconds before a forward is posted.
    """

    id: RouteId
    name: str
    reaction: Emoji
    to: tuple[str, ...] = ()
    mention: tuple[str, ...] = ()
    text: str = ""
    sources: tuple[str, ...] = ()
    """The file's `from`: source channels that the route listens to; none given means all."""
    allow: tuple[str, ...] = ()
    each: bool = False
    thread: bool = False
    on_withdraw: OnWithdraw = OnWithdraw.MARK
    delay: float = 0.0
    external: bool = False


def route_id(*, name: str | None, reaction: str, to: tuple[str, ...]) -> RouteId:
    """Returns a route's identity: its name, else its reaction and destinations."""
    return RouteId(name or f"{reaction}>{','.join(sorted(to))}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRoute:
    """A route with the names of this workspace resolved; what could not be found is left in `lost`."""

    route: Route
    sources: frozenset[ChannelId]
    """Empty: all sources."""
    to: tuple[ChannelId, ...]
    mention: tuple[str, ...]
    """Mentions as Slack writes them: <@U…>, <!subteam^S…>, <!here>; plain text where not found."""
    allow_users: frozenset[UserId]
    allow_groups: frozenset[str]
    lost: tuple[str, ...] = ()
