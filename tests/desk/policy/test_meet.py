"""The policy is on record as it is in force."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.desk.stamps.test_any_order import POLICY, Desk
from threatstamp.core.ids import ChannelId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.policy import Policy
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.policy.meet import meet

LOST = replace(
    POLICY, routes=(replace(POLICY.routes[0], to=(ChannelId("#sec"),)), *POLICY.routes[1:]), lost=("#sec",)
)


def destinations(desk: Desk, *policies: Policy) -> list[list[str]]:
    """Returns where the first route leads, by each entry that the policies leave on record."""
    for policy in policies:
        desk.tools.in_force.now = policy
        meet(desk.tools)
    with desk.store.reading() as read:
        bodies = [json.loads(entry.body or "") for entry in read.ledger.entries(kind=Kind.POLICY)]
    return [body["routes"][0]["to"] for body in bodies]


def test_a_policy_is_recorded_once_whoever_meets_it_and_however_often() -> None:
    assert destinations(Desk(), POLICY, POLICY, POLICY) == [["C1", "C2"]]


def test_a_name_that_is_found_at_last_is_on_record_with_the_channel_that_it_means() -> None:
    assert destinations(Desk(), LOST, LOST, POLICY) == [["#sec"], ["C1", "C2"]]


def test_a_name_that_is_lost_is_reported_until_it_is_found() -> None:
    desk = Desk()
    destinations(desk, LOST)
    with desk.store.reading() as read:
        assert [one.subject for one in read.troubles.unfixed()] == ["#sec"]
    destinations(desk, POLICY)
    with desk.store.reading() as read:
        assert not read.troubles.unfixed()


def test_a_name_that_could_mean_two_is_reported_with_both_until_it_means_one() -> None:
    desk = Desk()
    destinations(desk, replace(LOST, ambiguous={"#sec": ("C1", "C2")}))
    with desk.store.reading() as read:
        [trouble] = read.troubles.unfixed()
    assert trouble.kind is TroubleKind.AMBIGUOUS
    assert trouble.values == {"name": "#sec", "candidates": "C1 C2"}
    destinations(desk, LOST)
    with desk.store.reading() as read:
        assert [one.kind for one in read.troubles.unfixed()] == [TroubleKind.LOST]
