"""Feeds, entries and stories: one contract for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from tests.store.test_store import TEAM, S, order
from threatstamp.core.departure import DepartureKind
from threatstamp.core.news.entry import Element, Entry
from threatstamp.core.news.feed import Feed, FeedClaim, Problem, ProblemKind, Validators
from threatstamp.core.ids import ChannelId, FeedName, StoryId, Ts
from threatstamp.core.stamps.post import Place
from threatstamp.core.news.story import Story, shown_digest, whole_digest
from threatstamp.desk.ports import NewStory
from threatstamp.store import SqlStore, open_store

FEED = Feed(name=FeedName("架空ニュース"), url="https://feed.example/rss", zone=ZoneInfo("UTC"))
OTHER = replace(FEED, name=FeedName("別のフィード"))
NEWS = ChannelId("C0NEWS")


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    made = open_store(store_url)
    yield made
    made.close()


def claim(store: SqlStore, *feeds: Feed, now: int = 10 * S, due_only: bool = False) -> tuple[FeedClaim, ...]:
    return store.claim_feeds(feeds or (FEED,), now=now, lease=5, holder="x", due_only=due_only)


def story(number: int) -> Story:
    return Story(
        id=StoryId(f"{number:032d}"), title=f"題{number}", link=f"https://n.example/{number}", source="s"
    )


def test_a_feed_is_claimed_once_until_its_lease_ends(store: SqlStore) -> None:
    [first] = claim(store)
    assert claim(store) == ()
    [second] = claim(store, now=16 * S)
    with store.transaction() as tx:
        assert not tx.holds_feed(first)
        assert tx.holds_feed(second)
        tx.put_feed(first, replace(first.state, url="https://late.example/"))
    with store.reading() as tx:
        [state] = tx.feed_states()
    assert state.url == FEED.url


def test_many_that_claim_at_once_share_the_feeds_and_none_has_one_twice(store: SqlStore) -> None:
    feeds = [replace(FEED, name=FeedName(f"f{number}")) for number in range(20)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: claim(store, *feeds), range(6)))
    names = [one.state.name for some in found for one in some]
    assert sorted(names) == sorted(feed.name for feed in feeds)


def test_a_state_comes_back_as_it_was_kept(store: SqlStore) -> None:
    [held] = claim(store)
    problem = Problem(kind=ProblemKind.HTTP, reason="http_status", values={"status": 503})
    state = replace(
        held.state,
        validators=Validators(etag='"é"', last_modified="x", digest="d"),
        problem=problem,
        problem_since=3,
        news_at=(1, 2, 3),
        failures=2,
        due_at=99,
        held_until=98,
        met_at=1,
    )
    with store.transaction() as tx:
        tx.put_feed(held, state)
    with store.reading() as tx:
        assert tx.feed_states() == (state,)


def test_due_and_held_back_and_gone(store: SqlStore) -> None:
    [held] = claim(store)
    with store.transaction() as tx:
        tx.put_feed(held, replace(held.state, due_at=100 * S, held_until=20 * S))
    assert claim(store, now=15 * S) == ()
    assert claim(store, now=30 * S, due_only=True) == ()
    [again] = claim(store, now=80 * S, due_only=True)  # nearly: it need not wait for another minute
    with store.transaction() as tx:
        tx.put_feed(again, replace(again.state, gone=True))
    assert claim(store, now=10**9 * S) == ()
    assert len(claim(store, replace(FEED, url="https://new.example/"))) == 1


def test_entries_are_known_by_their_feed_and_id_however_long_that_is(store: SqlStore) -> None:
    long = Entry(entry_id="x" * 9_000, title="題", elements=(Element(name="sec:cvss", text="9.8"),))
    with store.transaction() as tx:
        tx.add_stories([NewStory(story=story(1), link_key=None)], now=1)
        tx.add_entries(FEED.name, [(long, story(1).id)], now=1)
    with store.reading() as tx:
        known = tx.known_entries(FEED.name, [long.entry_id, "other", *(str(n) for n in range(1_500))])
        assert tx.known_entries(OTHER.name, [long.entry_id]) == {}
    [found] = known.values()
    assert (found.story, found.whole_digest) == (story(1).id, whole_digest(long))
    changed = replace(long, title="改題")
    with store.transaction() as tx:
        tx.revise_entry(FEED.name, changed, now=2)
        [found] = tx.known_entries(FEED.name, [long.entry_id]).values()
    assert found.shown_digest == shown_digest(changed)


def test_stories_of_a_link_are_those_that_the_feed_itself_does_not_tell(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.add_stories([NewStory(story=story(n), link_key="k") for n in (1, 2)], now=1)
        tx.add_entries(FEED.name, [(Entry(entry_id="1"), story(1).id)], now=1)
        assert tx.stories_by_link(["k", "z"], besides=FEED.name, since=0) == {"k": (story(2).id,)}
        assert tx.stories_by_link(["k"], besides=OTHER.name, since=0) == {"k": (story(1).id, story(2).id)}
        assert tx.stories_by_link(["k"], besides=OTHER.name, since=2) == {}


def test_a_departure_shows_its_stories_in_order_and_once_a_channel(store: SqlStore) -> None:
    stories = [story(n) for n in (3, 1, 2)]
    with store.transaction() as tx:
        tx.add_stories([NewStory(story=one, link_key=None) for one in stories], now=1)
        digest = tx.owe(order("digest", NEWS, kind=DepartureKind.DIGEST), now=1)
        single = tx.owe(order("story", NEWS, kind=DepartureKind.STORY), now=1)
        assert digest is not None
        assert single is not None
        tx.show([one.id for one in stories[:2]], NEWS, team=TEAM, departure=digest)
        tx.show([stories[2].id, stories[0].id], NEWS, team=TEAM, departure=single)
        tx.revise_story(stories[1].id, Entry(entry_id="x", title="改題"), key=None)
        tx.put_delivered(single, ts=Ts("5.000000"), shown=1, now=1)
    with store.reading() as tx:
        assert [one.title for one in tx.shown_by(digest)] == ["題3", "改題"]
        assert [one.title for one in tx.shown_by(single)] == ["題2"]
        assert tx.departures_of(stories[0].id) == (digest,)
        assert tx.shown_in([one.id for one in stories], NEWS, team=TEAM) == {one.id for one in stories}
        assert tx.shown_in([stories[0].id], ChannelId("C0OTHER"), team=TEAM) == frozenset()
        at = tx.story_at(Place(team=TEAM, channel=NEWS, ts=Ts("5.000000")))
        assert at is not None
        assert at.title == "題2"
        assert tx.story_at(Place(team=TEAM, channel=NEWS, ts=Ts("6.000000"))) is None
