"""A sweep reads the source channels' history and finds the stamps and withdrawals whose events were lost.

Slack's history already contains the reactions of each post, so a page costs one call, not one per post.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ParamSpec, TypeVar

from threatstamp.core import signs
from threatstamp.core.errors import SlackError, is_about_one
from threatstamp.core.ids import ChannelId, RouteId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import retry_in
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import Contact
from threatstamp.core.time import DAY, Micros, later, micros_of
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.slack import Page, SeenPost
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.time import CLOCK_ERROR
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.stamps.aside import Aside

P = ParamSpec("P")
T = TypeVar("T")
LONGEST = 30
"""After a long absence a sweep looks back this many days at most."""

TRIES = 30
"""Attempts per call, before the channel is given up until the next sweep."""

GONE = frozenset({"message_not_found", "thread_not_found"})
"""Slack's codes for a post that was deleted while its page was being read."""

UNEXPECTED = "unexpected_error"
"""Our own code for a channel that cannot be swept because of a fault of ours."""

TakePage = Callable[[Page, bool], int]
"""Takes one page. The second argument: the channel is shared. Returns how many turns were added."""

RememberPage = Callable[[Page], None]
"""Notes what a page shows of a post that cannot be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep did.

    history, replies, full: calls of conversations.history, conversations.replies and reactions.get.
    failed: channels that could not be read, with Slack's error code. aside: posts that could not be taken,
    with the name of the error.
    """

    channels: int = 0
    posts: int = 0
    turns: int = 0
    history: int = 0
    replies: int = 0
    full: int = 0
    failed: tuple[tuple[ChannelId, str], ...] = ()
    aside: tuple[tuple[Place, str], ...] = ()


class Sweep:
    """The step. One `run` is one pass over all sources."""

    def __init__(
        self,
        tools: Tools,
        *,
        take: TakePage,
        remember: RememberPage,
        report: Callable[[Swept], None] | None = None,
        odd: Callable[[str, Exception], None] | None = None,
    ) -> None:
        """report: called before each channel and after each page, with what has been done so far.

        odd: called with a channel or a post's link and the error, if it could not be taken: a fault of ours.
        """
        self._tools = tools
        # One policy for the whole pass. If the settings change meanwhile, a first contact must not be
        # recorded as complete for a route whose stamps the pages before did not look for.
        self._policy = tools.policy
        self._take = take
        self._remember = remember
        self._report = report or _nobody
        self._odd = odd or _no_one
        self._swept = Swept()
        self._seen_at = Micros(0)
        self._after = Micros(0)
        self._aside = Aside(tools, ChannelId(""))

    def run(self, *, days: float) -> Swept:
        """Reads every source channel, at least `days` back, and further after a longer absence.

        A channel that cannot be read is reported and does not stop the others, nor does a post that cannot be
        taken.
        """
        self._swept = Swept()
        for channel in sorted(self._policy.sources):
            self._report(self._swept)
            try:
                self._channel(channel, days=days)
            except SlackError as error:
                self._failed(channel, error.code)
            except Exception as error:
                if not is_about_one(error):
                    raise
                self._odd(channel, error)
                self._failed(channel, UNEXPECTED)
        return self._swept

    def _channel(self, channel: ChannelId, *, days: float) -> None:
        started = self._tools.clock.now()
        since, oldest = self._reach(channel, started, days=days)
        self._aside = Aside(self._tools, channel)
        self._after = self._first_looks_end(channel)
        shared = channel in self._policy.shared
        cursor, more = "", True
        while more:
            page = self._patiently(self._history, channel, oldest, cursor)
            self._page(page, shared=shared)
            for post in page.posts:
                if post.latest_reply is not None and micros_of(post.latest_reply) >= oldest:
                    self._thread(post, oldest=oldest, shared=shared)
            cursor, more = page.after, bool(page.after)
        # what was put aside must not slide out of the window before a sweep has taken it
        self._looked(channel, started=since if self._aside else started, oldest=oldest)

    def _thread(self, post: SeenPost, *, oldest: Micros, shared: bool) -> None:
        cursor, more = "", True
        while more:
            try:
                page = self._patiently(self._replies, post, oldest, cursor)
            except SlackError as error:
                if error.code in GONE:
                    return  # deleted since the page was read, with its thread
                raise
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
        for place, error in page.unread:
            self._put_aside(place, error)
        whole = tuple(post for one in page.posts if (post := self._whole(one)) is not None)
        # lists that were completed by further calls may include reactions that are newer than the page
        now = later(self._tools.clock.now(), CLOCK_ERROR)
        ended = page.ended if whole == page.posts else max(page.ended, now)
        # Slack's answers date a page to the second or two, but it certainly came after the first look: what
        # it shows and that one did not is new
        page = replace(page, started=max(page.started, self._after))
        self._seen_at = max(self._seen_at, page.started)
        turns = self._take_all(replace(page, posts=whole, ended=ended), shared)
        self._swept = replace(
            self._swept, posts=self._swept.posts + len(whole), turns=self._swept.turns + turns
        )
        self._report(self._swept)

    def _take_all(self, page: Page, shared: bool) -> int:
        """Takes a page; if that fails because of a post, each post by itself. Returns the new turns."""
        try:
            return self._take(page, shared)
        except Exception as error:
            if not is_about_one(error):
                raise
        return sum(self._take_alone(replace(page, posts=(post,)), shared) for post in page.posts)

    def _take_alone(self, page: Page, shared: bool) -> int:
        [post] = page.posts
        try:
            return self._take(page, shared)
        except Exception as error:
            if not is_about_one(error):
                raise
            self._odd(f"{post.place.channel} {post.place.ts}", error)
            self._put_aside(post.place, type(error).__name__)
        try:
            self._remember(page)
        except Exception as error:
            if not is_about_one(error):
                raise
        return 0

    def _put_aside(self, place: Place, error: str) -> None:
        self._aside.put(place, error)
        self._swept = replace(self._swept, aside=(*self._swept.aside, (place, error)))

    def _whole(self, post: SeenPost) -> SeenPost | None:
        """Completes a post's lists of people, if Slack shortened one that a route listens to.

        Without the complete list, nobody's absence proves anything, and a withdrawal would be missed.
        None: the post was deleted since the page was read, or cannot be made sense of.
        """
        routed = {route.route.reaction for route in self._policy.routes}
        if all(seen.whole for seen in post.reactions if seen.reaction in routed):
            return post
        try:
            full: SeenPost = self._patiently(self._full, post)
        except SlackError as error:
            if error.code in GONE:
                return None
            raise
        except Exception as error:
            if not is_about_one(error):
                raise
            self._odd(f"{post.place.channel} {post.place.ts}", error)
            self._put_aside(post.place, type(error).__name__)
            return None
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

    def _reach(self, channel: ChannelId, started: Micros, *, days: float) -> tuple[Micros, Micros]:
        """Returns the time that the sweep goes on from, and how far back it looks."""
        with self._tools.store.reading() as read:
            last = read.vitals.get(signs.swept(self._policy.team, channel))
        # Counted from the last complete sweep, so that a time in which nothing ran is covered, too.
        # `min`, because that time lies in the future if the clock was ahead then.
        window = round(days * DAY)
        since = min(started, int(last)) if last else started
        oldest = Micros(max(since - window, started - max(window, LONGEST * DAY)))
        return Micros(since), oldest

    def _first_looks_end(self, channel: ChannelId) -> Micros:
        """Returns a time after every first look at this channel that is complete; 0 without any."""
        team = self._policy.team
        with self._tools.store.reading() as read:
            met = [
                read.routes.contact(source, route, team=team)
                for source, route in self._policy.contacts()
                if source == channel
            ]
        looked = (one.looked_at for one in met if one is not None and one.looked_at is not None)
        return Micros(max(looked, default=-1) + 1)

    def _looked(self, channel: ChannelId, *, started: Micros, oldest: Micros) -> None:
        team, now = self._policy.team, self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            tx.vitals.put(signs.swept(team, channel), str(started), now=now)
            tx.troubles.fix(TroubleKind.SWEEP, channel, now=now)
            self._aside.fix(tx)
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
            # The last page's and not the time now: what happened in between counts as new. Its earliest
            # possible time, by which the turns that a page shows are dated, too.
            looked_at = self._seen_at if met.looked_at is None else met.looked_at
            covers = oldest if first else min(oldest, met.covers)
            contact = Contact(since=met.since, looked_at=looked_at, covers=covers)
            tx.routes.put_contact(channel, route, team=self._policy.team, contact=contact)
        if first:
            body = {"team": self._policy.team, "channel": channel, "route": route}
            tx.ledger.append(Kind.CONTACT, body, now=now)

    def _failed(self, channel: ChannelId, code: str) -> None:
        failed = (*self._swept.failed, (channel, code))
        self._swept = replace(self._swept, failed=failed)
        values = {"channel": channel, "error": code}
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            tx.troubles.open(TroubleKind.SWEEP, channel, values=values, now=now)


def _no_one(_: str, __: Exception) -> None:
    """Nobody hears of what is odd."""


def _nobody(_: Swept) -> None:
    """Nobody watches this sweep."""
