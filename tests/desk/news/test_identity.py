"""What is one piece of news, whatever ids a publisher gives: posted once, and edited when it changes."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.desk.news.newsroom import FEED, NEWS, OTHER, Newsroom
from threatstamp.core.ids import ChannelId
from threatstamp.core.news.entry import Fetched
from threatstamp.feeds.reading import read_document

EAGER = replace(FEED, backlog=100, burst=100)
BULLETINS = "https://maker.example/bulletins"


def item(title: str, *, link: str = "", guid: str = "", at: str = "") -> str:
    said = (("title", title), ("link", link), ("guid", guid), ("pubDate", at))
    return "<item>" + "".join(f"<{name}>{escape(text)}</{name}>" for name, text in said if text) + "</item>"


def on(day: int, clock: str = "10:24:00") -> str:
    return f"{day:02d} Nov 2026 {clock} +0900"


def feed(*items: str) -> Fetched:
    """Returns what is read of an RSS document with these items, the newest first."""
    head = "<rss version='2.0'><channel><title>Maker</title><link>https://maker.example/</link>"
    text = f"{head}{''.join(items)}</channel></rss>"
    return Fetched(document=read_document(text.encode(), zone=ZoneInfo("Asia/Tokyo")))


def posted(*documents: Fetched) -> list[str]:
    """Returns the messages in the channel, as they read in the end, after polling these in turn."""
    newsroom = Newsroom(EAGER)
    for one in documents:
        newsroom.poll(one)
    newsroom.poll(documents[-1])
    assert newsroom.errors == []
    return newsroom.texts


def advisory(number: int, *, guid: str = "", link: str = BULLETINS) -> str:
    return item(f"勧告{number}：製品{number}に欠陥", link=link, guid=guid, at=on(number))


ALL = [f"勧告{n}：製品{n}に欠陥" for n in range(1, 6)]


@pytest.mark.parametrize("guid", ["", "N/A", "none", "-", "urn:maker:feed", "なし"])
@pytest.mark.parametrize("link", [BULLETINS, "N/A", "https://maker.example/", ""])
def test_entries_without_an_id_of_their_own_are_all_posted_and_none_is_edited(guid: str, link: str) -> None:
    documents = [
        feed(*(advisory(n, guid=guid, link=link) for n in range(last, last - 3, -1))) for last in (3, 4, 5)
    ]
    assert posted(*documents) == ALL


@pytest.mark.parametrize("guid", ["", "N/A"])
def test_a_document_that_has_only_the_newest_advisory_of_a_page_never_rewrites_the_last_one(
    guid: str,
) -> None:
    assert posted(*(feed(advisory(n, guid=guid)) for n in (1, 2, 3, 4, 5))) == ALL


def test_a_page_that_is_known_to_have_many_advisories_is_the_id_of_none_even_without_dates() -> None:
    first, second, third = (item(f"欠陥の報告{n}", link=BULLETINS) for n in "甲乙丙")
    assert posted(feed(first), feed(second, first), feed(second), feed(third)) == [
        "欠陥の報告甲",
        "欠陥の報告乙",
        "欠陥の報告丙",
    ]


def test_an_id_that_is_used_again_for_another_link_title_and_time_is_a_new_entry() -> None:
    old = item("古い件", link="https://maker.example/old", guid="id-7", at=on(1))
    new = item("緊急：認証回避", link="https://maker.example/new", guid="id-7", at=on(2))
    assert posted(feed(old), feed(new)) == ["古い件", "緊急：認証回避"]
    assert posted(feed(old), feed(new), feed(old), feed(new)) == ["古い件", "緊急：認証回避"]


def test_entries_that_are_numbered_by_their_place_keep_their_posts() -> None:
    def numbered(*numbers: int) -> Fetched:
        links = {n: f"https://maker.example/{n}" for n in numbers}
        return feed(*(advisory(n, guid=str(at), link=links[n]) for at, n in enumerate(numbers)))

    assert posted(numbered(3, 2, 1), numbered(4, 3, 2), numbered(5, 4, 3)) == ALL
    changed = feed(item("勧告2、改訂", link="https://maker.example/2", guid="1", at=on(2)))
    assert posted(numbered(2, 1), changed) == [ALL[0], "勧告2、改訂"]


@pytest.mark.parametrize("link", [BULLETINS, "https://maker.example/{n}", "https://maker.example/"])
def test_ids_that_are_made_anew_with_every_document_post_nothing_again(link: str) -> None:
    documents = [
        feed(*(advisory(n, guid=f"{turn}-{n}", link=link.format(n=n)) for n in range(last, last - 3, -1)))
        for turn, last in enumerate((3, 3, 4, 5))
    ]
    assert posted(*documents) == ALL


def test_ids_made_anew_for_undated_entries_of_one_page_post_nothing_again() -> None:
    documents = [
        feed(*(item(f"件{n}", link=BULLETINS, guid=f"{turn}-{n}") for n in "乙甲")) for turn in (1, 2, 3)
    ]
    assert posted(*documents) == ["件甲", "件乙"]


@pytest.mark.parametrize("guid", ["", "{scheme}://maker.example/{n}", "id-{n}"])
def test_http_and_https_by_turns_are_the_same_entries(guid: str) -> None:
    def served(scheme: str) -> Fetched:
        numbers = (2, 1)
        return feed(
            *(
                advisory(n, guid=guid.format(scheme=scheme, n=n), link=f"{scheme}://maker.example/{n}")
                for n in numbers
            )
        )

    assert posted(*(served(scheme) for scheme in ("http", "https", "http", "https"))) == ALL[:2]


def test_an_edit_of_title_and_id_is_an_edit_if_page_and_time_stay() -> None:
    old = item("OpenSSHの欠陥", link="https://blog.example/sshd/", guid="?p=1", at=on(5))
    new = item("【更新】悪用を確認", link="https://blog.example/sshd/", guid="?p=22", at=on(5))
    assert posted(feed(old), feed(new)) == ["【更新】悪用を確認"]


def test_a_page_and_a_date_without_a_clock_do_not_make_two_advisories_one() -> None:
    old = item("製品甲の欠陥", link=BULLETINS, guid="a", at=on(5, "00:00:00"))
    new = item("製品乙の欠陥", link=BULLETINS, guid="b", at=on(5, "00:00:00"))
    assert posted(feed(old), feed(new)) == ["製品甲の欠陥", "製品乙の欠陥"]


@pytest.mark.parametrize("guid", ["", "id-1", "https://maker.example/1"])
def test_an_entry_whose_link_stays_is_edited(guid: str) -> None:
    link = "https://maker.example/1"
    old = item("VPN装置に欠陥", link=link, guid=guid, at=on(5))
    new = item("【更新】VPN装置に欠陥、悪用も", link=link, guid=guid, at=on(6))
    assert posted(feed(old), feed(new)) == ["【更新】VPN装置に欠陥、悪用も"]


def test_an_entry_that_moves_and_keeps_id_and_time_is_edited() -> None:
    old = item("速報", link="https://maker.example/draft", guid="id-1", at=on(5))
    new = item("製品に欠陥", link="https://maker.example/final", guid="id-1", at=on(5))
    assert posted(feed(old), feed(new)) == ["製品に欠陥"]


def test_the_same_title_every_week_on_one_page_is_news_every_week() -> None:
    weeks = [item("今週のまとめ", link="https://maker.example/", guid=f"w{n}", at=on(n)) for n in (1, 8, 15)]
    assert posted(*(feed(one) for one in weeks)) == ["今週のまとめ"] * 3
    undated = [item("今週のまとめ", link="https://maker.example/", guid=f"w{n}") for n in (1, 8, 15)]
    assert posted(*(feed(one) for one in undated)) == ["今週のまとめ"] * 3


def test_an_id_that_is_free_again_may_be_that_of_another_entry() -> None:
    """The first one took a new id along, and its story was named after the old one."""
    kept = item("甲", link="https://maker.example/1", guid="a")
    renamed = item("甲", link="https://maker.example/1", guid="b")
    other = item("乙", link="https://maker.example/2", guid="a")
    assert posted(feed(kept), feed(renamed), feed(other, renamed)) == ["甲", "乙"]


@pytest.mark.parametrize(
    ("one", "other", "count"),
    [
        ("#gcb-010", "#gcb-011", 2),
        ("#/update/CVE-2026-1", "#/update/CVE-2026-2", 2),
        ("?p=1#a2", "?p=1#a3", 2),
        ("", "#top", 1),
        ("#comments", "#respond", 1),
        ("", "#more-1234", 1),
        ("#utm_source=rss", "#xtor=RSS-1", 1),
        ("", "#:~:text=news", 1),
        ("", "#", 1),
    ],
)
def test_links_that_differ_after_the_hash_are_two_pages_where_it_names_a_part(
    one: str, other: str, count: int
) -> None:
    newsroom = Newsroom(FEED, OTHER)
    newsroom.servers.answers[OTHER.name] = [feed(item("別件", link=BULLETINS + other, guid="x"))]
    newsroom.poll(feed(item("本件", link=BULLETINS + one, guid="y")))
    assert len(newsroom.slack.messages) == count


def test_feeds_do_not_share_the_history_by_which_entries_are_told_apart() -> None:
    newsroom = Newsroom(EAGER, replace(OTHER, channel=ChannelId(NEWS)))
    newsroom.servers.answers[OTHER.name] = [feed(item("甲", link="https://b.example/1", guid="1"))]
    newsroom.poll(feed(item("乙", link="https://a.example/1", guid="1")))
    assert sorted(newsroom.texts) == ["乙", "甲"]


def nobody_can_tell(guids: str, links: str, *, is_dated: bool, size: int) -> bool:
    """True for a publisher who says too little: what differs between two documents may be an edit or news."""
    is_page_shared = links in ("one", "site")
    if guids == "link" and is_page_shared:
        return size == 1
    if guids in ("one", "place") and (is_page_shared or not links):
        return size == 1 or guids == "place"
    if guids in ("place", "anew") and not links:
        return not is_dated
    return is_page_shared and not is_dated and (size == 1 or guids == "anew")


@settings(max_examples=60)
@given(
    guids=st.sampled_from(["", "N/A", "one", "own", "link", "place", "anew"]),
    links=st.sampled_from(["own", "one", "site", "flip", ""]),
    is_dated=st.booleans(),
    size=st.integers(1, 4),
    steps=st.lists(st.integers(0, 2), min_size=1, max_size=4),
)
def test_whatever_a_publisher_takes_for_ids_each_piece_of_news_is_recorded_once(
    guids: str, links: str, is_dated: bool, size: int, steps: list[int]
) -> None:
    """A window slides over numbered news."""
    assume(not nobody_can_tell(guids, links, is_dated=is_dated, size=size))
    newsroom = Newsroom(replace(EAGER, post=False))
    last, found = size, 0
    for turn, step in enumerate([0, *steps]):
        last += min(step, size)
        rows = []
        for place, n in enumerate(range(last, last - size, -1)):
            scheme = "http" if links == "flip" and turn % 2 else "https"
            link = {"one": BULLETINS, "site": "https://maker.example/", "": ""}.get(
                links, f"{scheme}://maker.example/{n}"
            )
            guid = {"own": f"g{n}", "link": link, "place": str(place), "anew": f"{turn}:{n}"}.get(
                guids, guids
            )
            rows.append(item(f"{n}番の件", link=link, guid=guid, at=on(n) if is_dated else ""))
        found += newsroom.poll(feed(*rows)).new
    assert found == last
    assert newsroom.errors == []
