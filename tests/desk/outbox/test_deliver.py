"""What delivery decides, with a fake Slack and a clock that the test moves."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.desk.stamps.test_any_order import ALARM, POLICY, QUIET, USERS, Desk, Event
from tests.support.fakes import owed, tools_of
from tests.support.script import fails, fails_afterwards
from tests.support.times import S, at
from threatstamp.app.kinds import departings
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId
from threatstamp.core.stamps.turn import Mark, TurnKind
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.outbox.retry import retry
from threatstamp.desk.troubles.tell import find_troubles, tell_troubles


def stamped(*errors: SlackError) -> Desk:
    desk = Desk()
    desk.slack.script.then("post", *map(fails, errors))
    desk.learn(Event(USERS[0], ALARM, Mark(at=at(11), kind=TurnKind.STAMP)))
    return desk


def test_the_first_retry_comes_within_five_seconds_and_later_ones_within_thirty() -> None:
    desk = stamped(*(SlackError("service_unavailable") for _ in range(40)))
    tries: list[int] = []
    while desk.slack.script.left("post"):
        left = desk.slack.script.left("post")
        while desk.deliver.one():
            pass
        if desk.slack.script.left("post") < left:
            tries.append(desk.clock.time)
        due = desk.store.next_due(now=desk.clock.now())
        assert due is not None
        desk.clock.time = max(due, desk.clock.time + 1)
    gaps = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert gaps[0] <= 5 * S
    assert max(gaps) <= 30 * S
    desk.deliver_all()
    assert len(desk.slack.messages) == 2


def test_a_permanent_error_ends_a_departure_with_slacks_code_and_opens_a_trouble() -> None:
    desk = stamped(SlackError("is_archived", permanent=True))
    desk.deliver_all()
    with desk.store.reading() as read:
        [left] = read.backlog.undeliverable()
        [trouble] = read.troubles.unfixed()
        kinds = [entry.kind for entry in read.ledger.entries()]
    assert left.error == "is_archived"
    assert trouble.kind is TroubleKind.UNDELIVERABLE
    assert kinds.count("undeliverable") == kinds.count("delivered") == 1


def test_a_channel_is_late_until_the_last_of_its_late_messages_is_delivered() -> None:
    desk = stamped()
    desk.learn(Event(USERS[1], QUIET, Mark(at=at(12), kind=TurnKind.STAMP)))
    desk.learn(Event(USERS[2], QUIET, Mark(at=at(13), kind=TurnKind.STAMP)))
    desk.slack.script.always("post", fails(SlackError("service_unavailable")))
    for _ in range(400):
        desk.clock.time += S
        desk.deliver.one()

    def late() -> set[str]:
        find_troubles(desk.tools)
        with desk.store.reading() as read:
            return {one.subject for one in read.troubles.unfixed(TroubleKind.LATE)}

    assert late() == {"C1", "C2", "C3"}
    desk.slack.script.always("post", None)
    reported: list[set[str]] = []
    while owed(desk.store):
        desk.clock.time += S
        if desk.deliver.one():
            with desk.store.reading() as read:
                reported.append({one.subject for one in read.troubles.unfixed(TroubleKind.LATE)})
            assert late() == reported[-1]  # nothing is closed that has to be opened again at once
    assert reported[-1] == set()


def test_a_post_that_was_deleted_is_forwarded_without_its_text() -> None:
    desk = Desk()
    desk.slack.gone = True
    desk.learn(Event(USERS[0], ALARM, Mark(at=at(11), kind=TurnKind.STAMP)))
    desk.deliver_all()
    assert all("元の投稿は削除されています" in str(one.rendered.blocks) for one in desk.slack.messages)
    assert len(desk.slack.messages) == 2


def test_an_old_claim_sends_nothing() -> None:
    desk = stamped()
    started = desk.clock.steady()
    claim = desk.store.claim(now=desk.clock.now(), lease=12, holder="slow")
    assert claim is not None
    desk.clock.time += 60 * S
    desk.deliver.carry(claim, since=started)
    assert desk.slack.messages == []
    desk.deliver_all()
    assert len(desk.slack.messages) == 2


def claimed_at_once() -> Desk:
    desk = Desk()
    desk.may_claim = lambda: True
    desk.learn(Event(USERS[0], ALARM, Mark(at=at(11), kind=TurnKind.STAMP)))
    assert len(desk.handed) == 2
    return desk


def test_a_forward_claimed_while_it_is_recorded_is_sent_once_by_its_holder() -> None:
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


def test_a_claim_that_is_executed_too_late_is_released_and_sends_nothing() -> None:
    desk = claimed_at_once()
    desk.clock.time += 5 * S  # within the lease, but too late to begin
    desk.carry()
    assert desk.slack.messages == []
    assert desk.deliver.one()
    assert len(desk.slack.messages) == 1


def test_a_destination_where_something_is_due_is_not_claimed_at_once() -> None:
    desk = stamped()
    desk.may_claim = lambda: True
    desk.learn(Event(USERS[1], QUIET, Mark(at=at(12), kind=TurnKind.STAMP)))
    assert [claim.departure.channel for claim, _ in desk.handed] == ["C3"]
    desk.learn(Event(USERS[2], QUIET, Mark(at=at(13), kind=TurnKind.STAMP)))
    assert len(desk.handed) == 1


def test_a_message_that_arrived_too_late_is_deleted_if_there_is_another_one() -> None:
    desk = claimed_at_once()
    claim, since = desk.handed.pop(0)

    def slow(post: Callable[[], Any]) -> Any:
        ts = post()
        late = desk.slack.messages.pop()
        desk.clock.time += 20 * S
        desk.deliver_all()  # the lease is over; another worker finds nothing, and posts
        desk.slack.messages.append(late)
        return ts

    desk.slack.script.then("post", slow)
    desk.deliver.carry(claim, since=since)
    assert len(desk.slack.messages) == 3
    desk.deliver_all()
    assert len(desk.slack.messages) == 2
    assert len({one.channel for one in desk.slack.messages}) == 2
    assert owed(desk.store) == 0


def test_a_message_that_arrived_too_late_stays_if_the_next_holder_found_it() -> None:
    desk = claimed_at_once()
    claim, since = desk.handed.pop(0)

    def slow(post: Callable[[], Any]) -> Any:
        ts = post()
        desk.clock.time += 20 * S
        desk.deliver_all()  # the lease is over; another worker finds the message by its key
        return ts

    desk.slack.script.then("post", slow)
    desk.deliver.carry(claim, since=since)
    desk.deliver_all()
    assert len(desk.slack.messages) == 2


def test_a_message_that_may_exist_is_searched_for_when_an_operator_retries_it() -> None:
    desk = stamped()
    desk.slack.script.then("post", fails_afterwards(SlackError("timeout", ambiguous=True)))
    desk.slack.script.always("find", fails(SlackError("not_in_channel", permanent=True)))
    desk.deliver_all()
    with desk.store.reading() as read:
        assert [one.error for one in read.backlog.undeliverable()] == ["not_in_channel"]
    desk.slack.script.always("find", None)
    retry(None, store=desk.store, clock=desk.clock)
    desk.deliver_all()
    assert len({one.channel for one in desk.slack.messages}) == len(desk.slack.messages) == 2


def test_a_refused_edit_is_tried_again_with_the_next_one() -> None:
    desk = stamped()
    desk.deliver_all()
    desk.slack.script.always("edit", fails(SlackError("not_in_channel", permanent=True)))
    desk.learn(Event(USERS[1], ALARM, Mark(at=at(12), kind=TurnKind.STAMP)))
    desk.deliver_all()
    with desk.store.reading() as read:
        assert {one.kind for one in read.troubles.unfixed()} == {TroubleKind.EDIT}
        assert read.backlog.undeliverable() == ()
    desk.slack.script.always("edit", None)
    desk.learn(Event(USERS[2], ALARM, Mark(at=at(13), kind=TurnKind.STAMP)))
    desk.deliver_all()
    for message in desk.slack.messages:
        assert all(user in str(message.rendered.blocks) for user in USERS)
    find_troubles(desk.tools)
    with desk.store.reading() as read:
        assert read.troubles.unfixed() == ()


def test_a_trouble_is_not_marked_as_reported_while_there_is_no_alerts_channel() -> None:
    desk = stamped(SlackError("is_archived", permanent=True))
    desk.deliver_all()
    assert not tell_troubles(desk.tools)
    policy = replace(POLICY, alerts=ChannelId("C0OPS"))
    somewhere = tools_of(policy, store=desk.store, slack=desk.slack, clock=desk.clock)
    assert tell_troubles(somewhere)
    assert not tell_troubles(somewhere)


def test_the_history_is_not_searched_on_the_first_attempt() -> None:
    desk = stamped()
    desk.slack.script.always("find", fails(AssertionError("the history was searched")))
    desk.deliver_all()
    assert len(desk.slack.messages) == 2


def test_a_delivery_that_cannot_be_recorded_is_said_holds_up_no_other_and_is_not_repeated() -> None:
    desk = Desk()
    reported: list[str] = []
    kinds = departings(desk.tools)
    deliver = Deliver(desk.tools, kinds, report=lambda one, error: reported.append(repr(error)))
    usual, odd = kinds["forward"].delivered, [True]

    def delivered(tx: Any, departure: Any, **more: Any) -> None:
        if odd and departure.id == first:
            raise KeyError("odd")
        usual(tx, departure, **more)

    kinds["forward"].delivered = delivered  # type: ignore[method-assign]
    desk.learn(Event(USERS[0], QUIET, Mark(at=at(11), kind=TurnKind.STAMP)))
    desk.learn(Event(USERS[1], QUIET, Mark(at=at(12), kind=TurnKind.STAMP)))  # `each`: into the same channel
    first = 1
    for _ in range(30):
        desk.clock.time += S
        deliver.one()
    with desk.store.reading() as read:
        states = [read.outbox.get(number).state.value for number in (1, 2)]
        assert read.outbox.get(1).error == "unexpected_error"
    assert states == ["pending", "delivered"]
    assert reported
    assert set(reported) == {"KeyError('odd')"}
    odd.clear()
    for _ in range(60):
        desk.clock.time += S
        deliver.one()
    assert owed(desk.store) == 0
    assert len(desk.slack.messages) == 2
