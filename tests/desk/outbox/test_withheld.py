"""A forward that the desk itself holds back: it is not sent, and people are told why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.desk.stamps.test_any_order import ALARM, NEWS, USERS, Desk, Event
from tests.support.script import fails
from tests.support.times import S
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId
from threatstamp.core.outbox.departure import Withheld
from threatstamp.core.stamps.turn import Mark, TurnKind
from threatstamp.core.trouble import TroubleKind


@pytest.mark.parametrize(
    "reason", [Withheld.OWN_CHANNEL, Withheld.INCOMPLETE, Withheld.SHARED, Withheld.MARKED]
)
def test_a_forward_that_may_not_go_out_is_withheld_and_told(reason: Withheld) -> None:
    desk = Desk()
    to = NEWS if reason is Withheld.OWN_CHANNEL else ChannelId("C1")
    policy = replace(desk.tools.policy, routes=(replace(desk.tools.policy.routes[0], to=(to,)),))
    desk.tools.in_force.now = policy
    if reason is Withheld.MARKED:  # the post is only read when it is delivered
        desk.slack.script.then("look_up", fails(SlackError("timeout")))
        desk.slack.snapshot = replace(desk.slack.snapshot, title="TLP:RED 攻撃の観測")
    desk.learn(Event(USERS[0], ALARM, Mark(at=desk.clock.now(), kind=TurnKind.STAMP)))
    if reason is Withheld.SHARED:
        desk.tools.in_force.now = replace(policy, shared=frozenset({to}))
    elif reason is Withheld.INCOMPLETE:
        with desk.store.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM desk_forwards")
    for _ in range(20):
        desk.clock.time += 60 * S
        desk.deliver.one()
    assert desk.slack.messages == []
    with desk.store.reading() as read:
        errors = [one.values["error"] for one in read.troubles.unfixed(TroubleKind.UNDELIVERABLE)]
    assert errors == [reason.value]
    desk.store.close()
