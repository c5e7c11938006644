"""A route: which reaction, from where and by whom, goes to which channels, for whose attention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.ids import ChannelId, Emoji, GroupId, RouteId, UserId
from threatstamp.core.stamps.turn import Turn
from threatstamp.core.time import EPOCH, Micros


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
    allow_groups: frozenset[GroupId]
    lost: tuple[str, ...] = ()
    """Names, as written, that this workspace does not have or does not let us read."""
    allow_lost: bool = False
    """One of `lost` stands in `allow`: who is not otherwise allowed has to wait."""

    def listens_to(self, channel: ChannelId) -> bool:
        return not self.route.sources or channel in self.sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """When the desk met a route in a source channel.

    since: from then on events count; looked_at: when the first look at the channel for this route was
    through, None before: what a look finds until then had been there already. covers: posts older than that
    had not been looked at before, so what is found under them had been there, too.
    """

    since: Micros
    looked_at: Micros | None = None
    covers: Micros = EPOCH


class Verdict(StrEnum):
    """What a route makes of one stamp."""

    FIRES = "fires"
    EXISTING = "existing"
    REFUSED = "refused"
    EXTERNAL = "external"
    WAITS = "waits"


def judge(
    route: BoundRoute,
    turn: Turn,
    *,
    user: UserId,
    posted_at: Micros,
    contact: Contact,
    members: Mapping[GroupId, frozenset[UserId] | None],
    external: bool | None,
) -> Verdict:
    """Decides whether a stamp on a post of that time fires a route.

    members: of the groups that may use it; None for a group that cannot be read now.
    external: the person is of another organisation; None if that cannot be told now.
    """
    if _was_there(turn, contact, posted_at=posted_at):
        return Verdict.EXISTING
    if external is not False and not route.route.external:
        return Verdict.WAITS if external is None else Verdict.EXTERNAL
    return _allowed(route, user, members=members)


def _was_there(turn: Turn, contact: Contact, *, posted_at: Micros) -> bool:
    """True for a stamp from before the desk came: the team has dealt with it already."""
    if turn.exact:
        return turn.at < contact.since
    looked = contact.looked_at
    return looked is None or turn.at <= looked or posted_at < contact.covers


def _allowed(
    route: BoundRoute, user: UserId, *, members: Mapping[GroupId, frozenset[UserId] | None]
) -> Verdict:
    if not route.route.allow or user in route.allow_users:
        return Verdict.FIRES
    known = [members.get(group) for group in route.allow_groups]
    if any(user in group for group in known if group is not None):
        return Verdict.FIRES
    return Verdict.WAITS if route.allow_lost or None in known else Verdict.REFUSED
