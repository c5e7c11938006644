"""A feed's document is compared with what is known; what is new is recorded and ordered to be posted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, FeedName, StoryId, Ts
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.entry import Document, Entry
from threatstamp.core.news.feed import BoundFeed, Feed, Show
from threatstamp.core.news.identity import Pages, Pair, needs_history, other_ids, recognise, settled
from threatstamp.core.news.joining import Telling
from threatstamp.core.news.story import (
    Revision,
    link_key,
    oldest_first,
    page_key,
    place_key,
    share_out,
    shared_key,
    storable,
    visible_digest,
    whole_digest,
)
from threatstamp.core.outbox.departure import DepartureKind
from threatstamp.core.time import Micros, later
from threatstamp.desk.news.daily import put_into_digest
from threatstamp.desk.news.joining import LINK_WINDOW, Told, read_tellings, record_told
from threatstamp.desk.news.leaving_out import left_out
from threatstamp.desk.news.noting import note_joined
from threatstamp.desk.news.publishing import DIGEST, STORY, order_publication
from threatstamp.desk.ports.slack import Page
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

LOOK_PAGES = 3
"""So much of a channel's history is searched for posts of other apps; each page costs a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentNews:
    """What is new in a document.

    first: it is the feed's first contact. overlaps: some of its entries were known, so none were
    missed. tellings: what each new one tells. renamed: known entries that now have another id, by their old
    id. keys: what is stored as
    the link key of each entry, by its id; a shared one identifies none. elsewhere: other apps' posts in
    the channel, by link key. left_out: the new entries that do not concern the company, where only such
    news is posted.
    """

    bound: BoundFeed
    first: bool
    overlaps: bool
    new: tuple[Entry, ...]
    tellings: tuple[Telling, ...]
    revisions: tuple[Revision, ...]
    renamed: Mapping[str, Entry]
    keys: Mapping[str, str | None]
    elsewhere: Mapping[str, Ts]
    left_out: tuple[Entry, ...] = ()


class TakeNews:
    """Reads what is needed before the transaction, and records the news within it."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._posted: dict[ChannelId, dict[str, Ts]] = {}

    def begin_round(self) -> None:
        """Forgets what other apps have posted: a channel's history is read once a round."""
        self._posted.clear()

    def read(self, bound: BoundFeed, document: Document, *, first: bool) -> DocumentNews:
        """Finds new, changed and renamed entries. Calls Slack only if there is something new to post."""
        feed = bound.feed
        pairs, pages = self._recognised(feed, [storable(entry, feed.store) for entry in document.entries])
        new = tuple(entry for entry, one in pairs if one is None)
        posts_some = bool(new) and (feed.backlog > 0 or not first)
        return DocumentNews(
            bound=bound,
            first=first,
            overlaps=len(new) < len(pairs),
            new=new,
            tellings=read_tellings(new),
            revisions=tuple(_revisions(pairs)),
            renamed={one.entry_id: entry for entry, one in pairs if one and one.entry_id != entry.entry_id},
            keys=_keys(pairs, pages, site=document.link),
            elsewhere=self._posted_elsewhere(bound) if posts_some else {},
            left_out=left_out(self._tools, feed, new) if posts_some else (),
        )

    def record(self, tx: Tx, news: DocumentNews, *, now: Micros) -> int:
        """Records news; returns how many messages are owed because of it."""
        for old, entry in news.renamed.items():
            tx.entries.rename(news.bound.feed.name, old, entry)
        told = self._record_new(tx, news, now=now)
        stories = [one.story for one in told]
        owed = self._publish(tx, news, stories, now=now) + self._revise(tx, news, now=now)
        feed = news.bound.feed
        with_lines = feed.post and not news.first
        return owed + note_joined(tx, told, feed=feed.name, with_lines=with_lines, now=now)

    def _recognised(self, feed: Feed, entries: Sequence[Entry]) -> tuple[tuple[Pair, ...], Pages]:
        """Returns the entries, oldest first, each with the one on record that it is, None for a new one.

        And what is known of the pages of those that are not clearly the same as before.
        """
        ordered = oldest_first(entries)
        with self._tools.store.reading() as read:
            known = dict(read.entries.known(feed.name, [entry.entry_id for entry in ordered]))
            doubtful = [entry for entry in ordered if needs_history(entry, known)]
            others = [one for entry in doubtful for one in other_ids(entry) if one not in known]
            known.update(read.entries.known(feed.name, others) if others else {})
            keys = list(dict.fromkeys(key for entry in doubtful if (key := place_key(entry))))
            pages = read.entries.on_pages(feed.name, keys) if keys else {}
        return settled(recognise(ordered, known, pages), known), pages

    def _posted_elsewhere(self, bound: BoundFeed) -> dict[str, Ts]:
        """Returns which links other apps, such as Slack's own RSS app, have posted in the channel already."""
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
            pass  # the sweep reports a channel that cannot be read; the news does not wait for that

    def _pages(self, channel: ChannelId) -> Iterator[Page]:
        oldest, cursor = later(self._tools.clock.now(), -LINK_WINDOW), ""
        for _ in range(LOOK_PAGES):
            page = self._tools.workspace.history(channel, oldest=oldest, cursor=cursor)
            yield page
            cursor = page.after
            if not cursor:
                return

    def _record_new(self, tx: Tx, news: DocumentNews, *, now: Micros) -> tuple[Told, ...]:
        """Records the new entries; returns what each tells, in their order."""
        feed = news.bound.feed.name
        products_of = self._tools.products_of
        told = record_told(
            tx, news.new, news.tellings, feed=feed, keys=news.keys, products_of=products_of, now=now
        )
        for one in told:
            bond = one.bond.value if one.bond else None
            tx.ledger.append(
                Kind.ENTRY, {**_entry_body(feed, one.entry), "story": one.story, "bond": bond}, now=now
            )
        return told

    def _publish(self, tx: Tx, news: DocumentNews, stories: Sequence[StoryId], *, now: Micros) -> int:
        """Orders posts of the stories that the channel does not display yet; returns how many messages."""
        feed, channel = news.bound.feed, news.bound.channel
        if not feed.post or channel is None or not stories:
            return 0
        self._join(tx, news, stories, channel=channel)
        stories, rest = _shown(tx, news, stories, now=now)
        team = self._tools.policy.team
        later_on = self._digest(tx, news, rest, now=now)
        if not news.first:  # where it is only a line among others, it is posted all the same
            tx.publications.leave_digest(stories, channel, team=team)
        posted = tx.publications.posted_in(stories, channel, team=team)
        unposted = [story for story in stories if story not in posted]
        if news.first:  # of the newest few, those that nobody has posted; never older ones in their place
            shares = share_out(len(stories), first=True, backlog=feed.backlog, burst=feed.burst)
            single = [stories[number] for number in shares.single if stories[number] not in posted]
            digest: list[StoryId] = []
        else:
            shares = share_out(len(unposted), first=False, backlog=feed.backlog, burst=feed.burst)
            single = [unposted[number] for number in shares.single]
            digest = [unposted[number] for number in shares.digest]
        # the digest has the older stories and is ordered first, so the channel stays in order of time
        owed = self._owe(tx, news, digest, kind=DIGEST, now=now) if digest else 0
        return later_on + owed + sum(self._owe(tx, news, [one], kind=STORY, now=now) for one in single)

    def _digest(self, tx: Tx, news: DocumentNews, rest: Sequence[StoryId], *, now: Micros) -> int:
        """Puts what is left out into the next digest, if the feed has one; returns how many messages."""
        feed, channel, tools = news.bound.feed, news.bound.channel, self._tools
        if feed.show is not Show.DIGEST or channel is None or news.first:
            return 0
        posted = tx.publications.posted_in(rest, channel, team=tools.policy.team)
        new = [story for story in rest if story not in posted]
        return put_into_digest(tx, new, channel, feed.digest, tools=tools, now=now)

    def _join(self, tx: Tx, news: DocumentNews, stories: Sequence[StoryId], *, channel: ChannelId) -> None:
        """Adopts other apps' posts as the posts of stories with the same link, each for one story only."""
        posts = [
            (ts, story)
            for entry, story in zip(news.new, stories, strict=True)
            if (ts := news.elsewhere.get(news.keys[entry.entry_id] or "")) is not None
        ]
        team = self._tools.policy.team
        taken = tx.publications.posted_at([ts for ts, _ in posts], channel, team=team)
        for ts, story in posts:
            if ts not in taken:
                tx.publications.post([story], channel, team=team, departure=None, ts=ts)

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
        tx.publications.post(stories, channel, team=team, departure=departure)
        return 1

    def _revise(self, tx: Tx, news: DocumentNews, *, now: Micros) -> int:
        """Records the new content of known entries, and orders edits of the posts that display it."""
        feed, edits = news.bound.feed.name, 0
        for revision in news.revisions:
            entry, story = revision.entry, revision.story
            tx.entries.revise(feed, entry, now=now)
            body = {**_entry_body(feed, entry), "story": revision.recorded_in, "follows": revision.follows}
            tx.ledger.append(Kind.REVISION, body, now=now)
            if revision.is_visible:
                tx.stories.revise(story, entry, key=news.keys[entry.entry_id])
                for departure in tx.publications.departures_of(story):
                    tx.outbox.revise(departure, now=now)
                    edits += 1
        return edits


def _shown(
    tx: Tx, news: DocumentNews, stories: Sequence[StoryId], *, now: Micros
) -> tuple[list[StoryId], list[StoryId]]:
    """Returns the stories that are posted, and the others; notes which are left out.

    At first contact most are anyway.
    """
    if not news.left_out:
        return list(stories), []
    if not news.first:
        tx.entries.leave_out(news.bound.feed.name, news.left_out, now=now)
    out = {entry.entry_id for entry in news.left_out}
    pairs = list(zip(news.new, stories, strict=True))
    kept = [one for entry, one in pairs if entry.entry_id not in out]
    return kept, [one for entry, one in pairs if entry.entry_id in out]


def _keys(pairs: Sequence[Pair], pages: Pages, *, site: str | None) -> dict[str, str | None]:
    """Returns each entry's link key by its id.

    It is a shared one if the link is the page of none, if others in the document have it, or if the feed had
    entries with it before this one.
    """
    counts = Counter(page_key(entry.link) for entry, _ in pairs)
    keys: dict[str, str | None] = {}
    for entry, one in pairs:
        page = page_key(entry.link)
        is_shared = counts[page] > 1 or (one is None and bool(pages.get(page or "")))
        key = None if is_shared else link_key(entry.link, site=site)
        keys[entry.entry_id] = key or shared_key(entry)
    return keys


def _revisions(pairs: Sequence[Pair]) -> Iterator[Revision]:
    """Yields the known entries whose content changed.

    Only the feed that began a story changes its post. Otherwise two feeds with different titles for one page
    would edit the post in turn, for ever.
    """
    for entry, before in pairs:
        if before is not None and before.whole_digest != whole_digest(entry):
            is_visible = before.began and before.visible_digest != visible_digest(entry)
            yield Revision(
                entry=entry,
                story=before.story,
                recorded_in=before.recorded_in,
                is_visible=is_visible,
                follows=before.follows,
            )


def _entry_body(feed: FeedName, entry: Entry) -> dict[str, object]:
    return {
        "feed": feed,
        "entry": entry.entry_id,
        "title": entry.title,
        "link": entry.link,
        "published_at": entry.published_at,
        "digest": whole_digest(entry),
    }
