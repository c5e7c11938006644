"""Feeds are polled: what is posted, what is only recorded, and what is reported about a feed's health."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.desk.news.newsroom import (
    BROKEN,
    DAY,
    DEVELOPERS,
    DOWN,
    FEED,
    NEWS,
    OTHER,
    TEAM,
    Answer,
    Newsroom,
    document,
    entry,
)
from tests.support.times import S
from threatstamp.core.ids import Ts, UserId
from threatstamp.core.news.entry import Document, Element, Fetched
from threatstamp.core.news.feed import Keep, Problem, Reason, Validators
from threatstamp.core.news.health import silent_since
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.time import Micros
from threatstamp.desk.ports.slack import SeenPost
from threatstamp.store.tables import news


def test_first_contact_posts_the_newest_few_and_records_the_rest() -> None:
    newsroom = Newsroom()
    gathered = newsroom.poll(document(*range(10)))
    assert newsroom.texts == ["記事7", "記事8", "記事9"]
    assert gathered.new == 10
    assert newsroom.kinds().count("entry") == 10
    assert newsroom.kinds().count("published") == 3


def test_a_burst_is_posted_one_by_one_and_the_rest_as_one_digest_oldest_first() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(0))
    newsroom.poll(document(*range(12)))
    assert newsroom.texts[1:] == [
        "架空ニュース：新着6件をまとめてお知らせします。",
        *[f"記事{n}" for n in range(7, 12)],
    ]
    lines = json.dumps(newsroom.slack.messages[1].rendered.blocks, ensure_ascii=False)
    assert [f"記事{n}" in lines for n in range(8)] == [False, *[True] * 6, False]


def test_the_same_document_again_posts_nothing() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(1, 2))
    gathered = newsroom.poll(document(1, 2))
    assert (gathered.new, gathered.unchanged, len(newsroom.texts)) == (0, 1, 2)


def test_a_new_title_edits_the_post_and_anything_else_is_only_recorded() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(1))
    changed = document(1)
    assert changed.document is not None
    quiet = replace(changed.document, entries=(entry(1, summary="別の要約"),))
    newsroom.poll(Fetched(document=quiet))
    assert newsroom.texts == ["記事1"]
    assert newsroom.kinds().count("revision") == 1
    loud = replace(changed.document, entries=(entry(1, title="改題"),))
    newsroom.poll(Fetched(document=loud))
    assert newsroom.texts == ["改題"]
    assert len(newsroom.slack.messages) == 1


def test_a_new_title_edits_the_line_of_a_digest() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(0))
    newsroom.poll(document(*range(8)))
    changed = document(*range(8)).document
    assert changed is not None
    entries = tuple(replace(one, title="改題") if one.entry_id == "id-1" else one for one in changed.entries)
    newsroom.poll(Fetched(document=replace(changed, entries=entries)))
    digest = json.dumps(newsroom.slack.messages[1].rendered.blocks, ensure_ascii=False)
    assert "改題" in digest
    assert "記事1" not in digest


def test_the_same_link_from_two_feeds_is_posted_once_in_a_channel() -> None:
    newsroom = Newsroom(FEED, OTHER)
    same = replace(
        entry(2), entry_id="other", title="同じ記事", link="http://www.news.example/2/?utm_source=x#top"
    )
    newsroom.servers.answers[OTHER.name] = [Fetched(document=Document(entries=(same,)))]
    newsroom.poll(document(2))
    assert newsroom.texts == ["記事2"]
    assert newsroom.kinds().count("entry") == 2


def test_the_same_link_in_another_channel_is_posted_there_too() -> None:
    newsroom = Newsroom(FEED, replace(OTHER, channel=DEVELOPERS))
    newsroom.servers.answers[OTHER.name] = [document(2)]
    newsroom.poll(document(2))
    assert sorted(message.channel for message in newsroom.slack.messages) == [DEVELOPERS, NEWS]


def test_entries_of_one_feed_that_share_a_link_are_all_posted() -> None:
    newsroom = Newsroom()
    entries = tuple(entry(number, link="https://news.example/advisories") for number in range(3))
    newsroom.poll(Fetched(document=Document(entries=entries)))
    assert len(newsroom.texts) == 3


def test_a_post_of_slacks_own_rss_app_is_adopted() -> None:
    newsroom = Newsroom()
    place = Place(team=TEAM, channel=NEWS, ts=Ts("1763999000.000100"))
    snapshot = Snapshot(text="記事2", title="記事2", link="https://news.example/2?utm_medium=rss")
    newsroom.slack.seen = [SeenPost(place=place, snapshot=snapshot, reactions=(), by_app=True)]
    newsroom.poll(document(1, 2))
    assert newsroom.texts == ["記事1"]
    with newsroom.store.engine.connect() as connection:
        rows = connection.execute(select(news.publications)).mappings().all()
    assert {row["ts"] for row in rows} == {None, place.ts}


def test_a_persons_message_about_a_link_does_not_suppress_the_news() -> None:
    newsroom = Newsroom()
    place = Place(team=TEAM, channel=NEWS, ts=Ts("1763999000.000100"))
    snapshot = Snapshot(text="見ました？", title="", link="https://news.example/2", author=UserId("U1"))
    newsroom.slack.seen = [SeenPost(place=place, snapshot=snapshot, reactions=(), by_app=False)]
    newsroom.poll(document(2))
    assert newsroom.texts == ["記事2"]


def test_of_commercial_news_only_title_link_and_time_are_stored() -> None:
    newsroom = Newsroom(replace(FEED, store=Keep.HEADLINE))
    secret = entry(1, summary="全文の一部", authors=("記者",), elements=(Element(name="dc:x", text="秘"),))
    newsroom.poll(Fetched(document=Document(entries=(secret,))))
    with newsroom.store.engine.connect() as connection:
        rows = str(connection.execute(select(news.entries)).all())
    with newsroom.store.reading() as read:
        record = str([one.body for one in read.ledger.entries()])
    for text in (rows, record):
        assert "記事1" in text
        assert not any(word in text for word in ("全文の一部", "記者", "秘"))


def test_a_feed_that_posts_nothing_is_only_recorded() -> None:
    newsroom = Newsroom(replace(FEED, post=False))
    newsroom.poll(document(1, 2))
    assert newsroom.texts == []
    assert newsroom.kinds().count("entry") == 2


def test_jvn_ipedias_500_entries_and_a_day_later() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(*range(500)))
    assert len(newsroom.slack.messages) == 3
    newsroom.poll(document(*range(250, 750)), later=86_400)
    assert len(newsroom.slack.messages) == 3 + 5 + 1
    assert newsroom.kinds().count("entry") == 750


def test_a_document_without_any_known_entry_is_an_overflow_until_one_overlaps_again() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(1, 2))
    newsroom.poll(document(8, 9))
    assert newsroom.troubles() == ["feed_overflow:架空ニュース"]
    newsroom.poll(document(9, 10))
    assert newsroom.troubles() == []


def test_a_problem_is_reported_once_it_lasts_and_closed_when_it_is_fixed() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(1))
    newsroom.poll(DOWN)
    assert newsroom.troubles() == []
    newsroom.poll(DOWN, later=3_601)
    newsroom.poll(DOWN, later=7_200)
    assert newsroom.troubles() == ["feed:架空ニュース"]
    newsroom.poll(document(1), later=90_000)
    assert newsroom.troubles() == []
    assert newsroom.state.problem_since is None


def test_a_failing_feed_is_polled_with_exponential_backoff_and_after_retry_after() -> None:
    newsroom = Newsroom()
    newsroom.poll(DOWN)
    first = newsroom.state.held_until - newsroom.clock.time
    newsroom.poll(DOWN, later=700)
    second = newsroom.state.held_until - newsroom.clock.time
    assert (round(first / S), round(second / S)) == (600, 1200)
    newsroom.poll(DOWN, later=60)
    assert len(newsroom.servers.requests) == 2
    newsroom.poll(replace(document(1), retry_after=7_200.0), later=1_300)
    assert newsroom.state.held_until - newsroom.clock.time > 7_000 * S


def test_a_person_who_asks_is_held_back_by_the_servers_word_alone() -> None:
    newsroom = Newsroom()
    newsroom.poll(DOWN)
    newsroom.servers.answers[FEED.name] = [DOWN]
    assert newsroom.gather.round(due_only=False).asked == 0
    assert newsroom.gather.round(due_only=False, insist=True).answered == [FEED.name]
    newsroom.servers.answers[FEED.name] = [replace(DOWN, retry_after=7_200.0)]
    assert newsroom.gather.round(due_only=False, insist=True).asked == 1
    assert newsroom.gather.round(due_only=False, insist=True).asked == 0
    newsroom.clock.time += 7_201 * S
    newsroom.servers.answers[FEED.name] = [replace(DOWN, gone=True)] * 2
    assert [newsroom.gather.round(due_only=False, insist=True).asked for _ in range(2)] == [1, 1]


def test_a_feed_that_is_gone_is_not_polled_until_its_address_changes() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(1))
    newsroom.poll(replace(DOWN, gone=True))
    assert newsroom.troubles() == ["feed_gone:架空ニュース"]
    newsroom.poll(document(1, 2), later=90_000)
    assert len(newsroom.servers.requests) == 2
    moved = Newsroom(replace(FEED, url="https://new.example/rss"), store=newsroom.store)
    moved.clock.time = newsroom.clock.time
    moved.poll(document(1, 2))
    assert moved.servers.requests[0].url == "https://new.example/rss"
    assert moved.texts == ["記事2"]
    assert moved.troubles() == []


def test_a_permanent_redirect_is_remembered() -> None:
    newsroom = Newsroom()
    newsroom.poll(replace(document(1), moved_to="https://new.example/rss"))
    newsroom.poll(Fetched(unchanged=True))
    assert [request.url for request in newsroom.servers.requests] == [FEED.url, "https://new.example/rss"]


def test_a_feed_with_a_problem_is_requested_without_conditions() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(1))
    newsroom.poll(Fetched(document=Document(problem=BROKEN)))
    newsroom.poll(document(1), later=90_000)
    etags = [request.validators.etag for request in newsroom.servers.requests]
    assert etags == [None, '"1"', None]


def test_a_server_that_always_says_unchanged_gets_a_request_without_conditions_once_a_day() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(1))
    for _ in range(3):
        newsroom.poll(Fetched(unchanged=True), later=9 * 3_600)
    etags = [request.validators.etag for request in newsroom.servers.requests]
    assert etags == [None, '"1"', '"1"', None]


def test_the_readable_entries_of_a_broken_document_are_posted_and_its_problem_is_noted() -> None:
    newsroom = Newsroom()
    newsroom.poll(replace(document(1, 2, problem=BROKEN), validators=None))
    assert newsroom.texts == ["記事1", "記事2"]
    assert newsroom.state.problem == BROKEN
    assert newsroom.state.validators == Validators()
    assert newsroom.state.held_until == 0
    newsroom.poll(replace(document(1, 2, 3, problem=BROKEN), validators=None))
    assert newsroom.texts == ["記事1", "記事2", "記事3"]
    newsroom.poll(replace(document(1, 2, 3, problem=BROKEN), validators=None), later=3_601)
    assert newsroom.troubles() == ["feed_broken:架空ニュース"]


def test_a_silence_that_is_unusual_for_this_feed_is_reported() -> None:
    newsroom = Newsroom()
    for number in range(1, 12):
        newsroom.poll(document(*range(max(1, number - 3), number + 1)), later=6 * 3_600)
    assert silent_since(newsroom.state, now=Micros(newsroom.clock.time + DAY)) is None
    newsroom.poll(Fetched(unchanged=True), later=5 * 86_400)
    assert newsroom.troubles() == ["feed_silent:架空ニュース"]
    newsroom.poll(document(11, 12))
    assert newsroom.troubles() == []


def test_the_usual_interval_is_learned_at_first_contact_only_from_entries_with_dates() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(*range(10)))
    assert newsroom.state.news_at == ()
    dated = Newsroom()
    entries = tuple(entry(n, published_at=Micros(dated.clock.time - n * DAY)) for n in range(10))
    dated.poll(Fetched(document=Document(entries=entries)))
    assert len(dated.state.news_at) == 10
    assert dated.texts == ["記事2", "記事1", "記事0"]


def test_a_round_that_lost_its_lease_to_another_process_records_nothing() -> None:
    newsroom = Newsroom()
    newsroom.servers.answers[FEED.name] = [document(1)]

    def slow(answers: Callable[[], Iterator[Answer]]) -> Iterator[Answer]:
        for claim, fetched in list(answers()):
            newsroom.clock.time += 121 * S
            other = Newsroom(store=newsroom.store)
            other.clock.time = newsroom.clock.time
            other.poll(document(1), later=0)
            assert other.texts == ["記事1"]
            yield claim, fetched

    newsroom.servers.script.always("fetch_all", slow)
    assert newsroom.gather.round(due_only=False).new == 0
    assert not newsroom.deliver.one()


def test_a_feed_is_polled_by_one_worker_at_a_time_and_only_when_it_is_due() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(1))
    assert newsroom.gather.round(due_only=True).asked == 0
    newsroom.clock.time += 700 * S
    claims = newsroom.store.claim_feeds(
        [FEED], now=newsroom.clock.now(), lease=120, holder="x", due_only=True
    )
    assert len(claims) == 1
    assert newsroom.gather.round(due_only=False).asked == 0


def test_an_entry_that_comes_with_another_id_and_its_old_link_is_the_same_entry() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(1, 2, 3))
    entries = tuple(replace(entry(n), entry_id=f"https://news.example/?p={n}") for n in (4, 3, 2, 1))
    newsroom.poll(Fetched(document=Document(entries=entries)))
    assert newsroom.texts == ["記事1", "記事2", "記事3", "記事4"]
    newsroom.poll(Fetched(document=Document(entries=entries)))
    assert len(newsroom.texts) == 4
    loud = tuple(
        replace(one, title="改題") if one.link and one.link.endswith("/4") else one for one in entries
    )
    newsroom.poll(Fetched(document=Document(entries=loud)))
    assert newsroom.texts[-1] == "改題"


def test_a_new_address_in_the_settings_has_its_own_first_contact_and_nothing_is_posted_again() -> None:
    newsroom = Newsroom()
    old = tuple(replace(entry(n), entry_id=f"http://news.example/{n}") for n in range(20, 0, -1))
    newsroom.poll(Fetched(document=Document(entries=old)))
    moved = Newsroom(replace(FEED, url="https://feed.example/rss2"), store=newsroom.store)
    moved.clock.time = newsroom.clock.time
    new = tuple(replace(entry(n), entry_id=f"https://news.example/{n}") for n in range(21, 1, -1))
    moved.poll(Fetched(document=Document(entries=new)))
    assert moved.texts == ["記事21"]
    assert moved.troubles() == []


def test_a_link_that_was_posted_long_ago_does_not_suppress_news() -> None:
    newsroom = Newsroom(FEED, OTHER)
    newsroom.servers.answers[OTHER.name] = [Fetched(document=Document())]
    newsroom.poll(document(1))
    again = replace(entry(1), entry_id="again", title="同じページの新しい知らせ")
    newsroom.servers.answers[OTHER.name] = [Fetched(document=Document(entries=(again,)))]
    newsroom.poll(document(1), later=8 * 86_400)
    assert newsroom.texts == ["記事1", "同じページの新しい知らせ"]


@pytest.mark.parametrize(
    ("rounds", "expected"),
    [
        ([(4,), (5,)], ["記事5"]),
        ([(3, 2), (4,)], ["記事2", "記事3", "記事4"]),
    ],
)
def test_a_post_of_another_app_suppresses_one_entry_and_none_if_entries_share_its_link(
    rounds: list[tuple[int, ...]], expected: list[str]
) -> None:
    newsroom = Newsroom()
    place = Place(team=TEAM, channel=NEWS, ts=Ts("1763999000.000100"))
    snapshot = Snapshot(text="一覧", title="一覧", link="https://news.example/list")
    newsroom.slack.seen = [SeenPost(place=place, snapshot=snapshot, reactions=(), by_app=True)]
    for numbers in rounds:
        entries = tuple(entry(n, link="https://news.example/list") for n in numbers)
        newsroom.poll(Fetched(document=Document(entries=entries)))
    assert newsroom.texts == expected


def test_a_truncated_first_document_is_not_a_first_contact() -> None:
    newsroom = Newsroom()
    newsroom.poll(replace(document(1, 2, problem=BROKEN), validators=None))
    newsroom.poll(document(*range(58)))
    assert len(newsroom.texts) == 2 + 3


def test_entries_after_an_empty_document_are_not_an_overflow() -> None:
    newsroom = Newsroom()
    newsroom.poll(Fetched(document=Document(), validators=Validators(etag="e")))
    newsroom.poll(document(1))
    assert newsroom.troubles() == []
    assert newsroom.texts == ["記事1"]


def test_a_document_that_cannot_be_recorded_is_reported_and_does_not_delay_other_feeds() -> None:
    newsroom = Newsroom(FEED, OTHER)
    newsroom.servers.answers[OTHER.name] = [document(7)]
    gathered = newsroom.poll(Fetched(document=Document(entries=(entry(1, title=5),))))
    assert newsroom.texts == ["記事7"]
    assert newsroom.errors == [(FEED.name, "TypeError")]
    assert gathered.failed == [FEED.name]
    assert newsroom.state.problem is not None
    assert newsroom.state.held_until > newsroom.clock.time


def test_an_entry_that_cannot_be_recorded_is_said_and_the_others_of_its_document_are_posted() -> None:
    newsroom = Newsroom()
    newsroom.poll(document(1))
    odd = (entry(4), entry(3, title=5), entry(2), entry(1))
    gathered = newsroom.poll(Fetched(document=Document(entries=odd), validators=Validators(etag="e")))
    assert newsroom.texts == ["記事1", "記事2", "記事4"]
    assert gathered.failed == [FEED.name]
    assert newsroom.errors == [(FEED.name, "TypeError")]
    assert newsroom.state.problem == Problem(reason=Reason.NOT_RECORDED)
    assert newsroom.state.held_until == 0  # its news goes on at the usual pace
    assert newsroom.state.validators.etag == '"1"'  # and its document is read again
    newsroom.poll(document(1, 2, 3, 4))
    assert newsroom.texts == ["記事1", "記事2", "記事4", "記事3"]
    assert newsroom.state.problem is None


def test_an_interrupted_round_releases_its_feeds_at_once() -> None:
    newsroom = Newsroom(FEED, OTHER)
    newsroom.servers.script.always("fetch_all", lambda _: iter(()))
    assert newsroom.gather.round(due_only=False).asked == 0
    claims = newsroom.store.claim_feeds(
        [FEED, OTHER], now=newsroom.clock.now(), lease=9, holder="x", due_only=False
    )
    assert len(claims) == 2


def test_times_written_while_the_clock_was_wrong_do_not_delay_a_feed() -> None:
    newsroom = Newsroom()
    newsroom.clock.time += 400 * DAY
    newsroom.poll(document(1))
    newsroom.clock.time -= 400 * DAY
    assert newsroom.gather.round(due_only=True).asked == 1


@pytest.mark.parametrize("number", range(5))
def test_a_title_can_neither_mention_anybody_nor_link_elsewhere(number: int) -> None:
    hostile = [
        "<!channel>",
        "<@U0CISO>",
        "<https://evil.example|記事>",
        "*太字* _斜体_ `x`",
        "@here http://evil.example",
    ]
    newsroom = Newsroom()
    newsroom.poll(Fetched(document=Document(entries=(entry(1, title=hostile[number]),))))
    [message] = newsroom.slack.messages
    first = message.rendered.text.split("\n")[0]
    assert "<" not in first
    assert "http://evil" not in first
    rich = message.rendered.blocks[0]["elements"][0]["elements"]  # type: ignore[index]
    assert [one["type"] for one in rich] == ["link"]
    assert rich[0]["url"] == "https://news.example/1"
