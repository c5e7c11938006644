"""Whom a forward calls when several leave together for one destination."""

from __future__ import annotations

from dataclasses import replace

import pytest

from threatstamp.core.ids import ChannelId, Emoji, RouteId, TeamId, Ts
from threatstamp.core.outbox.departure import State
from threatstamp.core.stamps.forward import Forward, Order, called_by
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import OnWithdraw
from threatstamp.core.time import SECOND, Micros

FIRST = Forward(
    place=Place(team=TeamId("T1"), channel=ChannelId("C0NEWS"), ts=Ts("1.0")),
    destination=ChannelId("C0SEC"),
    order=Order(
        route=RouteId("ciso"),
        route_name="ciso",
        reaction=Emoji("siren"),
        text="",
        mention=("<@U0CISO>", "<!here>"),
        on_withdraw=OnWithdraw.MARK,
        thread=False,
        external=False,
        delay=0.0,
    ),
    departure=7,
    state=State.DELIVERED,
    recorded_at=Micros(0),
)
SECOND_ROUTE = replace(FIRST.order, route=RouteId("team"), mention=("<@U0CISO>", "<@U0TEAM>"))
NEXT = replace(FIRST, order=SECOND_ROUTE, departure=8)


def test_the_first_calls_and_the_next_calls_only_who_is_not_called_yet() -> None:
    assert called_by(FIRST, [FIRST, NEXT]) == ("<@U0CISO>", "<!here>")
    assert called_by(NEXT, [FIRST, NEXT]) == ("<@U0TEAM>",)


@pytest.mark.parametrize("state", [State.CANCELLED, State.UNDELIVERABLE])
def test_a_forward_that_nobody_gets_calls_nobody(state: State) -> None:
    assert called_by(NEXT, [replace(FIRST, state=state)]) == SECOND_ROUTE.mention


def test_a_later_stamp_calls_again() -> None:
    later = replace(NEXT, recorded_at=Micros(60 * SECOND))
    assert called_by(later, [FIRST, later]) == SECOND_ROUTE.mention


def test_a_forward_that_waits_takes_nobody_from_one_that_leaves_at_once() -> None:
    waiting = replace(FIRST, order=replace(FIRST.order, delay=600.0))
    assert called_by(NEXT, [waiting, NEXT]) == SECOND_ROUTE.mention


def test_a_route_that_forwards_for_each_person_calls_for_each() -> None:
    assert called_by(replace(FIRST, departure=9), [FIRST]) == FIRST.order.mention
