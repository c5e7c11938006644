"""A forward that nobody acknowledged is told to the next, once; one that somebody did see, or withdrew, is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.desk.stamps.test_any_order import ALARM, POLICY, POST, TEAM, USERS, Desk, Event
from tests.support.fakes import owed
from tests.support.script import fails
from tests.support.times import S, at
from threatstamp.core.cases.case import Way
from threatstamp.core.cases.moves import WISHES
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, TrackName, Ts, UserId
from threatstamp.core.ledger.entry import read_body
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.look import SeenReaction
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.stamps.route import OnWithdraw, Track
from threatstamp.core.stamps.turn import Mark, TurnKind
from threatstamp.desk.cases.act import Acting, Attempt
from threatstamp.desk.ports.slack import SeenPost
from threatstamp.desk.stamps.revise import take_deletion

WITHIN = 1_800.0
READER = UserId("U0READER")


def watched(**values: Any) -> Policy:
    """The policy with a first route that waits for an acknowledgement."""
    first = POLICY.routes[0]
    route = replace(first.route, ack_within=WITHIN, then=("U8", "S8", "C9"), **values)
    then_to, then_call = (ChannelId("C9"),), ("<@U8>", "<!subteam^S8>")
    return replace(POLICY, routes=(replace(first, route=route, then_to=then_to, then_call=then_call),))


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    made.tools.in_force.now = watched()
    yield made
    made.store.close()


def stamp(desk: Desk, seconds: int = 11, kind: TurnKind = TurnKind.STAMP) -> None:
    desk.learn(Event(USERS[0], ALARM, Mark(at=at(seconds), kind=kind)))


def deliver(desk: Desk) -> None:
    """Delivers what is due; what waits for its time goes on waiting."""
    for _ in range(50):
        desk.clock.time += S
        if not desk.deliver.one():
            return
    raise AssertionError("something is still due after 50 deliveries")


def wait(desk: Desk, seconds: float = WITHIN + 1) -> None:
    desk.clock.time += round(seconds * S)
    deliver(desk)


def said(desk: Desk, channel: str) -> list[str]:
    return [one.rendered.text for one in desk.slack.messages if one.channel == channel]


def entries(desk: Desk, kind: Kind) -> list[dict[str, object]]:
    with desk.store.reading() as read:
        return [dict(read_body(one.body or "") or {}) for one in read.ledger.entries(kind=kind)]


def place_in(desk: Desk, channel: str) -> Place:
    [message] = [one for one in desk.slack.messages if one.channel == channel][:1]
    return Place(team=TEAM, channel=message.channel, ts=message.ts)


def seen_by(place: Place, *users: str) -> SeenPost:
    seen = SeenReaction(reaction=ALARM, users=frozenset(map(UserId, users)), whole=True)
    return SeenPost(place=place, snapshot=Snapshot(text=""), reactions=(seen,) if users else ())


def reply(to: Place, ts: str, author: str | None) -> SeenPost:
    snapshot = Snapshot(text="見ています", author=UserId(author) if author else None, thread_ts=to.ts)
    return SeenPost(place=replace(to, ts=Ts(ts)), snapshot=snapshot, reactions=())


def test_the_next_are_told_once_in_the_thread_and_in_their_channel(desk: Desk) -> None:
    stamp(desk)
    deliver(desk)
    assert said(desk, "C9") == []
    wait(desk, WITHIN - 60)
    assert said(desk, "C9") == []
    wait(desk)
    [told] = said(desk, "C9")
    assert "30分" in told
    assert "本文" in told
    assert "<https://p.example/1|" in told
    _, call = said(desk, "C1")
    assert "<@U8> <!subteam^S8> 30分" in call
    assert (
        len(said(desk, "C2")) == 1
    )  # people are called in one thread, though the route has two destinations
    wait(desk)
    assert (len(said(desk, "C9")), len(said(desk, "C1"))) == (1, 2)
    recorded = entries(desk, Kind.ESCALATED)
    assert [one["to"] for one in recorded] == ["C1", "C9"]
    assert [one["called"] for one in recorded] == [["<@U8>", "<!subteam^S8>"], []]
    assert owed(desk.store) == 0


@pytest.mark.parametrize("channel", ["C1", "C2"])
def test_a_reaction_on_any_forward_of_the_route_acknowledges(desk: Desk, channel: str) -> None:
    stamp(desk)
    deliver(desk)
    desk.slack.seen = [seen_by(place_in(desk, channel), READER)]
    wait(desk)
    assert said(desk, "C9") == []
    [recorded] = entries(desk, Kind.ACKNOWLEDGED)
    assert (recorded["by"], recorded["way"]) == (READER, "reaction")
    assert entries(desk, Kind.ESCALATED) == []
    assert owed(desk.store) == 0


def test_our_own_reaction_and_what_apps_write_acknowledge_nothing(desk: Desk) -> None:
    stamp(desk)
    deliver(desk)
    place = place_in(desk, "C1")
    desk.slack.seen = [seen_by(place, POLICY.me)]
    desk.slack.replied = [reply(place, "17001.000001", None), reply(place, "17001.000002", POLICY.me)]
    wait(desk)
    assert len(said(desk, "C9")) == 1


def test_a_reply_in_the_thread_acknowledges(desk: Desk) -> None:
    stamp(desk)
    deliver(desk)
    desk.slack.replied = [reply(place_in(desk, "C1"), "17001.000001", READER)]
    wait(desk)
    assert said(desk, "C9") == []
    assert [one["way"] for one in entries(desk, Kind.ACKNOWLEDGED)] == ["reply"]


def test_what_was_withdrawn_or_deleted_before_is_not_told(desk: Desk) -> None:
    stamp(desk)
    deliver(desk)
    stamp(desk, 20, TurnKind.WITHDRAWAL)
    wait(desk)
    assert said(desk, "C9") == []
    assert entries(desk, Kind.ACKNOWLEDGED) == []


def test_what_somebody_deleted_is_not_told(desk: Desk) -> None:
    stamp(desk)
    deliver(desk)
    for channel in ("C1", "C2"):
        take_deletion(place_in(desk, channel), event=0, tools=desk.tools)
    wait(desk)
    assert said(desk, "C9") == []


def test_a_route_that_ignores_withdrawals_still_wants_to_be_seen(desk: Desk) -> None:
    desk.tools.in_force.now = watched(on_withdraw=OnWithdraw.IGNORE)
    stamp(desk)
    deliver(desk)
    stamp(desk, 20, TurnKind.WITHDRAWAL)
    wait(desk)
    assert len(said(desk, "C9")) == 1


def test_while_slack_cannot_be_asked_it_waits_and_where_it_refuses_for_good_the_next_are_told(
    desk: Desk,
) -> None:
    stamp(desk)
    deliver(desk)
    desk.slack.script.always("everyone", fails(SlackError("internal_error")))
    desk.clock.time += round((WITHIN + 1) * S)
    desk.deliver.one()
    assert said(desk, "C9") == []
    desk.slack.script.always("everyone", fails(SlackError("missing_scope", permanent=True)))
    wait(desk, 60)
    assert len(said(desk, "C9")) == 1


def test_the_case_that_somebody_took_is_seen(desk: Desk) -> None:
    desk.tools.in_force.now = watched(case=TrackName(Track.PRODUCT))
    stamp(desk)
    deliver(desk)
    Acting(desk.tools).act(Attempt(case=1, wish=WISHES["take"], by=READER, way=Way.COMMAND, key="k"))
    wait(desk)
    assert said(desk, "C9") == []
    assert [one["way"] for one in entries(desk, Kind.ACKNOWLEDGED)] == ["case"]


def test_a_channel_that_nobody_found_is_said_to_an_operator_and_people_are_called_all_the_same(
    desk: Desk,
) -> None:
    lost = watched()
    first = replace(lost.routes[0], then_to=(ChannelId("#nowhere"),))
    desk.tools.in_force.now = replace(lost, routes=(first,))
    stamp(desk)
    deliver(desk)
    wait(desk)
    assert len(said(desk, "C1")) == 2
    with desk.store.reading() as read:
        [refused] = read.backlog.undeliverable()
    assert (refused.channel, refused.error) == ("#nowhere", "destination_unknown")
    assert [one.get("error") for one in entries(desk, Kind.ESCALATED)] == [None, "destination_unknown"]
    assert POST.channel not in {one.channel for one in desk.slack.messages}
