"""A sweep reads the source channels back and finds what no event told: stamps that came or went unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ParamSpec, TypeVar

from threatstamp.core import signs
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, RouteId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import retry_in
from threatstamp.core.stamps.route import Contact
from threatstamp.core.time import DAY, Micros, micros_of
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.slack import Page, SeenPost
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

P = ParamSpec("P")
T = TypeVar("T")
LONGEST = 30
"""A sweep after a long absence looks back so many days at most."""

TRIES = 30

TakePage = Callable[[Page, bool], int]
"""Takes one page; the second says whether the channel is shared. Returns how many turns it added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep did. calls: by Slack's method. failed: channels with Slack's code."""

    channels: int = 0
    posts: int = 0
    turns: int = 0
    history: int = 0
    replies: int = 0
    full: int = 0
    failed: tuple[tuple[ChannelId, str], ...] = ()


class Sweep:
    """The step. One `run` is one pass over all sources."""

    def __init__(
        self, tools: Tools, *, take: TakePage, report: Callable[[Swept], None] | None = None
    ) -> None:
        """report: called before each channel and after each page, with what was done so far."""
        self._tools = tools
        self._policy = tools.policy  # one policy for the whole pass, whatever the file says meanwhile
        self._take = take
        self._report = report or _nobody
        self._swept = Swept()
        self._ended = Micros(0)

    def run(self, *, days: float) -> Swept:
        """Reads every source channel, `days` back at least, and further after a longer absence."""
        self._swept = Swept()
        for channel in sorted(self._policy.sources):
            self._report(self._swept)
            try:
                self._channel(channel, days=days)
            except SlackError as error:
                self._failed(channel, error)
        return self._swept

    def _channel(self, channel: ChannelId, *, days: float) -> None:
        started = self._tools.clock.now()
        oldest = self._oldest(channel, started, days=days)
        shared = channel in self._policy.shared
        cursor, more = "", True
        while more:
            page = self._patiently(self._history, channel, oldest, cursor)
            self._page(page, shared=shared)
            for post in page.posts:
                if post.latest_reply is not None and micros_of(post.latest_reply) >= oldest:
                    self._thread(post, oldest=oldest, shared=shared)
            cursor, more = page.after, bool(page.after)
        self._looked(channel, started=started, oldest=oldest)

    def _thread(self, post: SeenPost, *, oldest: Micros, shared: bool) -> None:
        cursor, more = "", True
        while more:
            page = self._patiently(self._replies, post, oldest, cursor)
            self._page(page, shared=shared)
            cursor, more = page.after, bool(page.after)

    def _history(self, channel: ChannelId, oldest: Micros, cursor: str) -> Page:
        self._swept = replace(self._swept, history=self._swept.history + 1)
        return self._tools.workspace.history(channel, oldest=oldest, cursor=cursor)

    def _replies(self, post: SeenPost, oldest: Micros, cursor: str) -> Page:
        self._swept = replace(self._swept, replies=self._swept.replies + 1)
        return self._tools.workspace.replies(post.place, oldest=oldest, cursor=cursor)

    def _full(self, post: SeenPost) -> SeenPost:
        self._swept = replace(self._swept, full=self._swept.full + 1)
        return self._tools.workspace.everyone(post.place)

    def _page(self, page: Page, *, shared: bool) -> None:
        whole = tuple(self._whole(post) for post in page.posts)
        # a list that was completed afterwards may hold what is newer than the page
        ended = page.ended if whole == page.posts else max(page.ended, self._tools.clock.now())
        self._ended = max(self._ended, ended)
        turns = self._take(replace(page, posts=whole, ended=ended), shared)
        self._swept = replace(
            self._swept, posts=self._swept.posts + len(whole), turns=self._swept.turns + turns
        )
        self._report(self._swept)

    def _whole(self, post: SeenPost) -> SeenPost:
        """Asks for the whole list of people where Slack cut one short that a route listens to."""
        routed = {route.route.reaction for route in self._policy.routes}
        if all(seen.whole for seen in post.reactions if seen.reaction in routed):
            return post
        full: SeenPost = self._patiently(self._full, post)
        return replace(full, latest_reply=post.latest_reply)

    def _patiently(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Repeats a call for as long as its error passes, waiting as Slack asks; raises the last one."""
        for attempt in range(1, TRIES + 1):
            try:
                return call(*args, **kwargs)
            except SlackError as error:
                wait = retry_in(attempt) if error.retry_after is None else error.retry_after
                if error.permanent or attempt == TRIES or not self._tools.clock.wait(wait):
                    raise
        raise AssertionError

    def _oldest(self, channel: ChannelId, started: Micros, *, days: float) -> Micros:
        with self._tools.store.reading() as read:
            last = read.vitals.get(signs.swept(self._policy.team, channel))
        window = round(days * DAY)
        since = min(started, int(last)) if last else started
        return Micros(max(since - window, started - max(window, LONGEST * DAY)))

    def _looked(self, channel: ChannelId, *, started: Micros, oldest: Micros) -> None:
        team, now = self._policy.team, self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            tx.vitals.put(signs.swept(team, channel), str(started), now=now)
            tx.troubles.fix(TroubleKind.SWEEP, channel, now=now)
            for source, route in self._policy.contacts():
                met = tx.routes.contact(source, route, team=team) if source == channel else None
                if met is not None:
                    self._meet(tx, channel, route, met=met, oldest=oldest, now=now)
        self._swept = replace(self._swept, channels=self._swept.channels + 1)

    def _meet(
        self,
        tx: Tx,
        channel: ChannelId,
        route: RouteId,
        *,
        met: Contact,
        oldest: Micros,
        now: Micros,
    ) -> None:
        """The first look is through: what it found was there already; what comes now counts."""
        first = met.looked_at is None
        if first or oldest < met.covers:
            looked_at = self._ended if met.looked_at is None else met.looked_at
            covers = oldest if first else min(oldest, met.covers)
            contact = Contact(since=met.since, looked_at=looked_at, covers=covers)
            tx.routes.put_contact(channel, route, team=self._policy.team, contact=contact)
        if first:
            body = {"team": self._policy.team, "channel": channel, "route": route}
            tx.ledger.append(Kind.CONTACT, body, now=now)

    def _failed(self, channel: ChannelId, error: SlackError) -> None:
        failed = (*self._swept.failed, (channel, error.code))
        self._swept = replace(self._swept, failed=failed)
        values = {"channel": channel, "error": error.code}
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            tx.troubles.open(TroubleKind.SWEEP, channel, values=values, now=now)


def _nobody(_: Swept) -> None:
    """Nobody waits."""
