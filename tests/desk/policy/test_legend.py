"""Each source channel has one legend, which says what the policy in force says, whatever fails on the way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from tests.desk.stamps.test_any_order import NEWS, POLICY, TEAM, Desk
from tests.support.script import fails, fails_afterwards
from tests.support.times import S, at
from threatstamp.app.kinds import departings
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import Key
from threatstamp.core.outbox.departure import NewDeparture
from threatstamp.core.policy import Policy
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.outbox.search import Gap
from threatstamp.desk.policy.legend import PINNED, LegendState, legend_state, order_legends
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.stamps.confirming import THREAD_LINE, ThreadLine

REFUSED = fails(SlackError("missing_scope", permanent=True))
NO_ANSWER = SlackError("timeout", ambiguous=True)
THEIRS = (Key(""), "the team's own notes")
FEWER = replace(POLICY, routes=POLICY.routes[:1])
ELSEWHERE = replace(POLICY, sources=frozenset())


class Killed(BaseException):
    """kill -9, as far as one process can play it: nothing after it is done."""


def put(*, refused: bool = False) -> Desk:
    """Returns a desk whose legend is up."""
    desk = Desk()
    if refused:
        desk.slack.script.always("put_canvas", REFUSED)
    order_legends(desk.tools)
    desk.deliver_all()
    return desk


def adopt(desk: Desk, policy: Policy) -> None:
    desk.tools.in_force.now = policy
    meet(desk.tools)
    desk.deliver_all()


def state_of(desk: Desk) -> LegendState:
    with desk.store.reading() as read:
        state = legend_state(read.vitals, NEWS, team=TEAM)
    assert state is not None
    return state


def canvas(desk: Desk) -> str:
    return desk.slack.canvases[NEWS][1]


def message(desk: Desk) -> str:
    [posted] = desk.slack.messages
    return str(posted.rendered.blocks)


def test_the_canvas_says_what_each_stamp_does_and_there_is_no_message_beside_it() -> None:
    desk = put()
    for word in ("`ciso`", "`each`", "`C1`", "`C3`", ":rotating_light:", ":wrench:"):
        assert word in canvas(desk)
    assert not desk.slack.messages
    assert state_of(desk).refused == ""


def test_where_the_canvas_is_refused_a_message_is_pinned_and_calls_nobody() -> None:
    desk = put(refused=True)
    [posted] = desk.slack.messages
    assert desk.slack.pins == [(NEWS, posted.ts)]
    assert "<@U9>" not in posted.first_text
    assert "<@U9>" in message(desk), "the edit, which calls nobody, says who is called"
    assert (state_of(desk).refused, state_of(desk).pin) == ("missing_scope", PINNED)


def test_a_message_that_cannot_be_pinned_stays_a_message_and_is_no_trouble() -> None:
    desk = Desk()
    desk.slack.script.always("put_canvas", REFUSED)
    desk.slack.script.always("pin", fails(SlackError("too_many_pins", permanent=True)))
    order_legends(desk.tools)
    desk.deliver_all()
    assert state_of(desk).pin == "too_many_pins"
    with desk.store.reading() as read:
        assert not read.troubles.unfixed()


@pytest.mark.parametrize("step", ["put_canvas", "post", "edit", "pin"])
@pytest.mark.parametrize("happens", [fails, fails_afterwards])
def test_whatever_fails_once_there_is_one_legend(step: str, happens: Callable[..., object]) -> None:
    for refused in (False, True):
        desk = Desk()
        if refused:
            desk.slack.canvases[NEWS] = THEIRS
        desk.slack.script.then(step, happens(NO_ANSWER))  # type: ignore[arg-type]
        order_legends(desk.tools)
        desk.deliver_all()
        assert (len(desk.slack.canvases), len(desk.slack.messages)) == (1, int(refused))
        assert not refused or "<@U9>" in message(desk)


@pytest.mark.parametrize("step", ["put_canvas", "post", "edit", "pin"])
@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("refused", [False, True])
def test_wherever_the_process_is_killed_there_is_one_legend(step: str, is_done: bool, refused: bool) -> None:
    desk = Desk()
    if refused:
        desk.slack.canvases[NEWS] = THEIRS

    def killed(usually: Callable[[], object]) -> None:
        if is_done:
            usually()
        raise Killed

    desk.slack.script.then(step, killed)
    order_legends(desk.tools)
    with suppress(Killed):
        desk.deliver_all()
    desk.deliver = Deliver(desk.tools, departings(desk.tools))
    desk.clock.time += 600 * S
    desk.deliver_all()
    assert (len(desk.slack.canvases), len(desk.slack.messages)) == (1, int(refused))
    assert "`ciso`" in (message(desk) if refused else canvas(desk))
    assert state_of(desk).pin == (PINNED if refused else "")


@pytest.mark.parametrize("refused", [False, True])
def test_a_changed_policy_is_one_edit_and_one_that_says_the_same_is_none(refused: bool) -> None:
    desk = put(refused=refused)
    said = message if refused else canvas
    before = state_of(desk)
    adopt(desk, replace(POLICY, digest="of a file with another comment"))
    assert state_of(desk) == before
    adopt(desk, FEWER)
    assert "`ciso`" in said(desk)
    assert "`each`" not in said(desk)
    assert state_of(desk).departure == before.departure
    assert len(desk.slack.messages) == int(refused)
    with desk.store.reading() as read:
        assert read.outbox.get(before.departure).revision == 2 + int(refused)  # a message begins with an edit


@pytest.mark.parametrize("refused", [False, True])
def test_in_a_channel_that_is_a_source_no_longer_it_says_so_and_comes_back_with_it(refused: bool) -> None:
    desk = put(refused=refused)
    said = message if refused else canvas
    adopt(desk, ELSEWHERE)
    assert "何も転送しません" in said(desk)
    assert "ciso" not in said(desk)
    adopt(desk, POLICY)
    assert "`ciso`" in said(desk)


def test_while_the_routes_of_a_spreadsheet_are_not_known_the_legend_stays() -> None:
    desk = put()
    adopt(desk, replace(POLICY, routes=(), is_whole=False))
    assert "`ciso`" in canvas(desk)


def test_ordering_it_again_adds_nothing_and_brings_back_what_somebody_deleted() -> None:
    desk = put()
    order_legends(desk.tools)
    desk.deliver_all()
    assert not desk.slack.messages
    desk.slack.canvases.clear()
    adopt(desk, FEWER)
    assert not desk.slack.canvases, "a person has deleted it"
    with desk.store.reading() as read:
        assert not read.troubles.unfixed()
    order_legends(desk.tools)
    desk.deliver_all()
    assert "`ciso`" in canvas(desk)


@pytest.mark.parametrize("is_there", [False, True])
def test_a_holder_that_comes_too_late_does_not_leave_an_old_legend(is_there: bool) -> None:
    desk = put() if is_there else Desk()

    def overtaken(usually: Callable[[], object]) -> None:
        desk.clock.time += 600 * S
        desk.tools.in_force.now = POLICY
        meet(desk.tools)
        assert desk.deliver.one(), "another holder puts up the newest"
        usually()

    desk.slack.script.then("put_canvas", overtaken)
    if not is_there:
        desk.tools.in_force.now = FEWER
        order_legends(desk.tools)
    adopt(desk, FEWER)
    assert "`each`" in canvas(desk)


def test_a_limit_of_canvases_does_not_hold_up_the_channels_messages() -> None:
    desk = Desk()
    desk.slack.script.then("put_canvas", fails(SlackError("ratelimited", retry_after=30.0)))
    order_legends(desk.tools)
    assert desk.deliver.one()
    line = NewDeparture(
        name="n",
        team=TEAM,
        kind=THREAD_LINE,
        channel=NEWS,
        due_at=desk.clock.now(),
        body=ThreadLine(route_name="ciso", to=()).write(),
    )
    with desk.store.transaction() as tx:
        tx.outbox.owe(line, now=desk.clock.now())
    assert desk.deliver.one()
    assert len(desk.slack.messages) == 1


@pytest.mark.parametrize("refused", [False, True])
def test_a_database_that_was_restored_finds_the_legend_that_it_forgot(refused: bool) -> None:
    before, desk = put(refused=refused), Desk()
    desk.slack.canvases, desk.slack.messages = before.slack.canvases, before.slack.messages
    if refused:
        desk.slack.script.always("put_canvas", REFUSED)
    gap = Gap(since=at(0), until=at(9_999))
    desk.deliver = Deliver(desk.tools, departings(desk.tools), gap=gap)
    order_legends(desk.tools)
    desk.deliver_all()
    assert (len(desk.slack.canvases), len(desk.slack.messages)) == ((0, 1) if refused else (1, 0))


def test_somebody_elses_canvas_is_left_alone() -> None:
    desk = Desk()
    desk.slack.canvases[NEWS] = THEIRS
    order_legends(desk.tools)
    desk.deliver_all()
    assert canvas(desk) == "the team's own notes"
    assert "`ciso`" in message(desk)


def test_a_canvas_that_may_be_there_and_cannot_be_looked_for_gets_no_message_beside_it() -> None:
    desk = Desk()
    desk.slack.script.then("put_canvas", fails_afterwards(NO_ANSWER))
    blind = SlackError("missing_scope", permanent=True, ambiguous=True)
    desk.slack.script.always("put_canvas", fails(blind))
    order_legends(desk.tools)
    desk.deliver_all()
    assert not desk.slack.messages
    with desk.store.reading() as read:
        assert [one.kind for one in read.troubles.unfixed()] == [TroubleKind.UNDELIVERABLE]


def test_a_canvas_that_may_not_be_edited_any_more_is_a_trouble_and_no_second_legend() -> None:
    desk = put()
    desk.slack.script.always("put_canvas", REFUSED)
    adopt(desk, FEWER)
    assert not desk.slack.messages
    with desk.store.reading() as read:
        assert [one.kind for one in read.troubles.unfixed()] == [TroubleKind.EDIT]
