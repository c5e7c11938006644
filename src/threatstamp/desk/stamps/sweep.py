"""A sweep reads the source channels' history and finds the stamps and withdrawals whose events were lost.

Slack's history already contains the reactions of each post, so a page costs one call, not one per post.
"""

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
"""After a long absence a sweep looks back this many days at most."""

TRIES = 30
"""Attempts per call, before the channel is given up until the next sweep."""

TakePage = Callable[[Page, bool], int]
"""Takes one page. The second argument: the channel is shared. Returns how many turns were added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep did.

    history, replies, full: calls of conversations.history, conversations.replies and reactions.get.
    failed: channels that could not be read, with Slack's error code.
    """

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
        """report: called before each channel and after each page, with what has been done so far."""
        self._tools = tools
        # One policy for the whole pass. If the settings change meanwhile, a first contact must not be
        # recorded as complete for a route whose stamps the pages before did not look for.
        self._policy = tools.policy
        self._take = take
        self._report = report or _nobody
        self._swept = Swept()
        self._ended = Micros(0)

    def run(self, *, days: float) -> Swept:
        """Reads every source channel, at least `days` back, and further after a longer absence.

        A channel that cannot be read is reported and does not stop the others.
        """
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
        # lists that were completed by further calls may include reactions that are newer than the page
        ended = page.ended if whole == page.posts else max(page.ended, self._tools.clock.now())
        self._ended = max(self._ended, ended)
        turns = self._take(replace(page, posts=whole, ended=ended), shared)
        self._swept = replace(
            self._swept, posts=self._swept.posts + len(whole), turns=self._swept.turns + turns
        )
        self._report(self._swept)

    def _whole(self, post: SeenPost) -> SeenPost:
        """Completes a post's lists of people, if Slack shortened one that a route listens to.

        Without the complete list, nobody's absence proves anything, and a withdrawal would be missed.
        """
        routed = {route.route.reaction for route in self._policy.routes}
        if all(seen.whole for seen in post.reactions if seen.reaction in routed):
            return post
        full: SeenPost = self._patiently(self._full, post)
        return replace(full, latest_reply=post.latest_reply)

    def _patiently(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Repeats a call while its errors are temporary, waiting as long as Slack says.

        Raises the last error.
        """
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
        # Counted from the last complete sweep, so that a time in which nothing ran is covered, too.
        # `min`, because that time lies in the future if the clock was ahead then.
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
        """Completes a first contact: what this sweep found existed before, what later ones find counts."""
        first = met.looked_at is None
        if first or oldest < met.covers:
            # the end of the last page and not the time now: what happened in between counts as new
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
    """Nobody watches this sweep."""
