"""A route: which reaction, from where and by whom, goes to which channels, for whose attention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from threatstamp.core.ids import ChannelId, Emoji, GroupId, RouteId, TrackName, UserId
from threatstamp.core.news.marking import Tlp
from threatstamp.core.stamps.turn import Turn
from threatstamp.core.time import EPOCH, Micros


class OnWithdraw(StrEnum):
    """What happens to a forward when the last person withdraws the stamp."""

    MARK = "mark"
    IGNORE = "ignore"


class Track(StrEnum):
    """What kind of case it is: the tracks that are built in, from one of which each own track starts."""

    APP_UPDATE = "app-update"
    PRODUCT = "product"
    INVESTIGATE = "investigate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route as the settings file has it.

    Channels, users and groups are names or ids as written ("#sec-alert", "C012AB3CD", "U0CISO", "S0SEC",
    "a@example.com", "@handle", "here"); a `BoundRoute` has their ids.
    each: one forward for every person. thread: forwards go into the thread of the source post.
    delay: seconds from the stamp until a forward is posted. external: people of other organisations may use
    the route, and its forwards may go to channels shared with them. case: its stamps open a case of
    that track. ack_within: seconds from the delivery in which somebody has to acknowledge a forward; 0:
    nobody has to. then: people, groups and channels that are told if nobody did. digest: the time of day at
    which its forwards are said together, on working days. confirm: the file's `confirm_by`: whoever stamps is
    asked before they go out.
    """

    id: RouteId
    name: str
    reaction: Emoji
    to: tuple[str, ...] = ()
    mention: tuple[str, ...] = ()
    text: str = ""
    sources: tuple[str, ...] = ()
    """The file's `from`: the source channels that the route listens to; empty means all."""
    allow: tuple[str, ...] = ()
    each: bool = False
    thread: bool = False
    on_withdraw: OnWithdraw = OnWithdraw.MARK
    delay: float = 0.0
    external: bool = False
    case: TrackName | None = None
    ack_within: float = 0.0
    then: tuple[str, ...] = ()
    digest: time | None = None
    confirm: bool = False
    tlp: Tlp = Tlp.GREEN
    """The strictest marking of a post that it forwards."""
    priority: str = ""
    """That a case has at least, once the route fires for it; "" for a route that says nothing of it."""


def route_id(*, name: str | None, reaction: str, to: tuple[str, ...]) -> RouteId:
    """Returns a route's identity, which survives edits of its other values: name, else reaction and `to`."""
    return RouteId(name or f"{reaction}>{','.join(sorted(to))}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRoute:
    """A route with its names resolved to the ids of one workspace."""

    route: Route
    sources: frozenset[ChannelId]
    """Those of the route's `sources` that were found; see `listens_to`."""
    to: tuple[ChannelId, ...]
    mention: tuple[str, ...]
    """Mentions in Slack's form: <@U…>, <!subteam^S…>, <!here>; names that were not found as plain text."""
    allow_users: frozenset[UserId]
    allow_groups: frozenset[GroupId]
    then_to: tuple[ChannelId, ...] = ()
    """The channels of the route's `then`."""
    then_call: tuple[str, ...] = ()
    """Mentions of the people and groups of its `then`."""
    lost: tuple[str, ...] = ()
    """Names, as written, that do not exist in this workspace or that the app may not read."""
    allow_lost: bool = False
    """A name of `allow` is among them. It could mean anybody, so nobody can be refused: stamps wait."""

    def listens_to(self, channel: ChannelId) -> bool:
        # by the names as written: a route whose `from` was not found must not listen to every source
        return not self.route.sources or channel in self.sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The first contact of a route with a source channel: what existed before it is recorded, not forwarded.

    since: events from this moment on fire the route. looked_at: when the first sweep of the channel for this
    route ended, None before that; stamps that a sweep finds up to then existed at first contact.
    covers: how far back the sweeps have looked. Stamps that a later, longer sweep finds on posts older than
    that may have existed at first contact too, so they are treated as if they had.
    """

    since: Micros
    looked_at: Micros | None = None
    covers: Micros = EPOCH


class Verdict(StrEnum):
    """What a route decides about one stamp."""

    FIRES = "fires"
    EXISTING = "existing"
    """It existed at first contact, or the old script has forwarded the post: recorded, not forwarded."""
    REFUSED = "refused"
    """The person is not in `allow`, and is told so."""
    EXTERNAL = "external"
    """The person belongs to another organisation, and is told so."""
    MARKED = "marked"
    """The post's TLP label is stricter than what may go where the route leads; the person is told so."""
    WAITS = "waits"
    """It is not known yet who the person is, because Slack could not be read; the stamp is judged again."""
    LAPSED = "lapsed"
    """It waited until it was withdrawn, or its route removed: nothing follows from it any more."""


REFUSALS = (Verdict.REFUSED, Verdict.EXTERNAL, Verdict.MARKED)
"""What whoever stamped is told."""


def judge(
    route: BoundRoute,
    turn: Turn,
    *,
    user: UserId,
    posted_at: Micros,
    contact: Contact,
    members: Mapping[GroupId, frozenset[UserId] | None],
    external: bool | None,
    imported: bool,
) -> Verdict:
    """Decides whether a stamp on a post of that time fires a route.

    members: of the route's allowed groups; None for a group that cannot be read now.
    external: whether the person belongs to another organisation; None while that is unknown.
    imported: the old script has forwarded the post for this reaction, whoever stamped it. It told nobody who
    that was, so a route with `each` has to go by its first contact alone.
    """
    if _was_there(turn, contact, posted_at=posted_at) or (imported and not route.route.each):
        return Verdict.EXISTING
    if external is not False and not route.route.external:
        return Verdict.WAITS if external is None else Verdict.EXTERNAL
    return _allowed(route, user, members=members)


def is_withheld(route: Route, marking: Tlp) -> bool:
    """True if a marked post may not go where a route leads. Its own thread and the record are no way out."""
    return bool(route.to) and not route.thread and marking.exceeds(route.tlp)


def _was_there(turn: Turn, contact: Contact, *, posted_at: Micros) -> bool:
    """True for a stamp from before first contact: people have already dealt with it by other means."""
    if turn.exact:
        return turn.at < contact.since
    looked = contact.looked_at
    return looked is None or turn.at <= looked or posted_at < contact.covers


def _allowed(
    route: BoundRoute, user: UserId, *, members: Mapping[GroupId, frozenset[UserId] | None]
) -> Verdict:
    if not route.route.allow or user in route.allow_users:
        return Verdict.FIRES
    # a group that cannot be read may contain the person: refusing would lose the stamp, firing would let
    # anybody in, so the stamp waits
    known = [members.get(group) for group in route.allow_groups]
    if any(user in group for group in known if group is not None):
        return Verdict.FIRES
    return Verdict.WAITS if route.allow_lost or None in known else Verdict.REFUSED
