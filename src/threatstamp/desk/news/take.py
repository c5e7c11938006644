"""What a feed's document brought: told apart from what is known, put on record, and said in the channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, FeedName, StoryId, Ts
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.entry import Document, Entry
from threatstamp.core.news.feed import BoundFeed
from threatstamp.core.news.story import (
    KnownEntry,
    NewStory,
    Revision,
    kept,
    link_key,
    oldest_first,
    share_out,
    story_of,
    visible_digest,
    whole_digest,
)
from threatstamp.core.outbox.departure import DepartureKind
from threatstamp.core.time import DAY, SECOND, Micros, later
from threatstamp.desk.news.publishing import DIGEST, STORY, order_publication
from threatstamp.desk.ports.slack import Page
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

LOOK_BACK = 7.0 * DAY / SECOND
"""Seconds: what was said of a link longer ago is no news any more, and another feed may say it again."""

LOOK_PAGES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentNews:
    """What a document brought that is not on record.

    keys: of the links by which an entry may be what another feed or app has said already, by entry id.
    renamed: known entries, by the id that they had, that came with another id and their old link.
    elsewhere: posts of other apps in the feed's channel, by the key of their link.
    """

    bound: BoundFeed
    first: bool
    overlaps: bool
    new: tuple[Entry, ...]
    revisions: tuple[Revision, ...]
    renamed: Mapping[str, Entry]
    keys: Mapping[str, str | None]
    elsewhere: Mapping[str, Ts]


class TakeNews:
    """Reads a document before the transaction, and records it within."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._posted: dict[ChannelId, dict[str, Ts]] = {}

    def begin_round(self) -> None:
        """What a channel's history said is believed for one round."""
        self._posted.clear()

    def read(self, bound: BoundFeed, document: Document, *, first: bool) -> DocumentNews:
        """Tells new, changed and renamed entries apart; asks Slack only if there are new ones."""
        feed = bound.feed
        entries = oldest_first([kept(entry, feed.store) for entry in document.entries])
        keys = _joinable(entries, site=document.link)
        ids = [entry.entry_id for entry in entries]
        with self._tools.store.reading() as read:
            known = dict(read.entries.known(feed.name, ids))
            unknown = [entry for entry in entries if entry.entry_id not in known]
            wanted = [key for entry in unknown if (key := keys[entry.entry_id])]
            same = read.entries.by_link(feed.name, wanted) if wanted else {}
        renamed: dict[str, Entry] = {}
        for entry in unknown:
            old = _same_entry(entry, same.get(keys[entry.entry_id] or "", ()), feed=feed.name)
            if old is not None and old[0] not in ids:
                known[entry.entry_id] = old[1]
                renamed[old[0]] = entry
        new = tuple(entry for entry in unknown if entry.entry_id not in known)
        asks = bool(new) and (feed.backlog > 0 or not first)
        return DocumentNews(
            bound=bound,
            first=first,
            overlaps=bool(known),
            new=new,
            revisions=tuple(_revisions(entries, known)),
            renamed=renamed,
            keys=keys,
            elsewhere=self._posted_elsewhere(bound) if asks else {},
        )

    def record(self, tx: Tx, news: DocumentNews, *, now: Micros) -> int:
        """Puts news on record; returns how many messages are owed because of it."""
        for old, entry in news.renamed.items():
            tx.entries.rename(news.bound.feed.name, old, entry)
        stories = self._tell(tx, news, now=now)
        return self._say(tx, news, stories, now=now) + self._revise(tx, news, now=now)

    def _posted_elsewhere(self, bound: BoundFeed) -> dict[str, Ts]:
        """Looks which links another app, such as Slack's own RSS app, has posted in the channel already."""
        if not bound.feed.post or bound.channel is None:
            return {}
        if bound.channel not in self._posted:
            self._posted[bound.channel] = dict(self._links_in(bound.channel))
        return self._posted[bound.channel]

    def _links_in(self, channel: ChannelId) -> Iterator[tuple[str, Ts]]:
        try:
            for page in self._pages(channel):
                for post in page.posts:
                    key = link_key(post.snapshot.link) if post.by_app else None
                    if key is not None:
                        yield key, post.place.ts
        except SlackError:
            pass  # a channel that cannot be read is said by the sweep; the news is not held up by it

    def _pages(self, channel: ChannelId) -> Iterator[Page]:
        oldest, cursor = later(self._tools.clock.now(), -LOOK_BACK), ""
        for _ in range(LOOK_PAGES):
            page = self._tools.workspace.history(channel, oldest=oldest, cursor=cursor)
            yield page
            cursor = page.after
            if not cursor:
                return

    def _tell(self, tx: Tx, news: DocumentNews, *, now: Micros) -> tuple[StoryId, ...]:
        """Puts the new entries on record; returns the story of each, in their order."""
        feed = news.bound.feed.name
        wanted = [key for entry in news.new if (key := news.keys[entry.entry_id])]
        there = tx.stories.by_link(wanted, besides=feed, since=later(now, -LOOK_BACK))
        waiting = {key: list(stories) for key, stories in there.items()}
        made: list[NewStory] = []
        told: list[tuple[Entry, StoryId]] = []
        for entry in news.new:
            key = news.keys[entry.entry_id]
            same = waiting.get(key) if key else None
            if same:
                told.append((entry, same.pop(0)))
                continue
            story = story_of(entry, feed=feed)
            made.append(NewStory(story=story, link_key=key))
            told.append((entry, story.id))
        tx.stories.add(made, now=now)
        tx.entries.add(feed, told, now=now)
        for entry, story_told in told:
            body = {**_entry_body(feed, entry), "story": story_told}
            tx.ledger.append(Kind.ENTRY, body, now=now)
        return tuple(story for _, story in told)

    def _say(self, tx: Tx, news: DocumentNews, stories: Sequence[StoryId], *, now: Micros) -> int:
        """Owes the channel what it does not display yet; returns how many messages that is."""
        feed, channel = news.bound.feed, news.bound.channel
        if not feed.post or channel is None or not stories:
            return 0
        self._join(tx, news, stories, channel=channel)
        team = self._tools.policy.team
        posted = tx.stories.posted_in(stories, channel, team=team)
        unsaid = [story for story in stories if story not in posted]
        if news.first:  # the newest few, if nobody has posted them already
            shares = share_out(len(stories), first=True, backlog=feed.backlog, burst=feed.burst)
            single = [stories[number] for number in shares.single if stories[number] not in posted]
            digest: list[StoryId] = []
        else:
            shares = share_out(len(unsaid), first=False, backlog=feed.backlog, burst=feed.burst)
            single = [unsaid[number] for number in shares.single]
            digest = [unsaid[number] for number in shares.digest]
        owed = self._owe(tx, news, digest, kind=DIGEST, now=now) if digest else 0
        return owed + sum(self._owe(tx, news, [one], kind=STORY, now=now) for one in single)

    def _join(self, tx: Tx, news: DocumentNews, stories: Sequence[StoryId], *, channel: ChannelId) -> None:
        """A post of another app that is there already is the story's post, and that of no other."""
        posts = [
            (ts, story)
            for entry, story in zip(news.new, stories, strict=True)
            if (ts := news.elsewhere.get(news.keys[entry.entry_id] or "")) is not None
        ]
        team = self._tools.policy.team
        taken = tx.stories.posted_at([ts for ts, _ in posts], channel, team=team)
        for ts, story in posts:
            if ts not in taken:
                tx.stories.post([story], channel, team=team, departure=None, ts=ts)

    def _owe(
        self, tx: Tx, news: DocumentNews, stories: Sequence[StoryId], *, kind: DepartureKind, now: Micros
    ) -> int:
        channel, team = news.bound.channel, self._tools.policy.team
        assert channel is not None
        feed = news.bound.feed.name
        new = order_publication(stories, channel, team=team, feed=feed, kind=kind, now=now)
        departure = tx.outbox.owe(new, now=now)
        if departure is None:
            return 0
        tx.stories.post(stories, channel, team=team, departure=departure)
        return 1

    def _revise(self, tx: Tx, news: DocumentNews, *, now: Micros) -> int:
        """Records what known entries say now; where a post displays it, the post is edited."""
        feed, edits = news.bound.feed.name, 0
        for revision in news.revisions:
            entry, story = revision.entry, revision.story
            tx.entries.revise(feed, entry, now=now)
            tx.ledger.append(Kind.REVISION, {**_entry_body(feed, entry), "story": story}, now=now)
            if revision.is_visible:
                tx.stories.revise(story, entry, key=news.keys[entry.entry_id])
                for departure in tx.stories.departures_of(story):
                    tx.outbox.revise(departure, now=now)
                    edits += 1
        return edits


def _joinable(entries: Sequence[Entry], *, site: str | None) -> dict[str, str | None]:
    """Returns the key of each entry's link by its id; None for a link that several entries carry."""
    keys = {entry.entry_id: link_key(entry.link, site=site) for entry in entries}
    counts = Counter(keys.values())
    return {entry_id: key if counts[key] == 1 else None for entry_id, key in keys.items()}


def _same_entry(
    entry: Entry, candidates: Sequence[tuple[str, KnownEntry]], *, feed: FeedName
) -> tuple[str, KnownEntry] | None:
    """Returns the one known entry that an entry with an unknown id is, by its page and its title."""
    title = story_of(entry, feed=feed).title
    found = [one for one in candidates if one[1].title == title]
    return found[0] if len(found) == 1 else None


def _revisions(entries: Sequence[Entry], known: Mapping[str, KnownEntry]) -> Iterator[Revision]:
    """Yields what known entries say otherwise; only the feed that began a story changes what is displayed."""
    for entry in entries:
        before = known.get(entry.entry_id)
        if before is not None and before.whole_digest != whole_digest(entry):
            is_visible = before.began and before.visible_digest != visible_digest(entry)
            yield Revision(entry=entry, story=before.story, is_visible=is_visible)


def _entry_body(feed: FeedName, entry: Entry) -> dict[str, object]:
    return {
        "feed": feed,
        "entry": entry.entry_id,
        "title": entry.title,
        "link": entry.link,
        "published_at": entry.published_at,
        "digest": whole_digest(entry),
    }
