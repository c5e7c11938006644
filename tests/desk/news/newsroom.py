"""A newsroom: the real steps on a real store, with fake servers and a fake Slack; documents for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from tests.support.fakes import FakeClock, FakeFacts, FakeFetching, FakeSlack, memory_store, owed, tools_of
from tests.support.times import S
from threatstamp.app.kinds import departings
from threatstamp.core.assets.relevance import Relevance
from threatstamp.core.ids import ChannelId, FeedName, TeamId, UserId
from threatstamp.core.news.entry import Document, Entry, Fetched
from threatstamp.core.news.feed import (
    BoundFeed,
    Feed,
    FeedClaim,
    FeedState,
    Problem,
    Reason,
    Validators,
)
from threatstamp.core.policy import Policy
from threatstamp.desk.news.gather import Gather, Gathered
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.ports.tools import no_products
from threatstamp.store.store import SqlStore

DAY = 86_400 * S
NEWS, DEVELOPERS = ChannelId("C0NEWS"), ChannelId("C0DEV")
TEAM = TeamId("T1")
FEED = Feed(name=FeedName("架空ニュース"), url="https://feed.example/rss", zone=ZoneInfo("Asia/Tokyo"))
OTHER = replace(FEED, name=FeedName("Sample Portal"), url="https://portal.example/atom")
DOWN = Fetched(problem=Problem(reason=Reason.HTTP_STATUS, values={"status": 503}))
BROKEN = Problem(reason=Reason.READ_NOT_WELL_FORMED, values={"line": 3})


def entry(number: int, **more: object) -> Entry:
    values = {"title": f"記事{number}", "link": f"https://news.example/{number}", "summary": f"要約{number}"}
    return Entry(entry_id=f"id-{number}", **(values | more))  # type: ignore[arg-type]


def document(*numbers: int, **more: object) -> Fetched:
    """Returns a document with these entries, the newest first, as feeds have them."""
    entries = tuple(entry(number) for number in sorted(numbers, reverse=True))
    found = Document(title="feed", link="https://news.example/", entries=entries, **more)  # type: ignore[arg-type]
    return Fetched(document=found, validators=Validators(etag=f'"{max(numbers)}"', digest="d"))


Answer = tuple[FeedClaim, Fetched]


class Newsroom:
    """The real steps on a real store, with fake servers and a fake Slack."""

    def __init__(
        self,
        *feeds: Feed,
        channel: ChannelId = NEWS,
        store: SqlStore | None = None,
        products_of: Callable[[str], frozenset[str]] = no_products,
        relevance: Relevance | None = None,
    ) -> None:
        self.clock = FakeClock(1_764_000_000 * S)
        self.slack = FakeSlack(self.clock)
        self.store = store or memory_store()
        self.servers = FakeFetching()
        self.facts = FakeFacts()
        bound = tuple(
            BoundFeed(feed=feed, channel=(ChannelId(feed.channel) if feed.channel else channel))
            for feed in feeds or (FEED,)
        )
        self.policy = Policy(
            team=TEAM,
            me=UserId("U0ME"),
            sources=frozenset({NEWS}),
            routes=(),
            feeds=bound,
            relevance=relevance,
        )
        self.errors: list[tuple[str, str]] = []
        self.tools = tools = tools_of(
            self.policy,
            store=self.store,
            slack=self.slack,
            clock=self.clock,
            facts=self.facts,
            products_of=products_of,
        )
        self.gather = Gather(
            tools,
            self.servers,
            chance=lambda: 0.5,
            wake=lambda: None,
            report=lambda feed, error: self.errors.append((feed, type(error).__name__)),
        )
        self.deliver = Deliver(tools, departings(tools))

    def poll(self, *answers: Fetched, feed: Feed = FEED, later: int = 600, settle: bool = True) -> Gathered:
        """Runs one round with these answers, and delivers everything that it owes.

        settle: False if something of it is only due later.
        """
        self.clock.time += later * S
        self.servers.answers[feed.name] = list(answers)
        gathered = self.gather.round(due_only=False)
        while self.deliver.one():
            self.clock.time += S
        assert not settle or owed(self.store) == 0
        return gathered

    @property
    def texts(self) -> list[str]:
        return [message.rendered.text.split("\n")[0].split("／")[0] for message in self.slack.messages]

    @property
    def state(self) -> FeedState:
        with self.store.reading() as read:
            return next(one for one in read.feeds.states() if one.name == FEED.name)

    def troubles(self) -> list[str]:
        with self.store.reading() as read:
            return [f"{one.kind.value}:{one.subject}" for one in read.troubles.unfixed()]

    def kinds(self) -> list[str]:
        with self.store.reading() as read:
            return [one.kind for one in read.ledger.entries()]
