"""Feeds, entries and stories: one contract for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, update

from tests.store.test_store import TEAM, order
from tests.support.times import at
from threatstamp.core.ids import ChannelId, FeedName, StoryId, Ts
from threatstamp.core.news.entry import Element, Entry
from threatstamp.core.news.feed import Feed, FeedClaim, Problem, Reason, Validators
from threatstamp.core.news.story import NewStory, Story, visible_digest, whole_digest
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros
from threatstamp.desk.news.publishing import DIGEST, STORY
from threatstamp.store import SqlStore, open_store
from threatstamp.store.tables import news

FEED = Feed(name=FeedName("架空ニュース"), url="https://feed.example/rss", zone=ZoneInfo("UTC"))
OTHER = replace(FEED, name=FeedName("別のフィード"))
NEWS = ChannelId("C0NEWS")
LATER = at(10)


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    made = open_store(store_url)
    yield made
    made.close()


def claim(
    store: SqlStore, *feeds: Feed, now: Micros = LATER, due_only: bool = False
) -> tuple[FeedClaim, ...]:
    return store.claim_feeds(feeds or (FEED,), now=now, lease=5, holder="x", due_only=due_only)


def story(number: int) -> Story:
    return Story(
        id=StoryId(f"{number:032d}"), title=f"題{number}", link=f"https://n.example/{number}", source="s"
    )


def test_a_feed_is_claimed_once_until_its_lease_ends(store: SqlStore) -> None:
    [first] = claim(store)
    assert claim(store) == ()
    [second] = claim(store, now=at(16))
    with store.transaction() as tx:
        assert not tx.feeds.holds(first)
        assert tx.feeds.holds(second)
        tx.feeds.put(first, replace(first.state, url="https://late.example/"))
    with store.reading() as tx:
        [state] = tx.feeds.states()
    assert state.url == FEED.url


def test_many_that_claim_at_once_share_the_feeds_and_none_has_one_twice(store: SqlStore) -> None:
    feeds = [replace(FEED, name=FeedName(f"f{number}")) for number in range(20)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: claim(store, *feeds), range(6)))
    names = [one.state.name for some in found for one in some]
    assert sorted(names) == sorted(feed.name for feed in feeds)


def test_a_state_comes_back_as_it_was_kept(store: SqlStore) -> None:
    [held] = claim(store)
    problem = Problem(reason=Reason.HTTP_STATUS, values={"status": 503})
    state = replace(
        held.state,
        validators=Validators(etag='"é"', last_modified="x", digest="d"),
        problem=problem,
        problem_since=Micros(3),
        news_at=(Micros(1), Micros(2), Micros(3)),
        failures=2,
        due_at=Micros(99),
        held_until=Micros(98),
        met_at=Micros(1),
    )
    with store.transaction() as tx:
        tx.feeds.put(held, state)
    with store.reading() as tx:
        assert tx.feeds.states() == (state,)


def test_a_problem_of_another_version_of_the_program_is_read_all_the_same(store: SqlStore) -> None:
    [held] = claim(store)
    problem = Problem(reason=Reason.HTTP_STATUS, values={"status": 503})
    with store.transaction() as tx:
        tx.feeds.put(held, replace(held.state, problem=problem))
    with store.engine.begin() as connection:
        row = news.feeds.c.state
        connection.execute(update(news.feeds).values(state=func.replace(row, "http_status", "http_of_2030")))
    with store.reading() as tx:
        [state] = tx.feeds.states()
    assert state.problem == Problem(reason=Reason.NOT_KNOWN, values={"status": 503})


def test_due_and_held_back_and_gone(store: SqlStore) -> None:
    [held] = claim(store)
    with store.transaction() as tx:
        tx.feeds.put(held, replace(held.state, due_at=at(100), held_until=at(20)))
    assert claim(store, now=at(15)) == ()
    assert claim(store, now=at(30), due_only=True) == ()
    [again] = claim(store, now=at(80), due_only=True)  # nearly: it need not wait for another minute
    with store.transaction() as tx:
        tx.feeds.put(again, replace(again.state, gone=True))
    assert claim(store, now=at(10**9)) == ()
    assert len(claim(store, replace(FEED, url="https://new.example/"))) == 1


def test_entries_are_known_by_their_feed_and_id_however_long_that_is(store: SqlStore) -> None:
    long = Entry(entry_id="x" * 9_000, title="題", elements=(Element(name="sec:cvss", text="9.8"),))
    with store.transaction() as tx:
        tx.stories.add([NewStory(story=story(1), link_key=None)], now=at(1))
        tx.entries.add(FEED.name, [(long, story(1).id)], now=at(1))
    with store.reading() as tx:
        known = tx.entries.known(FEED.name, [long.entry_id, "other", *(str(n) for n in range(1_500))])
        assert tx.entries.known(OTHER.name, [long.entry_id]) == {}
    [found] = known.values()
    assert (found.story, found.whole_digest) == (story(1).id, whole_digest(long))
    changed = replace(long, title="改題")
    with store.transaction() as tx:
        tx.entries.revise(FEED.name, changed, now=at(2))
        [found] = tx.entries.known(FEED.name, [long.entry_id]).values()
    assert found.visible_digest == visible_digest(changed)


def test_stories_of_a_link_are_those_that_the_feed_itself_does_not_tell(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.stories.add([NewStory(story=story(n), link_key="k") for n in (1, 2)], now=at(1))
        tx.entries.add(FEED.name, [(Entry(entry_id="1"), story(1).id)], now=at(1))
        assert tx.stories.by_link(["k", "z"], besides=FEED.name, since=at(0)) == {"k": (story(2).id,)}
        assert tx.stories.by_link(["k"], besides=OTHER.name, since=at(0)) == {"k": (story(1).id, story(2).id)}
        assert tx.stories.by_link(["k"], besides=OTHER.name, since=at(2)) == {}


def test_a_departure_shows_its_stories_in_order_and_once_a_channel(store: SqlStore) -> None:
    stories = [story(n) for n in (3, 1, 2)]
    with store.transaction() as tx:
        tx.stories.add([NewStory(story=one, link_key=None) for one in stories], now=at(1))
        digest = tx.outbox.owe(order("digest", NEWS, kind=DIGEST), now=at(1))
        single = tx.outbox.owe(order("story", NEWS, kind=STORY), now=at(1))
        assert digest is not None
        assert single is not None
        tx.stories.post([one.id for one in stories[:2]], NEWS, team=TEAM, departure=digest)
        tx.stories.post([stories[2].id, stories[0].id], NEWS, team=TEAM, departure=single)
        tx.stories.revise(stories[1].id, Entry(entry_id="x", title="改題"), key=None)
        tx.outbox.put_delivered(single, ts=Ts("5.000000"), displayed=1, now=at(1))
    with store.reading() as tx:
        assert [one.title for one in tx.stories.of(digest)] == ["題3", "改題"]
        assert [one.title for one in tx.stories.of(single)] == ["題2"]
        assert tx.stories.departures_of(stories[0].id) == (digest,)
        assert tx.stories.posted_in([one.id for one in stories], NEWS, team=TEAM) == {
            one.id for one in stories
        }
        assert tx.stories.posted_in([stories[0].id], ChannelId("C0OTHER"), team=TEAM) == frozenset()
        found = tx.stories.at(Place(team=TEAM, channel=NEWS, ts=Ts("5.000000")))
        assert found is not None
        assert found.title == "題2"
        assert tx.stories.at(Place(team=TEAM, channel=NEWS, ts=Ts("6.000000"))) is None
