"""The search for a message that may exist: page by page, and on from where it was interrupted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.desk.outbox.test_deliver import stamped
from tests.desk.stamps.test_any_order import Desk
from tests.support.script import Step, fails, fails_afterwards
from tests.support.times import S, at
from threatstamp.app.kinds import departings
from threatstamp.core import signs
from threatstamp.core.errors import SlackError
from threatstamp.core.time import later
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.outbox.search import SKEW, Gap, read_gap
from threatstamp.desk.ports.slack import Search

LIMIT = SlackError("ratelimited", retry_after=60.0)
UNKNOWN = SlackError("timeout", ambiguous=True)


def empty_page(after: str) -> Step:
    """A page of other people's messages."""

    def step(_: Callable[[], Any]) -> Any:
        return Search(found=None, after=after)

    return step


def in_the_other_channel(usually: Callable[[], Any]) -> Any:
    return usually()


def work(desk: Desk, seconds: int) -> None:
    for _ in range(seconds):
        desk.clock.time += S
        while desk.deliver.one():
            pass


def one_message(desk: Desk) -> None:
    """The desk owes one message, whose first attempt has an unknown outcome, and another is in another channel."""
    assert len({one.channel for one in desk.slack.messages}) == len(desk.slack.messages) == 2


def test_an_interrupted_search_goes_on_where_it_was() -> None:
    desk = stamped()
    desk.slack.script.then("post", fails_afterwards(UNKNOWN))
    desk.slack.script.then("find", empty_page("page-2"), fails(LIMIT), empty_page("page-3"), fails(LIMIT))
    work(desk, 200)
    assert desk.slack.searched == ["", "page-2", "page-2", "page-3", "page-3"]
    one_message(desk)


def test_a_cursor_that_slack_forgot_begins_the_search_anew() -> None:
    desk = stamped()
    desk.slack.script.then("post", fails_afterwards(UNKNOWN))
    gone = SlackError("invalid_cursor", permanent=True)
    desk.slack.script.then("find", empty_page("page-2"), fails(LIMIT), fails(gone))
    work(desk, 100)
    assert desk.slack.searched == ["", "page-2", "page-2", ""]
    one_message(desk)


def test_after_another_attempt_the_search_begins_with_what_is_newest() -> None:
    desk = stamped()
    desk.slack.script.then("post", fails(UNKNOWN), in_the_other_channel, fails_afterwards(UNKNOWN))
    desk.slack.script.then("find", empty_page("page-2"), fails(LIMIT), empty_page(""))
    work(desk, 200)
    # the last search finds the second attempt's message on the newest page, which the old cursor is behind
    assert desk.slack.searched == ["", "page-2", "page-2", ""]
    one_message(desk)


def restored(*, until: int) -> Desk:
    """A desk whose database forgot that the message in C1 went out; the forward was ordered once more."""
    before, desk = stamped(), stamped()
    before.deliver_all()
    # keys are made of names alone, so they are the same again
    desk.slack.messages += [message for message in before.slack.messages if message.channel == "C1"]
    desk.deliver = Deliver(desk.tools, departings(desk.tools), gap=Gap(since=at(500), until=at(until)))
    return desk


def test_after_a_restoration_a_message_that_was_forgotten_is_found_and_not_posted_again() -> None:
    desk = restored(until=999_999)
    desk.deliver_all()
    assert sorted(one.channel for one in desk.slack.messages) == ["C1", "C2"]
    assert set(desk.slack.searched_since) == {later(at(500), -SKEW)}  # long before it was ordered anew


def test_long_after_a_restoration_the_first_attempt_searches_no_more() -> None:
    desk = restored(until=600)
    desk.deliver_all()
    assert desk.slack.searched == []


def test_a_damaged_sign_of_a_restoration_stops_nothing() -> None:
    desk = stamped()
    with desk.store.transaction() as tx:
        tx.vitals.put(signs.RESTORED, "yesterday", now=at(1))
    with desk.store.reading() as read:
        assert read_gap(read) is None
