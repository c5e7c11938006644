"""The courier's decisions, with a fake Slack and a clock that the test moves."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from tests.desk.test_any_order import ALARM, POLICY, QUIET, USERS, Desk, Event, S
from threatstamp.core.errors import LeaseLostError, SlackError
from threatstamp.core.ids import ChannelId
from threatstamp.core.stamp import Mark, Turn
from threatstamp.desk.alert import find_troubles, tell_troubles
from threatstamp.desk.ports import Timing
from threatstamp.desk.retry import retry


def stamped(*errors: SlackError) -> Desk:
    desk = Desk()
    desk.slack.errors = list(errors)
    desk.learn(Event(USERS[0], ALARM, Mark(at=11 * S, turn=Turn.STAMP)))
    return desk


def test_the_first_retry_comes_within_five_seconds_and_patience_ends_at_thirty() -> None:
    desk = stamped(*(SlackError("service_unavailable") for _ in range(40)))
    tries: list[int] = []
    while desk.slack.errors:
        left = len(desk.slack.errors)
        while desk.deliver.one():
            pass
        if len(desk.slack.errors) < left:
            tries.append(desk.clock.time)
        due = desk.store.next_due(now=desk.clock.time)
        assert due is not None
        desk.clock.time = max(due, desk.clock.time + 1)
    gaps = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert gaps[0] <= 5 * S
    assert max(gaps) <= 30 * S
    desk.deliver_all()
    assert len(desk.slack.messages) == 2


def test_a_permanent_error_ends_it_with_slacks_code_and_a_trouble() -> None:
    desk = stamped(SlackError("is_archived", permanent=True))
    desk.deliver_all()
    with desk.store.reading() as tx:
        [left] = tx.undeliverable()
        [trouble] = tx.troubles()
        kinds = [entry.kind for entry in tx.entries()]
    assert left.error == "is_archived"
    assert trouble.kind == "undeliverable"
    assert kinds.count("undeliverable") == kinds.count("delivered") == 1


def test_a_post_that_is_gone_is_forwarded_without_its_words() -> None:
    desk = Desk()
    desk.slack.gone = True
    desk.learn(Event(USERS[0], ALARM, Mark(at=11 * S, turn=Turn.STAMP)))
    desk.deliver_all()
    assert all("元の投稿は削除されています" in str(one.shown.blocks) for one in desk.slack.messages)
    assert len(desk.slack.messages) == 2


def test_an_old_claim_sends_nothing() -> None:
    desk = stamped()
    claim = desk.store.claim(now=desk.clock.time, lease=12, holder="slow")
    assert claim is not None
    until = desk.clock.steady() + 2
    desk.clock.time += 60 * S
    with pytest.raises(LeaseLostError):
        desk.deliver._forward(claim, until)
    assert desk.slack.messages == []
    desk.deliver_all()
    assert len(desk.slack.messages) == 2


def claimed_at_once() -> Desk:
    desk = Desk()
    desk.stamps.may_claim = lambda: True
    desk.learn(Event(USERS[0], ALARM, Mark(at=11 * S, turn=Turn.STAMP)))
    assert len(desk.handed) == 2
    return desk


def test_what_is_claimed_as_it_is_recorded_is_nobody_elses_and_goes_out_once() -> None:
    desk = claimed_at_once()
    assert not desk.deliver.one()
    desk.carry()
    assert len(desk.slack.messages) == 2
    desk.deliver_all()
    assert len(desk.slack.messages) == 2


def test_a_forward_whose_holder_died_at_once_is_taken_over_when_its_lease_ends() -> None:
    desk = claimed_at_once()
    desk.deliver.carry(desk.handed[0][0], since=desk.handed[0][1])
    desk.deliver_all()
    assert len(desk.slack.messages) == 2
    assert len({one.channel for one in desk.slack.messages}) == 2


def test_a_claim_that_was_carried_too_late_is_given_back_and_sends_nothing() -> None:
    desk = claimed_at_once()
    desk.clock.time += 5 * S  # within the lease, but too late to begin
    desk.carry()
    assert desk.slack.messages == []
    assert desk.deliver.one()
    assert len(desk.slack.messages) == 1


def test_a_destination_where_something_waits_is_not_claimed_at_once() -> None:
    desk = stamped()
    desk.stamps.may_claim = lambda: True
    desk.learn(Event(USERS[1], QUIET, Mark(at=12 * S, turn=Turn.STAMP)))
    assert [claim.departure.channel for claim, _ in desk.handed] == ["C3"]
    desk.learn(Event(USERS[2], QUIET, Mark(at=13 * S, turn=Turn.STAMP)))
    assert len(desk.handed) == 1


def test_a_message_that_arrived_too_late_is_taken_back_only_if_another_one_stands() -> None:
    desk = claimed_at_once()
    claim, since = desk.handed.pop(0)
    inner = desk.slack.post

    def slow(saying: Any, **how: Any) -> Any:
        desk.slack.post = inner  # type: ignore[method-assign]
        ts = inner(saying, **how)
        late = desk.slack.messages.pop()
        desk.clock.time += 20 * S
        desk.deliver_all()  # the lease is over, nothing is found, and another one posts
        desk.slack.messages.append(late)
        return ts

    desk.slack.post = slow  # type: ignore[method-assign]
    desk.deliver.carry(claim, since=since)
    assert len(desk.slack.messages) == 3
    desk.deliver_all()
    assert len(desk.slack.messages) == 2
    assert len({one.channel for one in desk.slack.messages}) == 2
    assert desk.store.owed_count() == 0


def test_a_message_that_arrived_too_late_and_was_found_stays() -> None:
    desk = claimed_at_once()
    claim, since = desk.handed.pop(0)
    inner = desk.slack.post

    def slow(saying: Any, **how: Any) -> Any:
        desk.slack.post = inner  # type: ignore[method-assign]
        ts = inner(saying, **how)
        desk.clock.time += 20 * S
        desk.deliver_all()  # the lease is over, and another one finds it by its key
        return ts

    desk.slack.post = slow  # type: ignore[method-assign]
    desk.deliver.carry(claim, since=since)
    desk.deliver_all()
    assert len(desk.slack.messages) == 2


def test_what_may_stand_already_is_looked_for_when_it_is_tried_again() -> None:
    desk = stamped(SlackError("timeout", ambiguous=True))
    inner, find = desk.slack.post, desk.slack.find

    def posted_all_the_same(saying: Any, **how: Any) -> Any:
        desk.slack.post = inner  # type: ignore[method-assign]
        desk.slack.errors.clear()
        inner(saying, **how)
        raise SlackError("timeout", ambiguous=True)

    def refused(*_: object, **__: object) -> None:
        raise SlackError("not_in_channel", permanent=True)

    desk.slack.post = posted_all_the_same  # type: ignore[method-assign]
    desk.slack.find = refused  # type: ignore[method-assign]
    desk.deliver_all()
    with desk.store.reading() as tx:
        assert [one.error for one in tx.undeliverable()] == ["not_in_channel"]
    desk.slack.find = find  # type: ignore[method-assign]
    retry(None, store=desk.store, clock=desk.clock)
    desk.deliver_all()
    assert len({one.channel for one in desk.slack.messages}) == len(desk.slack.messages) == 2


def test_an_edit_that_was_refused_is_tried_again_with_the_next_one() -> None:
    desk = stamped()
    desk.deliver_all()
    inner = desk.slack.edit

    def refused(*_: object, **__: object) -> None:
        raise SlackError("not_in_channel", permanent=True)

    desk.slack.edit = refused  # type: ignore[method-assign]
    desk.learn(Event(USERS[1], ALARM, Mark(at=12 * S, turn=Turn.STAMP)))
    desk.deliver_all()
    with desk.store.reading() as tx:
        assert {one.kind for one in tx.troubles()} == {"edit"}
        assert tx.undeliverable() == ()
    desk.slack.edit = inner  # type: ignore[method-assign]
    desk.learn(Event(USERS[2], ALARM, Mark(at=13 * S, turn=Turn.STAMP)))
    desk.deliver_all()
    for message in desk.slack.messages:
        assert all(user in str(message.shown.blocks) for user in USERS)
    find_troubles(store=desk.store, clock=desk.clock, timing=Timing())
    with desk.store.reading() as tx:
        assert tx.troubles() == ()


def test_a_trouble_is_not_told_while_there_is_nowhere_to_tell_it() -> None:
    desk = stamped(SlackError("is_archived", permanent=True))
    desk.deliver_all()
    nowhere, somewhere = POLICY, replace(POLICY, alerts=ChannelId("C0OPS"))
    assert not tell_troubles(policy=nowhere, store=desk.store, clock=desk.clock)
    assert tell_troubles(policy=somewhere, store=desk.store, clock=desk.clock)
    assert not tell_troubles(policy=somewhere, store=desk.store, clock=desk.clock)


def test_nothing_is_asked_of_the_history_on_the_first_attempt() -> None:
    desk = stamped()

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the history was asked")

    desk.slack.find = never  # type: ignore[method-assign]
    desk.deliver_all()
    assert len(desk.slack.messages) == 2
