"""What a desk in shadow would have forwarded, beside what the old script posted, and why they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from enum import StrEnum
from itertools import groupby

from threatstamp.core.ids import ChannelId, Emoji, Ts
from threatstamp.core.ledger.entry import LedgerEntry, read_body
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import State
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.forward import Forward, Holding, held_by, ripe_at
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import Verdict
from threatstamp.core.stamps.turn import TurnKind
from threatstamp.core.time import DAY, HOUR, Micros, datetime_of, micros_of
from threatstamp.desk.ports.store import Read

SCRIPT_WINDOW = 3 * DAY
"""The old script looks at posts of the last three days, and no further back."""

SOON = HOUR
"""A stamp may be younger than the last turn of the script's timer."""

AFTERWARDS = DAY
"""So long after the shadow, a message of the script's may still be about a stamp in it."""


class Side(StrEnum):
    """Who has it: both, or one of them."""

    SAME = "same"
    ONLY_OURS = "only_ours"
    ONLY_THEIRS = "only_theirs"


class Why(StrEnum):
    """Why only one of the two has it. Each has a text `why_*` in the catalogue `shadow`."""

    WITHDRAWN = "withdrawn"
    """Ours: everybody has taken the stamp back. Theirs: it was taken back before we saw it, or in time."""
    WINDOW = "window"
    """The post is older than the script looks back."""
    ELSEWHERE = "elsewhere"
    """The script has posted it in another channel."""
    ONCE = "once"
    """The script has forwarded the post already: for another reaction, or for another person's stamp."""
    NEW = "new"
    """The script has posted nothing since, or the stamp is very young."""
    NO_ROW = "no_row"
    """Nothing that the script ever posted or recorded is about this reaction."""
    UNFOUND = "unfound"
    """The destination's name means no channel."""
    NO_SOURCE = "no_source"
    """The post is in a channel that is no source of ours."""
    NO_ROUTE = "no_route"
    """No route of ours leads into that channel for this reaction."""
    REFUSED = "refused"
    """The person may not use the route."""
    WAITS = "waits"
    """The people whom the route allows cannot be read."""
    BEFORE = "before"
    """Stamped before the shadow began."""
    AFTER = "after"
    """Stamped after the shadow had ended."""
    IMPORTED = "imported"
    """The script's record, as it was imported, has the post with this reaction already."""
    TWICE = "twice"
    """The script has posted it more than once."""
    DOUBLED = "doubled"
    """We have forwarded it, too, after the shadow."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """When the desk was last in shadow. until: None while it still is."""

    since: Micros
    until: Micros | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptPost:
    """A message of another app's in a destination that has a post's permalink.

    post: the one that it leads to. reactions: the emoji within its text.
    """

    channel: ChannelId
    ts: Ts
    post: Place
    link: str
    reactions: frozenset[Emoji] = frozenset()

    @property
    def at(self) -> Micros:
        return micros_of(self.ts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One line. at: of the stamp; where only the script has it, of its message.

    channel: the destination. link: the post's permalink, None if Slack did not say it. departure: the id of
    our forward. why: None where both have it.
    """

    side: Side
    at: Micros
    post: Place
    channel: ChannelId
    link: str | None
    reaction: Emoji | None = None
    route: str | None = None
    departure: int | None = None
    message_ts: Ts | None = None
    why: Why | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowDay:
    """A day in the desk's zone, "2026-11-26", and its lines in the order of time."""

    day: str
    lines: tuple[Compared, ...]

    def count(self, side: Side) -> int:
        return sum(one.side is side for one in self.lines)


def read_period(read: Read) -> Period | None:
    """Returns the last time in shadow; None if there was none."""
    begun = list(read.ledger.entries(kind=Kind.SHADOW_BEGUN, newest=True, limit=1))
    if not begun:
        return None
    ended = list(read.ledger.entries(kind=Kind.SHADOW_ENDED, after=begun[0].sequence))
    return Period(since=_said_at(begun[0]), until=_said_at(ended[0]) if ended else None)


def _said_at(entry: LedgerEntry) -> Micros:
    """Returns the moment that an entry tells of; its own time if that was redacted."""
    body = read_body(entry.body) if entry.body else None
    at = body.get("at") if body else None
    return Micros(at) if isinstance(at, int) else entry.at


def by_day(lines: Iterable[Compared], zone: tzinfo) -> tuple[ShadowDay, ...]:
    """Returns the lines by day."""

    def day_of(line: Compared) -> str:
        return datetime_of(line.at).astimezone(zone).date().isoformat()

    ordered = sorted(lines, key=lambda line: (line.at, line.channel, line.departure or 0))
    return tuple(ShadowDay(day=day, lines=tuple(some)) for day, some in groupby(ordered, key=day_of))


def compare_shadow(
    read: Read, policy: Policy, posts: Sequence[ScriptPost], *, period: Period, now: Micros
) -> Iterator[Compared]:
    """Yields a line for each forward of the shadow, and for each message of the script's without one.

    posts: of every destination. A message is about a forward if it is in its destination and leads to its
    post, unless it names another of the reactions that count here.
    """
    ours = sorted(_ours(read, period), key=lambda one: one.at)
    end = period.until + AFTERWARDS if period.until else now
    counting = {one.route.reaction for one in policy.routes} | {one.forward.order.reaction for one in ours}
    posts = sorted(
        (replace(one, reactions=one.reactions & counting or one.reactions) for one in posts if one.at <= end),
        key=lambda one: one.at,
    )
    theirs = _Theirs(posts, counting=frozenset(counting))
    unmatched: list[_Ours] = []
    for one in ours:
        found = theirs.take(one.forward)
        if found is None:
            unmatched.append(one)
        else:
            yield one.line(Side.SAME, message_ts=found.ts)
    reasons = _Reasons(read, policy, theirs, period=period, now=now)
    for one in unmatched:
        yield one.line(Side.ONLY_OURS, why=reasons.of_ours(one))
    for post in theirs.left():
        yield Compared(
            side=Side.ONLY_THEIRS,
            at=post.at,
            post=post.post,
            channel=post.channel,
            link=post.link,
            reaction=min(post.reactions) if len(post.reactions) == 1 else None,
            message_ts=post.ts,
            why=reasons.of_theirs(post),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ours:
    """A forward of the shadow that would have gone out. at: when it was stamped first."""

    forward: Forward
    held: tuple[Holding, ...]
    at: Micros
    link: str | None

    def line(self, side: Side, *, message_ts: Ts | None = None, why: Why | None = None) -> Compared:
        return Compared(
            side=side,
            at=self.at,
            post=self.forward.place,
            channel=self.forward.destination,
            link=self.link,
            reaction=self.forward.order.reaction,
            route=self.forward.order.route_name,
            departure=self.forward.departure,
            message_ts=message_ts,
            why=why,
        )


def _ours(read: Read, period: Period) -> Iterator[_Ours]:
    for forward, post in read.forwards.in_shadow():
        if forward.recorded_at < period.since:
            continue  # of an earlier time in shadow
        order = forward.order
        held = held_by(forward, read.forwards.turns(forward.place, order.reaction, route=order.route))
        if order.delay and ripe_at(held, order.delay) is None:
            continue  # taken back in time
        link = post.snapshot.permalink if post and post.snapshot else None
        at = held[0].since if held else forward.recorded_at
        yield _Ours(forward=forward, held=held, at=at, link=link)


class _Theirs:
    """The script's messages: each is about one forward at most."""

    def __init__(self, posts: Sequence[ScriptPost], *, counting: frozenset[Emoji]) -> None:
        self.all = posts
        self._counting = counting
        self._by_place: defaultdict[tuple[Place, ChannelId], list[ScriptPost]] = defaultdict(list)
        self.taken: defaultdict[tuple[Place, ChannelId], set[Emoji]] = defaultdict(set)
        for one in posts:
            self._by_place[one.post, one.channel].append(one)

    def take(self, forward: Forward) -> ScriptPost | None:
        """Returns the message that is about a forward, rather one that names its reaction."""
        where, reaction = (forward.place, forward.destination), forward.order.reaction
        about = [one for one in self._by_place[where] if self.may_be(one, reaction)]
        found = min(about, key=lambda one: reaction not in one.reactions, default=None)
        if found is not None:
            self._by_place[where].remove(found)
            self.taken[where].add(reaction)
        return found

    def may_be(self, post: ScriptPost, reaction: Emoji) -> bool:
        """True unless a message names other reactions that count, and not this one."""
        return reaction in post.reactions or not post.reactions & self._counting

    def of(self, place: Place) -> list[ScriptPost]:
        return [one for one in self.all if one.post == place]

    def left(self) -> Iterator[ScriptPost]:
        for some in self._by_place.values():
            yield from some


class _Reasons:
    """Finds out why only one of the two has it."""

    def __init__(self, read: Read, policy: Policy, theirs: _Theirs, *, period: Period, now: Micros) -> None:
        self._read = read
        self._policy = policy
        self._theirs = theirs
        self._period = period
        self._now = now
        self._last = max((one.at for one in theirs.all), default=Micros(0))
        self._scripts = {emoji for one in theirs.all for emoji in one.reactions} | set(_imported(read))
        """The reactions that the script is known to forward."""

    def of_ours(self, ours: _Ours) -> Why:
        forward = ours.forward
        reaction = forward.order.reaction
        about = self._theirs.of(forward.place)
        elsewhere = [one for one in about if one.channel != forward.destination]
        recorded = [(forward.place, one) for one in sorted(self._scripts)]
        reasons = (
            (Why.UNFOUND, forward.destination.startswith("#")),
            (Why.WITHDRAWN, all(one.until is not None for one in ours.held)),
            (Why.WINDOW, micros_of(forward.place.ts) < ours.at - SCRIPT_WINDOW),
            (Why.ELSEWHERE, any(self._theirs.may_be(one, reaction) for one in elsewhere)),
            (Why.ONCE, bool(about or self._read.stamps.imported(recorded))),
            (Why.NO_ROW, bool(self._scripts) and reaction not in self._scripts),
            (Why.NEW, ours.at > min(self._last, self._now - SOON)),
        )
        return next((why for why, holds in reasons if holds), Why.UNKNOWN)

    def of_theirs(self, post: ScriptPost) -> Why:
        place = post.post
        if place.channel not in self._policy.sources:
            return Why.NO_SOURCE
        routes = [
            one
            for one in self._policy.routes
            if one.listens_to(place.channel)
            and post.channel in one.to
            and (one.route.reaction in post.reactions or not post.reactions)
        ]
        reactions = {one.route.reaction for one in routes}
        if not routes:
            return Why.NO_ROUTE
        if self._theirs.taken[place, post.channel] & reactions:
            return Why.TWICE
        verdicts = {
            self._read.routes.verdict(turn, route.route.id): (place, turn.reaction)
            for turn in self._read.stamps.turns_at([place])
            for route in routes
            if turn.turn.kind is TurnKind.STAMP and turn.reaction == route.route.reaction
        }
        if Verdict.FIRES in verdicts and self._is_sent(place, verdicts[Verdict.FIRES][1], post.channel):
            return Why.DOUBLED
        if Verdict.EXISTING in verdicts and self._read.stamps.imported([verdicts[Verdict.EXISTING]]):
            return Why.IMPORTED
        why = next((_BY_VERDICT[one] for one in _BY_VERDICT if one in verdicts), None)
        return why or self._unseen(post)

    def _is_sent(self, place: Place, reaction: Emoji, channel: ChannelId) -> bool:
        """True for a forward that was not recorded in shadow, or was retried since."""
        ours = self._read.forwards.of_post(place, reaction)
        return any(one.destination == channel and one.state is not State.SHADOW for one in ours)

    def _unseen(self, post: ScriptPost) -> Why:
        """Nobody's stamp is on record."""
        if post.at < self._period.since:
            return Why.BEFORE
        return Why.AFTER if self._period.until and post.at > self._period.until else Why.WITHDRAWN


_BY_VERDICT = {
    Verdict.FIRES: Why.WITHDRAWN,
    Verdict.EXISTING: Why.BEFORE,
    Verdict.REFUSED: Why.REFUSED,
    Verdict.EXTERNAL: Why.REFUSED,
    Verdict.MARKED: Why.REFUSED,
    Verdict.WAITS: Why.WAITS,
    Verdict.LAPSED: Why.WITHDRAWN,
}
"""The strongest first."""


def _imported(read: Read) -> Iterator[Emoji]:
    for entry in read.ledger.entries(kind=Kind.IMPORTED):
        body = read_body(entry.body) if entry.body else None
        if body is not None:
            yield Emoji(str(body.get("reaction")))
