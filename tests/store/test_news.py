"""The contract for feeds, entries and stories, on SQLite and PostgreSQL."""

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
from threatstamp.core.news.joining import Bond
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


def test_concurrent_workers_share_the_feeds_and_no_feed_is_claimed_twice(store: SqlStore) -> None:
    feeds = [replace(FEED, name=FeedName(f"f{number}")) for number in range(20)]
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda _: claim(store, *feeds), range(6)))
    names = [one.state.name for some in found for one in some]
    assert sorted(names) == sorted(feed.name for feed in feeds)


def test_a_state_is_read_as_it_was_written(store: SqlStore) -> None:
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


def test_a_problem_that_another_version_of_the_program_wrote_can_be_read(store: SqlStore) -> None:
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


def test_a_feed_is_claimed_if_it_is_due_not_held_back_and_not_gone(store: SqlStore) -> None:
    [held] = claim(store)
    with store.transaction() as tx:
        tx.feeds.put(held, replace(held.state, due_at=at(100), held_until=at(20)))
    assert claim(store, now=at(15)) == ()
    assert claim(store, now=at(30), due_only=True) == ()
    [again] = claim(store, now=at(80), due_only=True)  # nearly due: it need not wait for the next round
    with store.transaction() as tx:
        tx.feeds.put(again, replace(again.state, gone=True))
    assert claim(store, now=at(10**9)) == ()
    assert len(claim(store, replace(FEED, url="https://new.example/"))) == 1


def test_entries_are_known_by_feed_and_id_even_if_the_id_is_long(store: SqlStore) -> None:
    long = Entry(entry_id="x" * 9_000, title="題", elements=(Element(name="sec:cvss", text="9.8"),))
    with store.transaction() as tx:
        tx.stories.add([NewStory(story=story(1), link_key=None)], now=at(1))
        tx.entries.add(FEED.name, [(long, story(1).id, None)], now=at(1))
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


def test_the_stories_of_a_link_exclude_those_of_the_feed_itself(store: SqlStore) -> None:
    with store.transaction() as tx:
        tx.stories.add([NewStory(story=story(n), link_key="k") for n in (1, 2)], now=at(1))
        tx.entries.add(FEED.name, [(Entry(entry_id="1"), story(1).id, None)], now=at(1))
        assert tx.stories.by_link(["k", "z"], excluding=FEED.name, since=at(0)) == {"k": (story(2).id,)}
        assert tx.stories.by_link(["k"], excluding=OTHER.name, since=at(0)) == {
            "k": (story(1).id, story(2).id)
        }
        assert tx.stories.by_link(["k"], excluding=OTHER.name, since=at(2)) == {}


def test_a_departure_displays_its_stories_in_order_and_a_story_once_per_channel(store: SqlStore) -> None:
    stories = [story(n) for n in (3, 1, 2)]
    with store.transaction() as tx:
        tx.stories.add([NewStory(story=one, link_key=None) for one in stories], now=at(1))
        digest = tx.outbox.owe(order("digest", NEWS, kind=DIGEST), now=at(1))
        single = tx.outbox.owe(order("story", NEWS, kind=STORY), now=at(1))
        assert digest is not None
        assert single is not None
        tx.publications.post([one.id for one in stories[:2]], NEWS, team=TEAM, departure=digest)
        tx.publications.post([stories[2].id, stories[0].id], NEWS, team=TEAM, departure=single)
        tx.stories.revise(stories[1].id, Entry(entry_id="x", title="改題"), key=None)
        tx.outbox.put_delivered(single, ts=Ts("5.000000"), displayed=1, now=at(1))
    with store.reading() as tx:
        assert [one.title for one in tx.stories.of(digest)] == ["題3", "改題"]
        assert [one.title for one in tx.stories.of(single)] == ["題2"]
        assert tx.publications.departures_of(stories[0].id) == (digest,)
        assert tx.publications.posted_in([one.id for one in stories], NEWS, team=TEAM) == {
            one.id for one in stories
        }
        assert tx.publications.posted_in([stories[0].id], ChannelId("C0OTHER"), team=TEAM) == frozenset()
        found = tx.stories.at(Place(team=TEAM, channel=NEWS, ts=Ts("5.000000")))
        assert found is not None
        assert found.title == "題2"
        assert tx.stories.at(Place(team=TEAM, channel=NEWS, ts=Ts("6.000000"))) is None


def test_entries_are_known_by_their_pages_also_by_those_that_they_share(store: SqlStore) -> None:
    first, second, third = (
        Entry(entry_id=f"e{n}", title=f"題{n}", link=f"https://n.example/{n}") for n in (1, 2, 3)
    )
    with store.transaction() as tx:
        new = [NewStory(story=story(1), link_key="k"), NewStory(story=story(2), link_key="shared:k")]
        tx.stories.add([*new, NewStory(story=story(3), link_key=None)], now=at(1))
        tx.entries.add(FEED.name, [(first, story(1).id, None), (third, story(3).id, None)], now=at(1))
        tx.entries.add(FEED.name, [(replace(second, published_at=at(5)), story(2).id, None)], now=at(2))
        tx.entries.add(OTHER.name, [(first, story(1).id, Bond.LINK)], now=at(2))
    with store.reading() as read:
        found = read.entries.on_pages(FEED.name, ["k", "z"])
        assert read.stories.existing([story(1).id, StoryId("none")]) == {story(1).id}
    assert set(found) == {"k"}
    assert [(one.entry_id, one.title, one.at, one.shares_page) for one in found["k"]] == [
        ("e2", "題2", at(5), True),
        ("e1", "題1", None, False),
    ]
