"""What nobody has stamped is counted, and one act says that the rest is not ours; the ledger agrees."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.desk.news.newsroom import DAY, FEED, NEWS, TEAM, Newsroom, document
from tests.desk.news.test_joining import agrees
from tests.support.times import S
from threatstamp.core.cases.case import Way
from threatstamp.core.ids import Emoji, StoryId, Ts, UserId
from threatstamp.core.news.reviewing import MOST_AT_ONCE, Reopened, Unreviewed
from threatstamp.core.news.story import NewStory, Story
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.turn import Turn, TurnKind
from threatstamp.core.time import Micros
from threatstamp.desk.news.reviewing import ReviewOrder, reopen, review_rest, undo_review
from threatstamp.desk.record.redact import redact_person
from threatstamp.desk.views.counts import read_counts
from threatstamp.desk.views.reviewing import ReviewPage, read_reviews

ITO, SATO = UserId("U0ITO"), UserId("U0SATO")


def met(*numbers: int) -> Newsroom:
    """A room whose feed has brought these stories, each posted."""
    room = Newsroom(replace(FEED, backlog=0))
    room.poll(document(90))
    room.poll(document(90, *numbers))
    return room


def page(room: Newsroom) -> ReviewPage:
    with room.store.reading(whole=True) as read:
        return read_reviews(read, now=room.clock.now(), most=50)


def waiting(room: Newsroom) -> list[str]:
    return sorted(one.title for one in page(room).waiting.stories)


def order(room: Newsroom, by: UserId = ITO, **more: object) -> ReviewOrder:
    return ReviewOrder(**({"by": by, "way": Way.BUTTON, "until": room.clock.now()} | more))  # type: ignore[arg-type]


def stamp(room: Newsroom, title: str, *, kind: TurnKind = TurnKind.STAMP) -> None:
    """Puts a stamp on the post with this title, or takes it off."""
    room.clock.time += S
    [sent] = [one for one in room.slack.messages if title in one.rendered.text and not one.thread_ts]
    place = Place(team=TEAM, channel=NEWS, ts=Ts(sent.ts))
    turn = Turn(kind=kind, at=room.clock.now(), exact=True)
    with room.store.transaction() as tx:
        tx.stamps.add_turn(place, place, reaction=Emoji("eyes"), user=ITO, turn=turn, now=room.clock.now())


def test_what_is_posted_and_not_stamped_waits_until_the_rest_is_not_ours() -> None:
    room = met(1, 2, 3)
    assert waiting(room) == ["記事1", "記事2", "記事3"]
    stamp(room, "記事2")
    assert waiting(room) == ["記事1", "記事3"]
    stamp(room, "記事2", kind=TurnKind.WITHDRAWAL)
    assert len(waiting(room)) == 3
    stamp(room, "記事2")
    seen = order(room)
    room.poll(document(90, 1, 2, 3, 4))  # comes after they saw the number
    done = review_rest(room.store, seen, now=room.clock.now())
    assert (done.count, done.left) == (2, 0)
    assert waiting(room) == ["記事4"]
    shown = page(room).last
    assert shown is not None
    assert (shown.act, shown.by, shown.count) == (done.act, ITO, 2)
    assert room.kinds().count("reviewed") == 1
    months = read_counts(room.store, FEED.zone)
    assert (sum(one.reviewed for one in months), sum(one.unreviewed for one in months)) == (2, 1)


def test_the_second_of_two_people_finds_nothing_left_and_an_empty_desk_says_so() -> None:
    room = met(1)
    first, second = order(room), order(room, SATO)
    assert review_rest(room.store, first, now=room.clock.now()).count == 1
    assert review_rest(room.store, second, now=room.clock.now()).act is None
    assert room.kinds().count("reviewed") == 1
    empty = Newsroom()
    assert page(empty).waiting == Unreviewed()
    assert review_rest(empty.store, order(empty), now=empty.clock.now()).act is None
    assert undo_review(empty.store, order(empty), act=None, now=empty.clock.now()).act is None
    assert empty.kinds() == []


def test_an_act_is_taken_back_as_far_as_it_still_holds() -> None:
    room = met(1, 2)
    first = review_rest(room.store, order(room), now=room.clock.now())
    room.poll(document(90, 1, 2, 3))
    second = review_rest(room.store, order(room), now=room.clock.now())
    assert first.act is not None
    assert undo_review(room.store, order(room, SATO), act=first.act, now=room.clock.now()).count == 2
    assert waiting(room) == ["記事1", "記事2"]
    assert undo_review(room.store, order(room), act=first.act, now=room.clock.now()).act is None
    assert undo_review(room.store, order(room), act=None, now=room.clock.now()).act == second.act
    assert len(waiting(room)) == 3
    third = review_rest(room.store, order(room), now=room.clock.now())
    assert third.count == 3
    assert agrees(room)


def test_what_is_reopened_counts_again_even_if_it_was_told_long_ago() -> None:
    room = met(1)
    done = review_rest(room.store, order(room), now=room.clock.now())
    room.clock.time += 30 * DAY
    assert waiting(room) == []
    with room.store.transaction() as tx:
        [story] = tx.reviews.held_by(done.act or 0)
        reopen(tx, done.act or 0, [story], why=Reopened.LISTED, now=room.clock.now())
    room.clock.time += S
    assert waiting(room) == ["記事1"]
    room.clock.time += 8 * DAY
    assert waiting(room) == []
    assert agrees(room)


def test_a_stamp_on_a_digest_is_one_on_none_of_its_stories() -> None:
    room = Newsroom(replace(FEED, backlog=0, burst=1))
    room.poll(document(90))
    room.poll(document(90, 1, 2, 3))
    with room.store.transaction() as tx:
        digest = next(one for one in room.slack.messages if "記事1" in str(one.rendered.blocks))
        place = Place(team=TEAM, channel=NEWS, ts=Ts(digest.ts))
        turn = Turn(kind=TurnKind.STAMP, at=room.clock.now(), exact=True)
        tx.stamps.add_turn(place, place, reaction=Emoji("eyes"), user=ITO, turn=turn, now=room.clock.now())
    assert len(waiting(room)) == 3


def test_the_record_agrees_when_whoever_reviewed_was_redacted() -> None:
    room = met(1)
    review_rest(room.store, order(room), now=room.clock.now())
    redact_person(ITO, reason="本人の求め", store=room.store, clock=room.clock)
    shown = page(room).last
    assert shown is not None
    assert shown.by is None
    assert agrees(room)


def test_so_many_stories_are_marked_in_one_act_and_the_rest_in_the_next() -> None:
    room, now = Newsroom(), 1_764_000_000 * S
    story = Story(id=StoryId(""), title="t", link="", source="F")
    many = [StoryId(f"{number:032x}") for number in range(MOST_AT_ONCE + 1)]
    with room.store.transaction() as tx:
        tx.stories.add(
            [NewStory(story=replace(story, id=one), link_key=None) for one in many], now=Micros(now)
        )
        for one in many:
            tx.publications.post([one], NEWS, team=TEAM, departure=None, ts=Ts(f"{now // S}.000100"))
    room.clock.time += S
    assert page(room).waiting.count == MOST_AT_ONCE + 1
    done = review_rest(room.store, order(room), now=room.clock.now())
    assert (done.count, done.left) == (MOST_AT_ONCE, 1)
    with room.store.reading() as read:
        last = read.ledger.get(done.act or 0)
    assert last is not None
    assert last.body is not None
    assert len(json.loads(last.body)["stories"]) == MOST_AT_ONCE
    assert len(last.body) < 100_000
    assert review_rest(room.store, order(room), now=room.clock.now()).count == 1
