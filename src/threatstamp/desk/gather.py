"""Feeds are asked, and what is new in them goes on record and is said: the first step of a story."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from threatstamp.core import health
from threatstamp.core.departure import DepartureKind, NewDeparture
from threatstamp.core.entry import Document, Entry, Fetched
from threatstamp.core.errors import SlackError
from threatstamp.core.feed import BoundFeed, FeedClaim, FeedState, Request
from threatstamp.core.ids import ChannelId, FeedName, StoryId, Ts
from threatstamp.core.ledger import Kind
from threatstamp.core.policy import Policy
from threatstamp.core.story import (
    Change,
    kept,
    link_key,
    oldest_first,
    share_out,
    shown_digest,
    story_id,
    story_of,
    whole_digest,
)
from threatstamp.desk.ports import (
    Clock,
    Fetching,
    KnownEntry,
    NewStory,
    Page,
    Store,
    Timing,
    Tx,
    Workspace,
)

AT_ONCE = 200
"""So many feeds are claimed at a time: each answer comes well within its lease."""

CALM_BATCH = 50
DAY = 86_400_000_000
LOOK_BACK = 7 * DAY
"""A post of another app that is older than that is no news any more: its link may be posted again."""

LOOK_PAGES = 3


@dataclass(slots=True, kw_only=True)
class Gathered:
    """What one round brought."""

    asked: int = 0
    unchanged: int = 0
    new: int = 0
    revised: int = 0
    owed: int = 0
    failed: list[FeedName] = field(default_factory=list)
    """Feeds with a problem, also those whose entries could be read all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """What a document brought that is not on record."""

    bound: BoundFeed
    first: bool
    site: str | None
    new: tuple[Entry, ...]
    changes: tuple[Change, ...]
    elsewhere: Mapping[str, Ts]
    """Posts of other apps in the feed's channel, by the key of their link."""

    def key(self, entry: Entry) -> str | None:
        return link_key(entry.link, site=self.site)


class Gather:
    """The step. Any number of processes may be at it: each feed is claimed by one of them."""

    def __init__(
        self,
        *,
        policy: Policy,
        store: Store,
        workspace: Workspace,
        fetching: Fetching,
        clock: Clock,
        timing: Timing,
        holder: str,
        chance: Callable[[], float],
    ) -> None:
        self.policy = policy
        self._store = store
        self._workspace = workspace
        self.fetching = fetching
        self._clock = clock
        self._timing = timing
        self._holder = holder
        self._chance = chance
        self.on_news: Callable[[], None] = lambda: None
        """Called when something may be owed to Slack because of an answer."""

    def round(self, *, due_only: bool) -> Gathered:
        """Asks every feed, or those whose turn it is, and records what came of it."""
        gathered = Gathered()
        feeds = iter([bound for bound in self.policy.feeds if not bound.is_lost])
        while some := {bound.feed.name: bound for bound in islice(feeds, AT_ONCE)}:
            claims = self._store.claim_feeds(
                [bound.feed for bound in some.values()],
                now=self._clock.now(),
                lease=self._timing.feed_lease,
                holder=self._holder,
                due_only=due_only,
            )
            self._ask(some, claims, gathered)
        return gathered

    def _ask(
        self, feeds: Mapping[FeedName, BoundFeed], claims: Sequence[FeedClaim], gathered: Gathered
    ) -> None:
        calm: list[tuple[FeedClaim, FeedState]] = []
        for claim, request, fetched in self._answers(feeds, claims):
            bound = feeds[claim.state.name]
            state = self._after(bound, claim, request, fetched)
            gathered.asked += 1
            if state.problem is not None:
                gathered.failed.append(state.name)
            if fetched.document is not None and fetched.document.entries:
                self._take(bound, claim, state=state, document=fetched.document, gathered=gathered)
                continue
            gathered.unchanged += fetched.unchanged
            calm.append((claim, state))
            if len(calm) >= CALM_BATCH:
                self._settle(calm)
        self._settle(calm)

    def _answers(
        self, feeds: Mapping[FeedName, BoundFeed], claims: Sequence[FeedClaim]
    ) -> Iterator[tuple[FeedClaim, Request, Fetched]]:
        now = self._clock.now()
        asked = {
            claim.state.name: health.request(feeds[claim.state.name].feed, claim.state, now=now)
            for claim in claims
        }
        for claim, fetched in self.fetching.fetch_all([(one, asked[one.state.name]) for one in claims]):
            yield claim, asked[claim.state.name], fetched

    def _after(self, bound: BoundFeed, claim: FeedClaim, request: Request, fetched: Fetched) -> FeedState:
        known = request.validators
        return health.after(
            claim.state,
            fetched,
            every=bound.feed.every,
            now=self._clock.now(),
            asked_whole=known.etag is None and known.last_modified is None,
            spread=self._chance(),
        )

    def _settle(self, calm: list[tuple[FeedClaim, FeedState]]) -> None:
        """Records the feeds that brought nothing, many in one transaction."""
        if calm:
            with self._store.transaction() as tx:
                for claim, state in calm:
                    if tx.holds_feed(claim):
                        tx.put_feed(claim, state)
                self._tell(tx, [state for _, state in calm])
            calm.clear()

    def _take(
        self,
        bound: BoundFeed,
        claim: FeedClaim,
        *,
        state: FeedState,
        document: Document,
        gathered: Gathered,
    ) -> None:
        """Records a document. What Slack has to be asked for is asked before the transaction."""
        entries = oldest_first(_once(kept(entry, bound.feed.store) for entry in document.entries))
        with self._store.reading() as tx:
            known = tx.known_entries(bound.feed.name, [entry.entry_id for entry in entries])
        news = self._news(bound, claim.state, document=document, entries=entries, known=known)
        now = self._clock.now()
        overflow = not known and not news.first and state.problem is None
        times = _times(news.new, first=news.first, now=now)
        changed = bool(news.new or news.changes)
        state = replace(state, met_at=state.met_at or now)
        state = health.with_news(state, times, changed=changed, overflow=overflow, now=now)
        with self._store.transaction() as tx:
            if not tx.holds_feed(claim):
                return  # it took too long, and somebody else is at it
            stories = self._record(tx, news, now=now)
            owed = self._say(tx, news, stories, now=now)
            owed += self._revise(tx, news, now=now)
            tx.put_feed(claim, state)
            self._tell(tx, [state])
        gathered.unchanged += not changed
        gathered.new += len(news.new)
        gathered.revised += len(news.changes)
        gathered.owed += owed
        if owed:
            self.on_news()

    def _news(
        self,
        bound: BoundFeed,
        before: FeedState,
        *,
        document: Document,
        entries: Sequence[Entry],
        known: Mapping[str, KnownEntry],
    ) -> _News:
        new = tuple(entry for entry in entries if entry.entry_id not in known)
        changes = tuple(_changes(entries, known))
        first = before.met_at is None
        elsewhere = self._posted_elsewhere(bound) if new and (bound.feed.backlog or not first) else {}
        return _News(
            bound=bound, first=first, site=document.link, new=new, changes=changes, elsewhere=elsewhere
        )

    def _posted_elsewhere(self, bound: BoundFeed) -> dict[str, Ts]:
        """Looks which links another app, such as Slack's own RSS app, has posted in the channel already."""
        if not bound.feed.post or bound.channel is None:
            return {}
        found: dict[str, Ts] = {}
        try:
            for page in self._pages(bound.channel):
                for post in page.posts:
                    key = link_key(post.snapshot.link) if post.by_app else None
                    if key is not None:
                        found[key] = post.place.ts
        except SlackError:
            pass  # a channel that cannot be read is said by the sweep; the news is not held up by it
        return found

    def _pages(self, channel: ChannelId) -> Iterator[Page]:
        oldest, cursor = self._clock.now() - LOOK_BACK, ""
        for _ in range(LOOK_PAGES):
            page = self._workspace.history(channel, oldest=oldest, cursor=cursor)
            yield page
            cursor = page.after
            if not cursor:
                return

    def _record(self, tx: Tx, news: _News, *, now: int) -> tuple[StoryId, ...]:
        """Puts the new entries on record; returns the story of each, in their order."""
        feed = news.bound.feed.name
        keys = {entry.entry_id: news.key(entry) for entry in news.new}
        there = tx.stories_by_link([key for key in keys.values() if key], besides=feed)
        waiting = {key: list(stories) for key, stories in there.items()}
        made: list[NewStory] = []
        told: list[tuple[Entry, StoryId]] = []
        for entry in news.new:
            key = keys[entry.entry_id]
            same = waiting.get(key) if key else None
            if same:
                told.append((entry, same.pop(0)))
                continue
            story = story_of(entry, feed=feed)
            made.append(NewStory(story=story, link_key=key))
            told.append((entry, story.id))
        tx.add_stories(made, now=now)
        tx.add_entries(feed, told, now=now)
        for entry, story_told in told:
            tx.append(Kind.ENTRY, {**_entry_body(feed, entry), "story": story_told})
        return tuple(story for _, story in told)

    def _say(self, tx: Tx, news: _News, stories: Sequence[StoryId], *, now: int) -> int:
        """Owes the channel what it does not show yet; returns how many messages that is."""
        feed, channel, team = news.bound.feed, news.bound.channel, self.policy.team
        if not feed.post or channel is None or not stories:
            return 0
        self._join(tx, news, stories, channel=channel)
        shown = tx.shown_in(stories, channel, team=team)
        unsaid = [number for number, story in enumerate(stories) if story not in shown]
        if news.first:
            shares = share_out(len(stories), first=True, backlog=feed.backlog, burst=feed.burst)
            single = [stories[number] for number in shares.single if number in unsaid]
            digest: list[StoryId] = []
        else:
            shares = share_out(len(unsaid), first=False, backlog=feed.backlog, burst=feed.burst)
            single = [stories[unsaid[number]] for number in shares.single]
            digest = [stories[unsaid[number]] for number in shares.digest]
        owed = self._owe(tx, news, digest, kind=DepartureKind.DIGEST, now=now) if digest else 0
        return owed + sum(self._owe(tx, news, [one], kind=DepartureKind.STORY, now=now) for one in single)

    def _join(self, tx: Tx, news: _News, stories: Sequence[StoryId], *, channel: ChannelId) -> None:
        """A post of another app that stands there already is the story's post."""
        for entry, story in zip(news.new, stories, strict=True):
            key = news.key(entry)
            ts = news.elsewhere.get(key) if key else None
            if ts is not None:
                tx.show([story], channel, team=self.policy.team, departure=None, ts=ts)

    def _owe(self, tx: Tx, news: _News, stories: Sequence[StoryId], *, kind: DepartureKind, now: int) -> int:
        channel, team = news.bound.channel, self.policy.team
        assert channel is not None
        departure = tx.owe(
            NewDeparture(
                name=f"{channel}|{stories[0]}|{len(stories)}",
                team=team,
                kind=kind,
                channel=channel,
                due_at=now,
                body={"feed": news.bound.feed.name},
            ),
            now=now,
        )
        if departure is None:
            return 0
        tx.show(stories, channel, team=team, departure=departure)
        return 1

    def _revise(self, tx: Tx, news: _News, *, now: int) -> int:
        """Records what known entries say now; where a post shows it, the post is edited."""
        feed, edits = news.bound.feed.name, 0
        for change in news.changes:
            tx.revise_entry(feed, change.entry, now=now)
            tx.append(Kind.REVISION, {**_entry_body(feed, change.entry), "story": change.story})
            if not change.shown or change.story != story_id(feed, change.entry.entry_id):
                continue  # another feed's entry began the story, and its words are shown
            new = NewStory(story=story_of(change.entry, feed=feed), link_key=news.key(change.entry))
            tx.revise_story(new)
            for departure in tx.departures_of(change.story):
                tx.revise(departure, now=now)
                edits += 1
        return edits

    def _tell(self, tx: Tx, states: Sequence[FeedState]) -> None:
        """What is wrong with feeds, once it lasts, is a trouble until it is mended."""
        now = self._clock.now()
        open_now = {trouble.key for trouble in tx.troubles("feed")}
        for state in states:
            wanted = _wrong(state, now=now, patience=self._timing.feed_late)
            for kind, values in wanted.items():
                tx.open_trouble(f"{kind}:{state.name}", kind, values={"name": state.name, **values}, now=now)
            for kind in ("feed", "feed_overflow", "feed_silent"):
                if kind not in wanted and f"{kind}:{state.name}" in open_now:
                    tx.mend_trouble(f"{kind}:{state.name}", now=now)


def _wrong(state: FeedState, *, now: int, patience: float) -> dict[str, dict[str, str]]:
    wrong: dict[str, dict[str, str]] = {}
    problem = health.lasting(state, now=now, patience=patience)
    if problem is not None:
        values = {name: str(value) for name, value in problem.values.items()}
        wrong["feed"] = {"reason": problem.reason, **values}
    if state.overflow_at is not None:
        wrong["feed_overflow"] = {}
    if state.problem is None and health.silent_since(state, now=now) is not None:
        wrong["feed_silent"] = {}
    return wrong


def _once(entries: Iterator[Entry]) -> list[Entry]:
    """Drops what has an id that came before in the same document."""
    found: dict[str, Entry] = {}
    for entry in entries:
        found.setdefault(entry.entry_id, entry)
    return list(found.values())


def _changes(entries: Sequence[Entry], known: Mapping[str, KnownEntry]) -> Iterator[Change]:
    for entry in entries:
        before = known.get(entry.entry_id)
        if before is not None and before.whole_digest != whole_digest(entry):
            shown = before.shown_digest != shown_digest(entry)
            yield Change(entry=entry, story=before.story, shown=shown)


def _times(new: Sequence[Entry], *, first: bool, now: int) -> list[int]:
    """When new entries came, to learn what is usual; at first contact only what the feed itself says."""
    if not first:
        return [now] if new else []
    said = (entry.published_at or entry.updated_at for entry in new)
    return [at for at in said if at is not None]


def _entry_body(feed: FeedName, entry: Entry) -> dict[str, object]:
    return {
        "feed": feed,
        "entry": entry.entry_id,
        "title": entry.title,
        "link": entry.link,
        "published_at": entry.published_at,
        "digest": whole_digest(entry),
    }
