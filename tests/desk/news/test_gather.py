"""Feeds are gathered: what is posted, what is only recorded, and what is said of a feed's health."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.support.fakes import FakeClock, FakeFetching, FakeSlack, memory_store, owed, tools_of
from tests.support.times import S
from threatstamp.app.kinds import departings
from threatstamp.core.ids import ChannelId, FeedName, TeamId, Ts, UserId
from threatstamp.core.news.entry import Document, Element, Entry, Fetched
from threatstamp.core.news.feed import (
    BoundFeed,
    Feed,
    FeedClaim,
    FeedState,
    Keep,
    Problem,
    Reason,
    Validators,
)
from threatstamp.core.news.health import silent_since
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.time import Micros
from threatstamp.desk.news.gather import Gather, Gathered
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.ports.slack import SeenPost
from threatstamp.store.store import SqlStore
from threatstamp.store.tables import news

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
    """A document as feeds write it, the newest first."""
    entries = tuple(entry(number) for number in sorted(numbers, reverse=True))
    found = Document(title="feed", link="https://news.example/", entries=entries, **more)  # type: ignore[arg-type]
    return Fetched(document=found, validators=Validators(etag=f'"{max(numbers)}"', digest="d"))


Answer = tuple[FeedClaim, Fetched]


class Newsroom:
    """The real steps on a real store, with fake servers and a fake Slack."""

    def __init__(self, *feeds: Feed, channel: ChannelId = NEWS, store: SqlStore | None = None) -> None:
        self.clock = FakeClock(1_764_000_000 * S)
        self.slack = FakeSlack(self.clock)
        self.store = store or memory_store()
        self.servers = FakeFetching()
        bound = tuple(
            BoundFeed(feed=feed, channel=(ChannelId(feed.channel) if feed.channel else channel))
            for feed in feeds or (FEED,)
        )
        self.policy = Policy(team=TEAM, me=UserId("U0ME"), sources=frozenset({NEWS}), routes=(), feeds=bound)
        self.errors: list[tuple[str, str]] = []
        tools = tools_of(self.policy, store=self.store, slack=self.slack, clock=self.clock)
        self.gather = Gather(
            tools,
            self.servers,
            chance=lambda: 0.5,
            wake=lambda: None,
            report=lambda feed, error: self.errors.append((feed, type(error).__name__)),
        )
        self.deliver = Deliver(tools, departings(tools))

    def poll(self, *answers: Fetched, feed: Feed = FEED, later: int = 600) -> Gathered:
        """One round that finds these answers, and what it owes delivered."""
        self.clock.time += later * S
        self.servers.answers[feed.name] = list(answers)
        gathered = self.gather.round(due_only=False)
        while self.deliver.one():
            self.clock.time += S
        assert owed(self.store) == 0
        return gathered

    @property
    def texts(self) -> list[str]:
        return [message.shown.text.split("\n")[0].split("／")[0] for message in self.slack.messages]

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


def test_first_contact_posts_the_newest_few_and_records_the_rest() -> None:
    room = Newsroom()
    gathered = room.poll(document(*range(10)))
    assert room.texts == ["記事7", "記事8", "記事9"]
    assert gathered.new == 10
    assert room.kinds().count("entry") == 10
    assert room.kinds().count("published") == 3


def test_a_burst_is_posted_one_by_one_and_the_rest_as_one_digest_oldest_first() -> None:
    room = Newsroom()
    room.poll(document(0))
    room.poll(document(*range(12)))
    assert room.texts[1:] == [
        "架空ニュースの新着6件をまとめてお知らせします。",
        *[f"記事{n}" for n in range(7, 12)],
    ]
    lines = json.dumps(room.slack.messages[1].shown.blocks, ensure_ascii=False)
    assert [f"記事{n}" in lines for n in range(8)] == [False, *[True] * 6, False]


def test_the_same_document_again_says_nothing() -> None:
    room = Newsroom()
    room.poll(document(1, 2))
    gathered = room.poll(document(1, 2))
    assert (gathered.new, gathered.unchanged, len(room.texts)) == (0, 1, 2)


def test_a_new_title_edits_the_post_and_anything_else_is_only_recorded() -> None:
    room = Newsroom()
    room.poll(document(1))
    changed = document(1)
    assert changed.document is not None
    quiet = replace(changed.document, entries=(entry(1, summary="別の要約"),))
    room.poll(Fetched(document=quiet))
    assert room.texts == ["記事1"]
    assert room.kinds().count("revision") == 1
    loud = replace(changed.document, entries=(entry(1, title="改題"),))
    room.poll(Fetched(document=loud))
    assert room.texts == ["改題"]
    assert len(room.slack.messages) == 1


def test_a_new_title_edits_the_line_of_a_digest() -> None:
    room = Newsroom()
    room.poll(document(0))
    room.poll(document(*range(8)))
    changed = document(*range(8)).document
    assert changed is not None
    entries = tuple(replace(one, title="改題") if one.entry_id == "id-1" else one for one in changed.entries)
    room.poll(Fetched(document=replace(changed, entries=entries)))
    digest = json.dumps(room.slack.messages[1].shown.blocks, ensure_ascii=False)
    assert "改題" in digest
    assert "記事1" not in digest


def test_the_same_link_from_two_feeds_is_posted_once_in_a_channel() -> None:
    room = Newsroom(FEED, OTHER)
    same = replace(
        entry(2), entry_id="other", title="同じ記事", link="http://www.news.example/2/?utm_source=x#top"
    )
    room.servers.answers[OTHER.name] = [Fetched(document=Document(entries=(same,)))]
    room.poll(document(2))
    assert room.texts == ["記事2"]
    assert room.kinds().count("entry") == 2


def test_the_same_link_in_another_channel_is_posted_there_too() -> None:
    room = Newsroom(FEED, replace(OTHER, channel=DEVELOPERS))
    room.servers.answers[OTHER.name] = [document(2)]
    room.poll(document(2))
    assert sorted(message.channel for message in room.slack.messages) == [DEVELOPERS, NEWS]


def test_entries_of_one_feed_that_share_a_link_are_all_posted() -> None:
    room = Newsroom()
    entries = tuple(entry(number, link="https://news.example/advisories") for number in range(3))
    room.poll(Fetched(document=Document(entries=entries)))
    assert len(room.texts) == 3


def test_what_slacks_own_rss_app_has_posted_already_is_used() -> None:
    room = Newsroom()
    place = Place(team=TEAM, channel=NEWS, ts=Ts("1763999000.000100"))
    shown = Snapshot(text="記事2", title="記事2", link="https://news.example/2?utm_medium=rss")
    room.slack.seen = [SeenPost(place=place, snapshot=shown, reactions=(), by_app=True)]
    room.poll(document(1, 2))
    assert room.texts == ["記事1"]
    with room.store.engine.connect() as connection:
        rows = connection.execute(select(news.publications)).mappings().all()
    assert {row["ts"] for row in rows} == {None, place.ts}


def test_what_a_person_wrote_about_a_link_keeps_no_news_away() -> None:
    room = Newsroom()
    place = Place(team=TEAM, channel=NEWS, ts=Ts("1763999000.000100"))
    shown = Snapshot(text="見ました？", title="", link="https://news.example/2", author=UserId("U1"))
    room.slack.seen = [SeenPost(place=place, snapshot=shown, reactions=(), by_app=False)]
    room.poll(document(2))
    assert room.texts == ["記事2"]


def test_of_commercial_news_only_title_link_and_time_are_kept() -> None:
    room = Newsroom(replace(FEED, store=Keep.HEADLINE))
    secret = entry(1, summary="全文の一部", authors=("記者",), elements=(Element(name="dc:x", text="秘"),))
    room.poll(Fetched(document=Document(entries=(secret,))))
    with room.store.engine.connect() as connection:
        rows = str(connection.execute(select(news.entries)).all())
    with room.store.reading() as read:
        record = str([one.body for one in read.ledger.entries()])
    for text in (rows, record):
        assert "記事1" in text
        assert not any(word in text for word in ("全文の一部", "記者", "秘"))


def test_a_feed_that_posts_nothing_is_only_recorded() -> None:
    room = Newsroom(replace(FEED, post=False))
    room.poll(document(1, 2))
    assert room.texts == []
    assert room.kinds().count("entry") == 2


def test_jvn_ipedias_500_entries_and_a_day_later() -> None:
    room = Newsroom()
    room.poll(document(*range(500)))
    assert len(room.slack.messages) == 3
    room.poll(document(*range(250, 750)), later=86_400)
    assert len(room.slack.messages) == 3 + 5 + 1
    assert room.kinds().count("entry") == 750


def test_nothing_in_common_with_what_was_known_is_an_overflow_until_it_follows_on_again() -> None:
    room = Newsroom()
    room.poll(document(1, 2))
    room.poll(document(8, 9))
    assert room.troubles() == ["feed_overflow:架空ニュース"]
    room.poll(document(9, 10))
    assert room.troubles() == []


def test_a_problem_is_said_once_it_lasts_and_again_when_it_is_mended() -> None:
    room = Newsroom()
    room.poll(document(1))
    room.poll(DOWN)
    assert room.troubles() == []
    room.poll(DOWN, later=3_601)
    room.poll(DOWN, later=7_200)
    assert room.troubles() == ["feed:架空ニュース"]
    room.poll(document(1), later=90_000)
    assert room.troubles() == []
    assert room.state.problem_since is None


def test_a_feed_is_left_alone_longer_and_longer_and_as_long_as_its_server_asks() -> None:
    room = Newsroom()
    room.poll(DOWN)
    first = room.state.held_until - room.clock.time
    room.poll(DOWN, later=700)
    second = room.state.held_until - room.clock.time
    assert (round(first / S), round(second / S)) == (600, 1200)
    room.poll(DOWN, later=60)
    assert len(room.servers.asked) == 2
    room.poll(replace(document(1), retry_after=7_200.0), later=1_300)
    assert room.state.held_until - room.clock.time > 7_000 * S


def test_a_feed_that_has_ended_is_asked_no_more_until_its_address_changes() -> None:
    room = Newsroom()
    room.poll(document(1))
    room.poll(replace(DOWN, gone=True))
    assert room.troubles() == ["feed_gone:架空ニュース"]
    room.poll(document(1, 2), later=90_000)
    assert len(room.servers.asked) == 2
    moved = Newsroom(replace(FEED, url="https://new.example/rss"), store=room.store)
    moved.clock.time = room.clock.time
    moved.poll(document(1, 2))
    assert moved.servers.asked[0].url == "https://new.example/rss"
    assert moved.texts == ["記事2"]
    assert moved.troubles() == []


def test_a_permanent_redirect_is_remembered() -> None:
    room = Newsroom()
    room.poll(replace(document(1), moved_to="https://new.example/rss"))
    room.poll(Fetched(unchanged=True))
    assert [request.url for request in room.servers.asked] == [FEED.url, "https://new.example/rss"]


def test_while_something_is_wrong_it_is_asked_without_conditions() -> None:
    room = Newsroom()
    room.poll(document(1))
    room.poll(Fetched(document=Document(problem=BROKEN)))
    room.poll(document(1), later=90_000)
    etags = [request.validators.etag for request in room.servers.asked]
    assert etags == [None, '"1"', None]


def test_a_server_that_says_unchanged_for_ever_is_asked_without_conditions_once_a_day() -> None:
    room = Newsroom()
    room.poll(document(1))
    for _ in range(3):
        room.poll(Fetched(unchanged=True), later=9 * 3_600)
    etags = [request.validators.etag for request in room.servers.asked]
    assert etags == [None, '"1"', '"1"', None]


def test_entries_that_could_be_saved_from_a_broken_document_are_posted_with_its_problem_noted() -> None:
    room = Newsroom()
    room.poll(replace(document(1, 2, problem=BROKEN), validators=None))
    assert room.texts == ["記事1", "記事2"]
    assert room.state.problem == BROKEN
    assert room.state.validators == Validators()
    assert room.state.held_until == 0
    room.poll(replace(document(1, 2, 3, problem=BROKEN), validators=None))
    assert room.texts == ["記事1", "記事2", "記事3"]


def test_a_silence_that_is_unusual_for_this_feed_is_said() -> None:
    room = Newsroom()
    for number in range(1, 12):
        room.poll(document(*range(max(1, number - 3), number + 1)), later=6 * 3_600)
    assert silent_since(room.state, now=Micros(room.clock.time + DAY)) is None
    room.poll(Fetched(unchanged=True), later=5 * 86_400)
    assert room.troubles() == ["feed_silent:架空ニュース"]
    room.poll(document(11, 12))
    assert room.troubles() == []


def test_dates_are_learned_from_the_feed_at_first_contact_and_nothing_from_one_without_dates() -> None:
    room = Newsroom()
    room.poll(document(*range(10)))
    assert room.state.news_at == ()
    dated = Newsroom()
    entries = tuple(entry(n, published_at=Micros(dated.clock.time - n * DAY)) for n in range(10))
    dated.poll(Fetched(document=Document(entries=entries)))
    assert len(dated.state.news_at) == 10
    assert dated.texts == ["記事2", "記事1", "記事0"]


def test_a_round_that_took_too_long_records_nothing_when_another_has_taken_over() -> None:
    room = Newsroom()
    room.servers.answers[FEED.name] = [document(1)]

    def slow(answers: Callable[[], Iterator[Answer]]) -> Iterator[Answer]:
        for claim, fetched in list(answers()):
            room.clock.time += 121 * S
            other = Newsroom(store=room.store)
            other.clock.time = room.clock.time
            other.poll(document(1), later=0)
            assert other.texts == ["記事1"]
            yield claim, fetched

    room.servers.script.always("fetch_all", slow)
    assert room.gather.round(due_only=False).new == 0
    assert not room.deliver.one()


def test_a_feed_is_asked_by_one_at_a_time_and_only_when_its_turn_comes() -> None:
    room = Newsroom()
    room.poll(document(1))
    assert room.gather.round(due_only=True).asked == 0
    room.clock.time += 700 * S
    claims = room.store.claim_feeds([FEED], now=room.clock.now(), lease=120, holder="x", due_only=True)
    assert len(claims) == 1
    assert room.gather.round(due_only=False).asked == 0


def test_an_entry_that_comes_with_another_id_and_its_old_link_is_the_same_entry() -> None:
    room = Newsroom()
    room.poll(document(1, 2, 3))
    entries = tuple(replace(entry(n), entry_id=f"https://news.example/?p={n}") for n in (4, 3, 2, 1))
    room.poll(Fetched(document=Document(entries=entries)))
    assert room.texts == ["記事1", "記事2", "記事3", "記事4"]
    room.poll(Fetched(document=Document(entries=entries)))
    assert len(room.texts) == 4
    loud = tuple(
        replace(one, title="改題") if one.link and one.link.endswith("/4") else one for one in entries
    )
    room.poll(Fetched(document=Document(entries=loud)))
    assert room.texts[-1] == "改題"


def test_an_address_that_is_new_in_the_file_is_met_anew_and_what_was_posted_is_not_posted_again() -> None:
    room = Newsroom()
    old = tuple(replace(entry(n), entry_id=f"http://news.example/{n}") for n in range(20, 0, -1))
    room.poll(Fetched(document=Document(entries=old)))
    moved = Newsroom(replace(FEED, url="https://feed.example/rss2"), store=room.store)
    moved.clock.time = room.clock.time
    new = tuple(replace(entry(n), entry_id=f"https://news.example/{n}") for n in range(21, 1, -1))
    moved.poll(Fetched(document=Document(entries=new)))
    assert moved.texts == ["記事21"]
    assert moved.troubles() == []


def test_a_link_that_was_told_long_ago_keeps_no_news_away() -> None:
    room = Newsroom(FEED, OTHER)
    room.servers.answers[OTHER.name] = [Fetched(document=Document())]
    room.poll(document(1))
    again = replace(entry(1), entry_id="again", title="同じページの新しい知らせ")
    room.servers.answers[OTHER.name] = [Fetched(document=Document(entries=(again,)))]
    room.poll(document(1), later=8 * 86_400)
    assert room.texts == ["記事1", "同じページの新しい知らせ"]


def test_one_post_of_another_app_keeps_one_entry_away_and_a_page_of_many_entries_none() -> None:
    room = Newsroom()
    place = Place(team=TEAM, channel=NEWS, ts=Ts("1763999000.000100"))
    shown = Snapshot(text="一覧", title="一覧", link="https://news.example/list")
    room.slack.seen = [SeenPost(place=place, snapshot=shown, reactions=(), by_app=True)]
    entries = tuple(entry(n, link="https://news.example/list") for n in (3, 2))
    room.poll(Fetched(document=Document(entries=entries)))
    assert room.texts == ["記事2", "記事3"]
    single = (entry(4, link="https://news.example/list"),)
    room.poll(Fetched(document=Document(entries=single)))
    room.poll(Fetched(document=Document(entries=(entry(5, link="https://news.example/list"),))))
    assert room.texts == ["記事2", "記事3", "記事5"]


def test_a_first_document_that_is_cut_short_is_no_first_contact() -> None:
    room = Newsroom()
    room.poll(replace(document(1, 2, problem=BROKEN), validators=None))
    room.poll(document(*range(58)))
    assert len(room.texts) == 2 + 3


def test_entries_after_an_empty_document_are_no_overflow() -> None:
    room = Newsroom()
    room.poll(Fetched(document=Document(), validators=Validators(etag="e")))
    room.poll(document(1))
    assert room.troubles() == []
    assert room.texts == ["記事1"]


def test_one_feed_that_cannot_be_recorded_holds_up_no_other_and_is_said() -> None:
    room = Newsroom(FEED, OTHER)
    room.servers.answers[OTHER.name] = [document(7)]
    gathered = room.poll(Fetched(document=Document(entries=(entry(1, title=5),))))
    assert room.texts == ["記事7"]
    assert room.errors == [(FEED.name, "TypeError")]
    assert gathered.failed == [FEED.name]
    assert room.state.problem is not None
    assert room.state.held_until > room.clock.time


def test_a_round_that_is_broken_off_gives_its_feeds_back_at_once() -> None:
    room = Newsroom(FEED, OTHER)
    room.servers.script.always("fetch_all", lambda _: iter(()))
    assert room.gather.round(due_only=False).asked == 0
    claims = room.store.claim_feeds([FEED, OTHER], now=room.clock.now(), lease=9, holder="x", due_only=False)
    assert len(claims) == 2


def test_what_was_written_while_the_clock_was_wrong_holds_nothing_up() -> None:
    room = Newsroom()
    room.clock.time += 400 * DAY
    room.poll(document(1))
    room.clock.time -= 400 * DAY
    assert room.gather.round(due_only=True).asked == 1


@pytest.mark.parametrize("number", range(5))
def test_nothing_in_a_title_can_mention_or_link_elsewhere(number: int) -> None:
    hostile = [
        "<!channel>",
        "<@U0CISO>",
        "<https://evil.example|記事>",
        "*太字* _斜体_ `x`",
        "@here http://evil.example",
    ]
    room = Newsroom()
    room.poll(Fetched(document=Document(entries=(entry(1, title=hostile[number]),))))
    [message] = room.slack.messages
    first = message.shown.text.split("\n")[0]
    assert "<" not in first
    assert "http://evil" not in first
    rich = message.shown.blocks[0]["elements"][0]["elements"]  # type: ignore[index]
    assert [one["type"] for one in rich] == ["link"]
    assert rich[0]["url"] == "https://news.example/1"
