"""What the old script has forwarded is on record once, and is not forwarded again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.desk.stamps.test_any_order import ALARM, NEWS, POST, QUIET, TEAM, USERS, Desk, Event, bound
from tests.support.times import S, at
from threatstamp.core.ids import ChannelId, Emoji, Ts
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import Contact
from threatstamp.core.stamps.turn import Mark, TurnKind
from threatstamp.core.time import Micros
from threatstamp.desk.stamps.again import JudgeAgain
from threatstamp.desk.stamps.importing import AT_ONCE, OldForward, import_forwards


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.store.close()


def bring(desk: Desk, *reactions: Emoji, post: Place = POST) -> int:
    rows = [OldForward(row=number, post=post, reaction=emoji) for number, emoji in enumerate(reactions, 1)]
    return import_forwards(rows, digest="d", store=desk.store, clock=desk.clock)


def stamp(desk: Desk, emoji: Emoji, seconds: int, *, user: int = 0) -> None:
    desk.learn(Event(USERS[user], emoji, Mark(at=at(seconds), kind=TurnKind.STAMP)))


def channels(desk: Desk) -> list[str]:
    desk.deliver_all()
    return [message.channel for message in desk.slack.messages]


def kinds(desk: Desk) -> list[str]:
    with desk.store.reading() as read:
        return [entry.kind for entry in read.ledger.entries()]


def test_a_later_stamp_on_what_the_script_has_forwarded_is_recorded_and_not_forwarded(desk: Desk) -> None:
    assert bring(desk, ALARM) == 1
    stamp(desk, ALARM, 11)
    stamp(desk, ALARM, 12, user=1)
    assert channels(desk) == []
    assert kinds(desk) == [Kind.IMPORTED, Kind.POST, Kind.STAMP, Kind.STAMP]


def test_another_reaction_or_another_post_is_forwarded_as_ever(desk: Desk) -> None:
    bring(desk, QUIET)
    bring(desk, ALARM, post=replace(POST, ts=Ts("2.000000")))
    bring(desk, ALARM, post=replace(POST, channel=ChannelId("C0OTHER")))
    stamp(desk, ALARM, 11)
    assert channels(desk) == ["C1", "C2"]


def test_a_route_that_forwards_for_each_person_does_so(desk: Desk) -> None:
    """The script's record does not say who had stamped."""
    bring(desk, QUIET)
    stamp(desk, QUIET, 11)
    stamp(desk, QUIET, 12, user=1)
    assert channels(desk) == ["C3", "C3"]


def test_who_joins_a_forward_of_ours_is_in_it_whatever_is_imported_later(desk: Desk) -> None:
    stamp(desk, ALARM, 11)
    assert channels(desk) == ["C1", "C2"]
    bring(desk, ALARM)
    stamp(desk, ALARM, 12, user=1)
    desk.deliver_all()
    assert len(desk.slack.messages) == 2
    assert all("U2" in str(message.rendered) for message in desk.slack.messages)


def test_forwarding_what_existed_leaves_out_what_the_script_has_forwarded(desk: Desk) -> None:
    """At the cut-over: nothing twice, and nothing missed that the script did not get to."""
    desk.tools.in_force.now = replace(
        desk.tools.policy, routes=(bound("ciso", ALARM, "C1"), bound("team", QUIET, "C3"))
    )
    with desk.store.transaction() as tx:
        for channel, route in desk.tools.policy.contacts():
            met = Contact(since=at(50), looked_at=at(50))
            tx.routes.put_contact(channel, route, team=TEAM, contact=met)
    stamp(desk, ALARM, 11)
    stamp(desk, QUIET, 12)
    bring(desk, ALARM)
    again = JudgeAgain(desk.tools, desk.stamps)
    assert again.existing() == 1
    assert again.existing() == 0
    assert channels(desk) == ["C3"]


def test_rows_are_on_record_once_however_often_they_come(desk: Desk) -> None:
    assert bring(desk, ALARM, QUIET, ALARM) == 2
    assert bring(desk, ALARM, QUIET, Emoji("eyes")) == 1
    with desk.store.reading() as read:
        entries = list(read.ledger.entries(kind=Kind.IMPORTED))
    assert len(entries) == 3
    assert '"row":1' in str(entries[0].body)


def test_many_rows_go_on_record_in_short_transactions(desk: Desk) -> None:
    """Each reads the clock once; an import that breaks off is completed by the next one."""
    many = 2 * AT_ONCE + 1
    rows = [
        OldForward(row=n, post=Place(team=TEAM, channel=NEWS, ts=Ts(f"{n}.000000")), reaction=ALARM)
        for n in range(many)
    ]

    def broken_off() -> Iterator[OldForward]:
        yield from rows[: AT_ONCE + 7]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_forwards(broken_off(), digest="d", store=desk.store, clock=desk.clock)
    assert len(kinds(desk)) == AT_ONCE
    desk.clock.time = Micros(desk.clock.time + S)
    assert import_forwards(rows, digest="d", store=desk.store, clock=desk.clock) == many - AT_ONCE
