"""Stamps that wait to be judged do so only as long as somebody may still be waiting for the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.desk.stamps.test_any_order import ALARM, NEWS, POLICY, POST, QUIET, USERS, Desk, Event
from tests.support.times import S, at
from threatstamp.core.ids import GroupId
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.route import Verdict
from threatstamp.core.stamps.turn import Mark, TurnKind
from threatstamp.core.time import Micros
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.ports.tools import PolicyInForce
from threatstamp.desk.stamps.again import JudgeAgain

GROUP = GroupId("S1")
ROUTE = replace(
    POLICY.routes[0],
    allow_groups=frozenset({GROUP}),
    route=replace(POLICY.routes[0].route, allow=(GROUP,)),
)
ROUTE_OF_EACH = replace(
    POLICY.routes[1], allow_groups=frozenset({GROUP}), route=replace(POLICY.routes[1].route, allow=(GROUP,))
)
FOR_A_GROUP: Policy = replace(POLICY, routes=(ROUTE,))
OTHERS_ONLY: Policy = replace(POLICY, routes=POLICY.routes[1:])


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk on which a person has stamped, while the group that may do so cannot be read."""
    made = Desk()
    made.tools.in_force.now = FOR_A_GROUP
    say(made, 11, TurnKind.STAMP)
    assert not is_calm(made)
    yield made
    made.store.close()


def say(desk: Desk, seconds: int, kind: TurnKind) -> None:
    desk.learn(Event(USERS[0], ALARM, Mark(at=at(seconds), kind=kind)))


def judge_again(desk: Desk) -> bool:
    return JudgeAgain(desk.tools, desk.stamps).waiting()


def make_readable(desk: Desk) -> None:
    desk.slack.groups = {GROUP: frozenset({USERS[0]})}


def is_calm(desk: Desk) -> bool:
    return desk.store.is_calm(now=desk.clock.now(), late_before=Micros(0))


def waits(desk: Desk) -> bool:
    with desk.store.reading() as read:
        return bool(read.routes.judged(Verdict.WAITS, team=POLICY.team))


def test_a_stamp_that_is_held_waits_and_is_forwarded_once_the_group_can_be_read(desk: Desk) -> None:
    assert judge_again(desk)
    assert waits(desk)
    make_readable(desk)
    assert judge_again(desk)
    desk.deliver_all()
    assert [one.channel for one in desk.slack.messages] == ["C1", "C2"]


def test_a_stamp_that_was_withdrawn_while_it_waited_is_not_forwarded(desk: Desk) -> None:
    say(desk, 12, TurnKind.WITHDRAWAL)
    make_readable(desk)
    assert not judge_again(desk)
    desk.deliver_all()
    assert desk.slack.messages == []
    assert is_calm(desk)


def test_it_lapses_without_an_alert_though_the_group_still_cannot_be_read(desk: Desk) -> None:
    say(desk, 12, TurnKind.WITHDRAWAL)
    assert not judge_again(desk)
    with desk.store.reading() as read:
        assert not read.troubles.unfixed(TroubleKind.PEOPLE)
    assert is_calm(desk)


def test_whoever_stamps_again_while_the_first_stamp_waits_is_forwarded_once(desk: Desk) -> None:
    say(desk, 12, TurnKind.WITHDRAWAL)
    say(desk, 13, TurnKind.STAMP)
    make_readable(desk)
    assert judge_again(desk)
    desk.deliver_all()
    assert [one.channel for one in desk.slack.messages] == ["C1", "C2"]
    assert not any(one.first_text.startswith("~") for one in desk.slack.messages)
    assert not waits(desk)


def test_a_stamp_goes_on_waiting_while_the_routes_are_not_known(desk: Desk) -> None:
    """A spreadsheet has them, which cannot be read, or does not fit the settings at the moment."""
    desk.tools.in_force.now = replace(FOR_A_GROUP, routes=(), is_whole=False)
    meet(desk.tools)
    assert waits(desk)
    desk.tools.in_force.now = FOR_A_GROUP
    make_readable(desk)
    assert judge_again(desk)
    desk.deliver_all()
    assert [one.channel for one in desk.slack.messages] == ["C1", "C2"]


def test_a_stamp_stops_waiting_when_its_route_is_removed_from_the_settings(desk: Desk) -> None:
    desk.tools.in_force.now = OTHERS_ONLY
    meet(desk.tools)
    assert is_calm(desk)
    desk.tools.in_force.now = FOR_A_GROUP
    make_readable(desk)
    meet(desk.tools)
    assert not judge_again(desk)  # not even if the route comes back later
    desk.deliver_all()
    assert desk.slack.messages == []


def test_a_stamp_goes_on_waiting_while_a_process_does_not_know_its_route_yet(desk: Desk) -> None:
    behind = replace(desk.tools, in_force=PolicyInForce(OTHERS_ONLY))
    assert not JudgeAgain(behind, desk.stamps).waiting()
    desk.clock.time += S
    meet(desk.tools)
    assert waits(desk)


def test_a_waiting_stamp_that_cannot_be_judged_is_said_and_holds_up_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.tools.in_force.now = replace(POLICY, routes=(ROUTE, ROUTE_OF_EACH))
    desk.learn(Event(USERS[1], QUIET, Mark(at=at(12), kind=TurnKind.STAMP)))
    make_readable(desk)
    desk.slack.groups = {GROUP: frozenset(USERS)}
    odd: list[str] = []
    again = JudgeAgain(desk.tools, desk.stamps, odd=lambda what, error: odd.append(f"{what}: {error!r}"))
    usual = again._judge.judge

    def judge(tx: Any, matter: Any, route: Any, **more: Any) -> None:
        if matter.reaction == ALARM:
            raise KeyError("odd")
        usual(tx, matter, route, **more)

    monkeypatch.setattr(again._judge, "judge", judge)
    for _ in range(2):
        assert again.waiting()
        assert said(desk) == [f"waiting:{NEWS}:{POST.ts}"]
    assert odd == [f"{NEWS} {POST.ts}: KeyError('odd')"]
    desk.deliver_all()
    assert [one.channel for one in desk.slack.messages] == ["C3"]
    monkeypatch.undo()
    assert again.waiting()
    assert said(desk) == []
    desk.deliver_all()
    assert {one.channel for one in desk.slack.messages} == {"C1", "C2", "C3"}


def said(desk: Desk) -> list[str]:
    with desk.store.reading() as read:
        return [one.subject for one in read.troubles.unfixed(TroubleKind.POST)]
