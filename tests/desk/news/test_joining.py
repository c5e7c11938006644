"""One story has one post: what others report later edits it, and a line in its thread says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.desk.news.newsroom import DAY, DEVELOPERS, FEED, OTHER, Newsroom, entry
from threatstamp.app.naming import KnownNames
from threatstamp.core.news.entry import Document, Element, Entry, Fetched
from threatstamp.core.news.feed import Feed
from threatstamp.desk.ports.tools import no_products
from threatstamp.desk.record.compare import compare_records

CVE = "CVE-2099-1234"
THIRD = replace(FEED, name=OTHER.name.__class__("Third Feed"), url="https://third.example/feed")


def met(*feeds: Feed, products_of: Callable[[str], frozenset[str]] = no_products) -> Newsroom:
    """A newsroom that knows these feeds, so that whatever they say from now on is news."""
    newsroom = Newsroom(*feeds, products_of=products_of)
    for number, feed in enumerate(feeds, 900):
        newsroom.servers.answers[feed.name] = [said(entry(number, title=f"最初の記事その{number}"))]
    newsroom.poll(newsroom.servers.answers[FEED.name][0])
    newsroom.slack.messages.clear()
    return newsroom


def said(*entries: Entry) -> Fetched:
    return Fetched(document=Document(entries=entries))


def lines(newsroom: Newsroom) -> list[str]:
    """What the threads of posts say."""
    return [one.rendered.text for one in newsroom.slack.messages if one.thread_ts]


def posts(newsroom: Newsroom) -> list[str]:
    return [
        json.dumps(one.rendered.blocks, ensure_ascii=False)
        for one in newsroom.slack.messages
        if not one.thread_ts
    ]


def agrees(newsroom: Newsroom) -> bool:
    return compare_records(newsroom.store).first is None


def test_a_second_feed_edits_the_post_and_adds_a_line_to_its_thread() -> None:
    newsroom = met(FEED, OTHER)
    newsroom.poll(said(entry(1, title=f"「箱舟VPN」に深刻な脆弱性（{CVE}）")), feed=FEED)
    newsroom.poll(said(entry(2, title="Ark VPN flaw under attack", summary=f"Details of {CVE}")), feed=OTHER)
    [post] = posts(newsroom)
    assert "関連情報 1件（Sample Portal）" in post
    [line] = lines(newsroom)
    assert line.startswith("Sample Portal も同じ件を伝えています： Ark VPN flaw under attack")
    assert newsroom.slack.messages[1].thread_ts == newsroom.slack.messages[0].ts
    assert agrees(newsroom)


def test_more_news_of_the_same_feed_is_a_line_and_no_post() -> None:
    newsroom = met(FEED)
    newsroom.poll(said(entry(1, title=f"「箱舟VPN」に深刻な脆弱性（{CVE}）")))
    second = entry(2, title=f"「箱舟VPN」の脆弱性、悪用を確認（{CVE}）")
    newsroom.poll(said(second))
    assert len(posts(newsroom)) == 1
    assert lines(newsroom)[0].startswith("架空ニュース の続報です： 「箱舟VPN」の脆弱性、悪用を確認")
    newsroom.poll(said(replace(second, title="改題")))
    newsroom.poll(said(entry(3, title=f"「箱舟VPN」の修正版（{CVE}）")))
    assert len(posts(newsroom)) == 1
    assert "改題" not in posts(newsroom)[0]
    assert agrees(newsroom)


@pytest.mark.parametrize("feed", [FEED, OTHER])
def test_two_entries_of_one_document_are_two_stories(feed: Feed) -> None:
    newsroom = met(FEED, OTHER)
    newsroom.poll(said(entry(1, title=f"箱舟VPNの更新 {CVE}")), feed=OTHER)
    both = (entry(2, title=f"「箱舟VPN」{CVE}"), entry(3, title=f"「箱舟Portal」{CVE}"))
    newsroom.poll(said(*both), feed=feed)
    assert len(posts(newsroom)) == 2
    assert agrees(newsroom)


def test_news_joins_the_advisory_that_it_names() -> None:
    newsroom = met(FEED, OTHER)
    advisory = entry(
        1, title="箱舟製VPNにおける複数の脆弱性", link="https://jvn.jp/vu/JVNVU90000001/index.html"
    )
    newsroom.poll(said(advisory), feed=OTHER)
    newsroom.poll(
        said(entry(2, title="箱舟VPNに脆弱性、更新を", summary="JVNVU#90000001によると")), feed=FEED
    )
    assert len(posts(newsroom)) == 1
    assert "番号を挙げています" in json.dumps(newsroom.slack.messages[1].rendered.blocks, ensure_ascii=False)


def test_equal_titles_with_different_cves_stay_apart() -> None:
    newsroom = met(FEED, OTHER)
    title = "箱舟ソフトの複数の製品におけるクロスサイトスクリプティングの脆弱性"

    def numbered(number: int) -> Entry:
        reference = Element(name="sec:references", text="", attributes=(("id", f"CVE-2099-{number}"),))
        return entry(number, title=title, elements=(reference,), summary="要約")

    newsroom.poll(said(numbered(1001), numbered(1002)), feed=FEED)
    newsroom.poll(said(numbered(1003)), feed=OTHER)
    assert len(posts(newsroom)) == 3
    assert lines(newsroom) == []


def test_what_a_new_feed_had_before_it_was_met_is_no_news() -> None:
    newsroom = met(FEED)
    newsroom.poll(said(entry(1, title=f"箱舟VPNの更新 {CVE}")))
    later = Newsroom(FEED, OTHER, store=newsroom.store)
    later.clock.time = newsroom.clock.time
    later.servers.answers[FEED.name] = newsroom.servers.answers[FEED.name]
    later.poll(said(entry(2, title=f"Ark VPN {CVE}")), feed=OTHER)
    assert lines(later) == []
    assert [one for one in posts(later) if "Ark" in one] == []


def test_a_month_later_it_is_another_story() -> None:
    newsroom = met(FEED, OTHER)
    newsroom.poll(said(entry(1, title=f"箱舟VPNの更新 {CVE}")), feed=FEED)
    newsroom.clock.time += 31 * DAY
    newsroom.poll(said(entry(2, title=f"Ark VPN {CVE}")), feed=OTHER)
    assert len(posts(newsroom)) == 2


def test_a_story_in_another_channel_is_posted_there_too() -> None:
    developers = replace(OTHER, channel=DEVELOPERS)
    newsroom = met(FEED, developers)
    newsroom.poll(said(entry(1, title=f"箱舟VPNの更新 {CVE}")), feed=FEED)
    newsroom.poll(said(entry(2, title=f"Ark VPN {CVE}")), feed=developers)
    assert len(posts(newsroom)) == 2
    assert len(lines(newsroom)) == 1, "the channel of the first post hears of it"


def test_three_feeds_are_one_post() -> None:
    newsroom = met(FEED, OTHER, THIRD)
    for number, feed in enumerate((FEED, OTHER, THIRD), 1):
        newsroom.poll(said(entry(number, title=f"箱舟VPNの記事その{number} {CVE}")), feed=feed)
    assert "関連情報 2件（Sample Portal、Third Feed）" in posts(newsroom)[0]
    assert len(lines(newsroom)) == 2
    assert agrees(newsroom)


def test_one_cve_in_products_of_two_makers_is_two_stories() -> None:
    newsroom = met(FEED, OTHER, THIRD, products_of=KnownNames().products_of)
    newsroom.poll(said(entry(1, title=f"Google fixes Chrome zero-day {CVE}")), feed=FEED)
    newsroom.poll(said(entry(2, title=f"Microsoft Edgeの更新 {CVE}")), feed=OTHER)
    newsroom.poll(said(entry(3, title=f"Chromeにゼロデイ脆弱性 {CVE}")), feed=THIRD)
    assert len(posts(newsroom)) == 2
    [line] = lines(newsroom)
    assert "Chromeにゼロデイ脆弱性" in line


def test_products_are_looked_for_only_where_something_else_speaks_for_one_story() -> None:
    asked: list[str] = []

    def products_of(title: str) -> frozenset[str]:
        asked.append(title)
        return frozenset()

    newsroom = met(FEED, OTHER, products_of=products_of)
    newsroom.poll(said(entry(1, title="箱舟VPNの更新 CVE-2099-1")), feed=FEED)
    newsroom.poll(said(entry(2, title="別の箱舟Portalの更新 CVE-2099-2")), feed=OTHER)
    assert asked == []
