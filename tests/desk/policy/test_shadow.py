"""In shadow everything is recorded and nothing is said; what was stamped then stays the script's for good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time

import pytest

from tests.desk.stamps.test_any_order import ALARM, POLICY, POST, QUIET, TEAM, USERS, Desk, Event, Seen
from tests.support.fakes import owed
from tests.support.times import S, at
from threatstamp.app.kinds import departings
from threatstamp.app.vitals import ProcessVitals
from threatstamp.core.cases.case import CaseAct, CaseState, Way
from threatstamp.core.ids import ChannelId, Emoji, FeedName, GroupId, RouteId, StoryId, TrackName
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.departure import State
from threatstamp.core.policy import Reminding
from threatstamp.core.stamps.forward import Forward
from threatstamp.core.stamps.route import Contact, Track
from threatstamp.core.stamps.turn import Mark, TurnKind
from threatstamp.desk.cases.reminding import remind_of_cases
from threatstamp.desk.news.publishing import STORY, order_publication
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.outbox.retry import retry
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.policy.shadow import begin_shadow, leave_shadow
from threatstamp.desk.ports.records import Kept
from threatstamp.desk.record.compare import compare_records
from threatstamp.desk.stamps.again import JudgeAgain
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.store import SqlStore
from threatstamp.store.shadow import ShadowStore


def put_to_work(desk: Desk, kind: type[SqlStore]) -> None:
    """A new process begins on the desk's database."""
    desk.tools = replace(desk.tools, store=kind(desk.store.engine))
    desk.stamps = TakeStamps(desk.tools)
    desk.deliver = Deliver(desk.tools, departings(desk.tools))


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk in shadow since second 1001; stamps of these tests have times from then on."""
    made = Desk()
    put_to_work(made, ShadowStore)
    made.may_claim = lambda: True
    made.clock.time = 1_001 * S
    begin_shadow(made.tools)
    yield made
    made.store.close()


def cut_over(desk: Desk) -> None:
    put_to_work(desk, SqlStore)
    assert leave_shadow(desk.tools)
    assert not leave_shadow(desk.tools)
    meet(desk.tools)


def say(
    desk: Desk, seconds: int, emoji: Emoji = ALARM, *, user: int = 0, kind: TurnKind = TurnKind.STAMP
) -> None:
    desk.clock.time = seconds * S
    desk.learn(Event(USERS[user], emoji, Mark(at=at(seconds), kind=kind)))


def stay(desk: Desk, seconds: int) -> None:
    """The process in shadow is alive at this time."""
    desk.clock.time = seconds * S
    begin_shadow(desk.tools)


def said(desk: Desk) -> list[str]:
    desk.deliver_all()
    return [message.channel for message in desk.slack.messages]


def states(desk: Desk) -> list[State]:
    with desk.store.reading() as read:
        return [forward.state for emoji in (ALARM, QUIET) for forward in read.forwards.of_post(POST, emoji)]


def agrees(desk: Desk) -> bool:
    """The tables are what the ledger says; of the first contacts of `Desk` it says nothing."""
    first = compare_records(desk.store).first
    return first is not None and first.table is Kept.CONTACTS


def test_in_shadow_a_stamp_is_recorded_with_its_forwards_and_nothing_is_ever_due(desk: Desk) -> None:
    say(desk, 1_010)
    say(desk, 1_011, QUIET)
    say(desk, 1_012, kind=TurnKind.WITHDRAWAL)
    assert desk.handed == []
    assert said(desk) == []
    assert states(desk) == [State.SHADOW] * 3
    assert agrees(desk)


def test_a_story_that_came_in_shadow_agrees_with_the_ledger_before_and_after_the_cut_over(desk: Desk) -> None:
    """The ledger has its entry, and tells of a post only once there is one."""
    new = order_publication(
        [StoryId("s1")], ChannelId("C1"), team=TEAM, feed=FeedName("f"), kind=STORY, now=at(1_005)
    )
    with desk.tools.store.transaction() as tx:
        assert tx.outbox.owe(new, now=at(1_005))
    assert agrees(desk)
    cut_over(desk)
    assert agrees(desk)


def test_a_process_that_speaks_finds_nothing_of_what_one_in_shadow_recorded_also_after_a_crash(
    desk: Desk,
) -> None:
    """There is no moment between the order and its being silent in which a process could die."""
    say(desk, 1_010)
    put_to_work(desk, SqlStore)
    assert (owed(desk.store), said(desk)) == (0, [])


def test_a_process_that_was_paused_over_a_cut_over_neither_renews_the_shadow_nor_goes_on(desk: Desk) -> None:
    paused, vitals = desk.tools, ProcessVitals(started_at=at(1_001), shadow=True)
    vitals.write(paused, host_ahead=0)
    assert not vitals.is_displaced
    cut_over(desk)
    vitals.write(paused, host_ahead=0)
    vitals.say_goodbye(paused)
    assert vitals.is_displaced
    assert not leave_shadow(desk.tools)


def test_a_process_that_speaks_and_was_paused_while_a_shadow_began_does_not_go_on(desk: Desk) -> None:
    put_to_work(desk, SqlStore)
    vitals = ProcessVitals(started_at=at(11))
    vitals.write(desk.tools, host_ahead=0)
    assert vitals.is_displaced


def test_what_was_owed_before_the_shadow_waits_until_it_has_ended() -> None:
    desk = Desk()
    desk.learn(Event(USERS[0], ALARM, Mark(at=at(11), kind=TurnKind.STAMP)))
    put_to_work(desk, ShadowStore)
    begin_shadow(desk.tools)
    assert not desk.deliver.one()
    assert desk.tools.store.next_due(now=desk.clock.now()) is None
    cut_over(desk)
    assert said(desk) == ["C1", "C2"]


def test_after_the_cut_over_nothing_of_the_shadow_is_forwarded_and_the_next_stamp_is(desk: Desk) -> None:
    say(desk, 1_010)
    stay(desk, 1_020)
    cut_over(desk)
    say(desk, 1_030, QUIET)
    assert said(desk) == ["C3"]
    assert agrees(desk)


def test_whoever_joins_or_withdraws_a_stamp_of_the_shadow_after_the_cut_over_is_on_record_only(
    desk: Desk,
) -> None:
    say(desk, 1_010)
    stay(desk, 1_020)
    cut_over(desk)
    say(desk, 1_030, user=1)
    say(desk, 1_031, kind=TurnKind.WITHDRAWAL)
    say(desk, 1_032)
    say(desk, 1_010)  # the event once more
    assert said(desk) == []
    assert states(desk) == [State.SHADOW] * 2
    with desk.store.reading() as read:
        assert len(list(read.ledger.entries(kind=Kind.STAMP))) == 3


def test_with_each_the_next_person_has_a_forward_after_the_cut_over(desk: Desk) -> None:
    say(desk, 1_010, QUIET)
    stay(desk, 1_020)
    cut_over(desk)
    say(desk, 1_030, QUIET, user=1)
    assert said(desk) == ["C3"]


def test_an_event_from_the_shadow_that_comes_after_it_is_recorded_and_not_forwarded(desk: Desk) -> None:
    """It waited in the inbox of a process that was killed, or Slack sends it again."""
    stay(desk, 1_020)
    cut_over(desk)
    desk.clock.time = 1_030 * S
    desk.learn(Event(USERS[0], ALARM, Mark(at=at(1_015), kind=TurnKind.STAMP)))
    assert said(desk) == []
    with desk.store.reading() as read:
        assert len(list(read.ledger.entries(kind=Kind.STAMP))) == 1


def test_what_was_stamped_while_nothing_ran_is_forwarded_by_the_first_look(desk: Desk) -> None:
    stay(desk, 1_020)
    cut_over(desk)
    desk.learn(Seen(1_030 * S, 1_031 * S, ((ALARM, frozenset({USERS[0]})),), whole=True))
    assert said(desk) == ["C1", "C2"]


def test_a_stamp_that_waited_for_a_group_in_shadow_is_not_forwarded_after_it(desk: Desk) -> None:
    group = GroupId("S1")
    route = replace(POLICY.routes[0].route, allow=(group,))
    bound = replace(POLICY.routes[0], allow_groups=frozenset({group}), route=route)
    desk.tools.in_force.now = replace(POLICY, routes=(bound,))
    say(desk, 1_010)
    stay(desk, 1_020)
    cut_over(desk)
    desk.slack.groups = {group: frozenset({USERS[0]})}
    assert not JudgeAgain(desk.tools, desk.stamps).waiting()
    assert said(desk) == []


def test_a_first_contact_that_is_later_than_the_shadow_stays_as_it_is(desk: Desk) -> None:
    met = Contact(since=at(1_025), looked_at=at(1_026))
    with desk.store.transaction() as tx:
        tx.routes.put_contact(POST.channel, RouteId("ciso"), team=TEAM, contact=met)
    cut_over(desk)
    with desk.store.reading() as read:
        assert read.routes.contact(POST.channel, RouteId("ciso"), team=TEAM) == met


def test_an_operator_can_send_one_that_the_script_did_not_get_to_but_never_all(desk: Desk) -> None:
    say(desk, 1_010)
    stay(desk, 1_020)
    cut_over(desk)
    [first, _] = [forward.departure for forward in _forwards(desk)]
    assert retry(None, store=desk.store, clock=desk.clock) == ()
    [tried] = retry((first,), store=desk.store, clock=desk.clock)
    assert (tried.id, said(desk)) == (first, [tried.channel])
    assert agrees(desk)


def _forwards(desk: Desk) -> tuple[Forward, ...]:
    with desk.store.reading() as read:
        return read.forwards.of_post(POST, ALARM)


def test_a_forward_that_was_cancelled_before_the_shadow_is_not_opened_by_a_stamp_in_it() -> None:
    desk = Desk()
    desk.tools.in_force.now = replace(
        POLICY,
        routes=(replace(POLICY.routes[0], route=replace(POLICY.routes[0].route, delay=60.0), to=(_C1,)),),
    )
    say(desk, 11)
    say(desk, 12, kind=TurnKind.WITHDRAWAL)
    assert said(desk) == []
    put_to_work(desk, ShadowStore)
    stay(desk, 1_001)
    say(desk, 1_010)
    stay(desk, 1_020)
    cut_over(desk)
    assert (said(desk), states(desk)) == ([], [State.SHADOW])
    assert agrees(desk)


_C1 = ChannelId("C1")


def test_cases_of_the_shadow_are_on_record_and_withdrawn_with_it_until_somebody_stamps_again(
    desk: Desk,
) -> None:
    track = TrackName(Track.PRODUCT)
    routes = tuple(replace(one, route=replace(one.route, case=track)) for one in POLICY.routes)
    room = Reminding(channel=ChannelId("C0TEAM"), days=1, at=time(0))
    desk.tools.in_force.now = replace(POLICY, routes=routes, reminding=room)

    def case_state() -> CaseState:
        with desk.store.reading() as read:
            [case] = read.cases.every()
            return case.state

    say(desk, 1_010)
    assert case_state() is CaseState.NEW
    stay(desk, 1_020)
    cut_over(desk)
    assert case_state() is CaseState.WITHDRAWN
    with desk.store.reading() as read:
        [move] = read.cases.moves(1)
    assert (move.wish.act, move.by, move.way) == (CaseAct.WITHDRAW, POLICY.me, Way.CLOCK)
    remind_of_cases(desk.tools)
    assert said(desk) == []  # neither a card nor a word about it
    say(desk, 1_030, user=1)
    assert case_state() is CaseState.NEW
    assert agrees(desk)
