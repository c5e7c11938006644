"""A route with `confirm_by` forwards nothing until whoever stamped says so, and then at once and exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.desk.stamps.test_any_order import ALARM, NEWS, POLICY, QUIET, USERS, Desk, Event
from tests.desk.stamps.test_escalating import deliver, entries, said
from tests.support.fakes import owed
from tests.support.times import S, at
from threatstamp.core.ids import RouteId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.turn import Mark, TurnKind
from threatstamp.core.time import DAY
from threatstamp.desk.outbox.retry import retry
from threatstamp.desk.stamps.asking import Confirmation, Stage, StampQuestion, take_confirmation

FIRST, SECOND, _ = USERS


def asking(*, each: bool = False) -> Policy:
    first = POLICY.routes[0]
    grave = replace(first, route=replace(first.route, confirm=True, each=each))
    plain = replace(first, route=replace(first.route, id=RouteId("plain"), reaction=QUIET))
    return replace(POLICY, routes=(grave, plain))


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    made.tools.in_force.now = asking()
    yield made
    made.store.close()


def stamp(
    desk: Desk, seconds: int = 11, kind: TurnKind = TurnKind.STAMP, user: str = FIRST, emoji: str = ALARM
) -> None:
    mark = Mark(at=at(seconds), kind=kind)
    desk.learn(Event(USERS[USERS.index(user)], ALARM if emoji == ALARM else QUIET, mark))


def asked(desk: Desk) -> list[tuple[str, Stage]]:
    deliver(desk)
    return [(one.user, one.stage) for one in desk.slack.whispers if isinstance(one, StampQuestion)]


def confirm(desk: Desk, user: str = FIRST, key: str = "click") -> bool:
    [question, *_] = [one for one in desk.slack.whispers if isinstance(one, StampQuestion)]
    known = USERS[USERS.index(user)]
    confirmation = Confirmation(forward=question.forward, user=known, channel=NEWS, key=key)
    done = take_confirmation(confirmation, event=0, tools=desk.tools)
    deliver(desk)
    return done


def test_nothing_goes_out_until_the_maker_confirms_and_a_second_click_does_nothing(desk: Desk) -> None:
    stamp(desk)
    assert asked(desk) == [(FIRST, Stage.ASKED)]
    assert desk.slack.messages == []
    assert confirm(desk)
    assert [one.channel for one in desk.slack.messages] == ["C1", "C2"]
    assert "<@U9>" in desk.slack.messages[0].first_text
    assert not confirm(desk, key="again")
    assert asked(desk) == [(FIRST, Stage.ASKED), (FIRST, Stage.CONFIRMED), (FIRST, Stage.LATE)]
    assert len(desk.slack.messages) == 2
    assert [(one["by"], one["destination"]) for one in entries(desk, Kind.CONFIRMED)] == [
        (FIRST, "C1"),
        (FIRST, "C2"),
    ]
    assert owed(desk.store) == 0


def test_nobody_else_can_confirm_and_nobody_who_took_the_stamp_back(desk: Desk) -> None:
    stamp(desk)
    asked(desk)
    assert not confirm(desk, user=SECOND)
    stamp(desk, 20, TurnKind.WITHDRAWAL)
    assert not confirm(desk, key="late")
    desk.clock.time += DAY
    deliver(desk)
    assert desk.slack.messages == []
    assert entries(desk, Kind.UNCONFIRMED) == []
    assert len(entries(desk, Kind.CANCELLED)) == 2


def test_after_a_day_it_is_cancelled_on_record_and_stamping_again_asks_again(desk: Desk) -> None:
    stamp(desk)
    asked(desk)
    desk.clock.time += DAY + S
    deliver(desk)
    assert len(entries(desk, Kind.UNCONFIRMED)) == 2
    assert len(entries(desk, Kind.CANCELLED)) == 2
    assert not confirm(desk)
    now = desk.clock.time // S
    stamp(desk, now, TurnKind.WITHDRAWAL)
    stamp(desk, now + 1)
    assert asked(desk)[-1] == (FIRST, Stage.ASKED)
    assert desk.slack.messages == []
    assert confirm(desk, key="second")
    assert len(desk.slack.messages) == 2


def test_each_who_stamps_is_asked_and_one_of_them_is_enough(desk: Desk) -> None:
    stamp(desk)
    stamp(desk, 12, user=SECOND)
    assert asked(desk) == [(FIRST, Stage.ASKED), (SECOND, Stage.ASKED)]
    assert confirm(desk, user=SECOND)
    assert len(desk.slack.messages) == 2
    assert FIRST in str(desk.slack.messages[0].rendered.blocks)


def test_what_is_held_takes_no_mention_from_what_goes_out(desk: Desk) -> None:
    stamp(desk)
    stamp(desk, 12, emoji=QUIET)
    deliver(desk)
    assert "<@U9>" in said(desk, "C1")[0]


def test_with_each_everybody_confirms_their_own(desk: Desk) -> None:
    desk.tools.in_force.now = asking(each=True)
    stamp(desk)
    stamp(desk, 12, user=SECOND)
    asked(desk)
    assert not confirm(desk, user=SECOND)  # the first one's question
    assert confirm(desk)
    assert len(desk.slack.messages) == 2


def test_an_operator_can_let_it_go(desk: Desk) -> None:
    stamp(desk)
    asked(desk)
    [question] = [one for one in desk.slack.whispers if isinstance(one, StampQuestion)]
    assert retry(None, store=desk.store, clock=desk.clock) == ()
    assert len(retry((question.forward,), store=desk.store, clock=desk.clock)) == 1
    deliver(desk)
    assert [one.channel for one in desk.slack.messages] == ["C1"]
    assert [one["error"] for one in entries(desk, Kind.RETRY)] == ["unconfirmed"]
