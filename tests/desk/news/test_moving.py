"""A person splits a wrong join and makes a missed one: posts follow, and the ledger agrees with the tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.desk.news.newsroom import FEED, NEWS, OTHER, TEAM, Newsroom, entry
from tests.desk.news.test_joining import CVE, THIRD, agrees, lines, met, posts, said
from tests.desk.stamps.test_any_order import bound
from tests.support.times import S
from threatstamp.core.facts.subject import StoryKind
from threatstamp.core.ids import Emoji, StoryId, TrackName, UserId
from threatstamp.core.news.joining import Bond
from threatstamp.core.news.trail import StoryTrail
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import Track
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.desk.news.moving import MoveOrder, Unmoved, cases_of, join, name_kind, split
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.record.redact import redact_person
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.desk.views.stories import find_stories

ITO = UserId("U0ITO")


def order(newsroom: Newsroom) -> MoveOrder:
    newsroom.clock.time += 1_000_000
    return MoveOrder(by=ITO, reason="別の製品の話", now=newsroom.clock.now())


def found(newsroom: Newsroom, name: str = CVE) -> list[StoryTrail]:
    return list(find_stories(newsroom.store, name))


def told_twice() -> tuple[Newsroom, StoryTrail]:
    """A story that two feeds tell."""
    newsroom = met(FEED, OTHER, THIRD)
    newsroom.poll(said(entry(1, title=f"「箱舟VPN」に深刻な脆弱性（{CVE}）")), feed=FEED)
    newsroom.poll(said(entry(2, title=f"Ark Portal flaw {CVE}")), feed=OTHER)
    [trail] = found(newsroom)
    return newsroom, trail


def told_apart() -> tuple[Newsroom, StoryId, StoryId]:
    """Two stories of which nothing says that they are one."""
    newsroom = met(FEED, OTHER, THIRD)
    newsroom.poll(said(entry(1, title="電力会社の子会社で不正アクセス、顧客情報流出")), feed=FEED)
    newsroom.poll(said(entry(2, title="Power utility subsidiary discloses leak")), feed=OTHER)
    [first] = found(newsroom, "https://news.example/1")
    [second] = found(newsroom, "https://news.example/2")
    return newsroom, first.story.id, second.story.id


def deliver(newsroom: Newsroom) -> None:
    while newsroom.deliver.one():
        newsroom.clock.time += 1_000_000


def test_a_split_entry_is_posted_as_a_story_of_its_own_and_the_old_post_is_edited() -> None:
    newsroom, trail = told_twice()
    new = split(newsroom.store, trail.story.id, 2, order(newsroom))
    assert isinstance(new, str)
    assert not isinstance(new, Unmoved)
    deliver(newsroom)
    first, second = posts(newsroom)
    assert "関連情報" not in first
    assert "Ark Portal flaw" in second
    assert [len(one.entries) for one in found(newsroom)] == [1, 1]
    assert agrees(newsroom)
    assert newsroom.kinds().count("story_split") == 1


def test_a_split_entry_stays_apart_whatever_it_and_its_feed_say_later() -> None:
    newsroom, trail = told_twice()
    split(newsroom.store, trail.story.id, 2, order(newsroom))
    deliver(newsroom)
    changed = entry(2, title=f"Ark Portal flaw is worse than thought {CVE}")
    newsroom.poll(said(changed), feed=OTHER)
    assert any("worse than thought" in one for one in posts(newsroom))
    newsroom.poll(said(changed, entry(3, title=f"Ark VPN and Portal again {CVE}")), feed=OTHER)
    assert [len(one.entries) for one in found(newsroom)] in ([1, 2], [2, 1])
    assert len(posts(newsroom)) == 2
    assert agrees(newsroom)


@pytest.mark.parametrize(("number", "refusal"), [(0, "no_entry"), (3, "no_entry"), (1, "first")])
def test_what_cannot_be_split_is_said(number: int, refusal: str) -> None:
    newsroom, trail = told_twice()
    assert split(newsroom.store, trail.story.id, number, order(newsroom)) == refusal
    assert split(newsroom.store, StoryId("x"), 1, order(newsroom)) == Unmoved.UNKNOWN
    assert newsroom.kinds().count("story_split") == 0


def test_joined_stories_are_one_and_the_second_post_points_to_the_first() -> None:
    newsroom, first, second = told_apart()
    assert join(newsroom.store, first, second, order(newsroom)) is None
    deliver(newsroom)
    stays, goes = posts(newsroom)
    assert "関連情報 1件（Sample Portal）" in stays
    assert "続きはこちらです" in goes
    assert "電力会社の子会社" in goes
    [line] = lines(newsroom)
    assert line.startswith("Sample Portal も同じ件を伝えています： Power utility")
    [one] = [one for one in found(newsroom, "https://news.example/1") if one.story.id == first]
    assert [told.bond for told in one.entries] == [None, Bond.PERSON]
    assert agrees(newsroom)


def test_later_news_goes_to_the_story_that_stays() -> None:
    newsroom, first, second = told_apart()
    join(newsroom.store, first, second, order(newsroom))
    again = replace(entry(5, title="また別の見出しの記事です"), link="https://news.example/2")
    newsroom.poll(said(again), feed=THIRD)
    assert len(lines(newsroom)) == 2
    newsroom.poll(said(replace(again, entry_id="id-6")), feed=FEED)  # of a feed that tells the story already
    assert len(posts(newsroom)) == 3
    assert agrees(newsroom)
    newsroom.poll(said(entry(2, title="Power utility: leak is larger")), feed=OTHER)
    assert "続きはこちらです" in posts(newsroom)[1]
    assert agrees(newsroom)


def test_what_was_joined_can_be_split_again_and_joined_elsewhere() -> None:
    newsroom, first, second = told_apart()
    join(newsroom.store, first, second, order(newsroom))
    new = split(newsroom.store, first, 2, order(newsroom))
    assert not isinstance(new, Unmoved)
    assert join(newsroom.store, new, first, order(newsroom)) is None
    deliver(newsroom)
    assert [len(one.entries) for one in found(newsroom, new)] == [2]
    assert agrees(newsroom)


def test_what_cannot_be_joined_is_said() -> None:
    newsroom, first, second = told_apart()
    assert join(newsroom.store, first, first, order(newsroom)) is Unmoved.SAME
    assert join(newsroom.store, first, StoryId("x"), order(newsroom)) is Unmoved.UNKNOWN
    join(newsroom.store, first, second, order(newsroom))
    assert join(newsroom.store, first, second, order(newsroom)) is Unmoved.JOINED


def test_the_record_agrees_when_whoever_moved_something_was_redacted() -> None:
    newsroom, trail = told_twice()
    split(newsroom.store, trail.story.id, 2, order(newsroom))
    deliver(newsroom)
    redact_person(ITO, reason="本人の求め", store=newsroom.store, clock=newsroom.clock)
    assert agrees(newsroom)


def test_the_cases_of_two_stories_that_are_joined_stay_and_their_cards_name_each_other() -> None:
    newsroom, first, second = told_apart()
    route = bound("alarm", Emoji("rotating_light"), "C1")
    route = replace(route, route=replace(route.route, case=TrackName(Track.PRODUCT)))
    newsroom.tools.in_force.now = replace(newsroom.policy, routes=(route,))
    meet(newsroom.tools)
    stamps = TakeStamps(newsroom.tools)
    for number, message in enumerate([one for one in newsroom.slack.messages if one.channel == NEWS]):
        newsroom.clock.time += S
        place = Place(team=TEAM, channel=NEWS, ts=message.ts)
        mark = Mark(at=newsroom.clock.now(), kind=TurnKind.STAMP)
        stamp = Reaction(place=place, reaction=route.route.reaction, user=UserId(f"U{number}"), mark=mark)
        stamps.reaction(stamp, event=number)
    deliver(newsroom)

    def cards() -> list[str]:
        return [str(one.rendered.blocks) for one in newsroom.slack.messages if one.channel == "C1"]

    assert not any("同じ記事の案件" in one for one in cards())
    assert join(newsroom.store, first, second, order(newsroom)) is None
    deliver(newsroom)
    assert ["同じ記事の案件がほかにもあります：#2" in cards()[0], "：#1" in cards()[1]] == [True, True]
    with newsroom.store.reading() as read:
        assert cases_of(read, first) == (1, 2)
    assert agrees(newsroom)


def test_a_person_says_of_what_kind_a_story_is_changes_it_and_takes_it_back() -> None:
    newsroom, trail = told_twice()
    story = trail.story.id
    deliver(newsroom)

    def shown() -> str:
        deliver(newsroom)
        [post] = posts(newsroom)
        return post

    for kind, words in ((StoryKind.INCIDENT, "他組織の被害"), (StoryKind.GUIDANCE, "ガイド・動向")):
        assert name_kind(newsroom.store, story, kind, order(newsroom)) is None
        assert f"種類：{words}（担当者の指定）" in shown()
    assert name_kind(newsroom.store, story, StoryKind.GUIDANCE, order(newsroom)) is Unmoved.KIND
    assert found(newsroom)[0].story.kind == "guidance"
    assert agrees(newsroom)
    assert name_kind(newsroom.store, story, None, order(newsroom)) is None
    assert name_kind(newsroom.store, story, None, order(newsroom)) is Unmoved.KIND
    assert "種類：" not in shown()
    assert newsroom.kinds().count("story_kind") == 3
    assert agrees(newsroom)
    assert name_kind(newsroom.store, StoryId("x"), None, order(newsroom)) is Unmoved.UNKNOWN
    redact_person(ITO, reason="本人の求め", store=newsroom.store, clock=newsroom.clock)
    assert agrees(newsroom)


def test_a_story_that_goes_on_elsewhere_has_no_kind_of_its_own() -> None:
    newsroom, first, second = told_apart()
    assert join(newsroom.store, first, second, order(newsroom)) is None
    assert name_kind(newsroom.store, second, StoryKind.OTHER, order(newsroom)) is Unmoved.JOINED
