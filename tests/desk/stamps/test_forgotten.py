"""Somebody who was forgotten while the desk runs is not recorded again under their own id."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import cast

import pytest

from tests.desk.stamps.test_any_order import ALARM, NEWS, TEAM, USERS, Desk, Event, Seen
from tests.support.times import S, at
from threatstamp.core.ids import Emoji, Ts
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.stamps.route import Verdict
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.desk.ports.store import Read, Store, Tx
from threatstamp.desk.record.redact import redact_person
from threatstamp.desk.stamps.take import TakeStamps

USER = USERS[0]


def stamp(desk: Desk, seconds: int, reaction: Emoji = ALARM) -> None:
    desk.learn(Event(USER, reaction, Mark(at=at(seconds), kind=TurnKind.STAMP)))


def sweep(desk: Desk, seconds: int) -> None:
    desk.learn(Seen(seconds * S, seconds * S, ((ALARM, frozenset({USER})),), whole=True))


def forget(desk: Desk) -> None:
    redact_person(USER, reason="a request", store=desk.store, clock=desk.clock)


@pytest.mark.parametrize("again", [stamp, sweep])
def test_another_stamp_is_recorded_under_another_name(again: Callable[[Desk, int], None]) -> None:
    desk = Desk()
    stamp(desk, 11)
    forget(desk)
    again(desk, 20)
    assert str(USER) not in said(desk)


def test_nor_are_they_counted_by_name_for_an_emoji_without_a_route() -> None:
    desk = Desk()
    stamp(desk, 11)
    forget(desk)
    stamp(desk, 20, Emoji("eyes"))
    assert str(USER) not in said(desk)


def test_in_a_channel_that_others_share_their_stamp_does_not_wait_for_an_answer_that_cannot_come() -> None:
    desk = Desk()
    stamp(desk, 11)
    forget(desk)
    post = Place(team=TEAM, channel=NEWS, ts=Ts("2.000000"))
    mark = Mark(at=at(30), kind=TurnKind.STAMP)
    desk.stamps.reaction(Reaction(place=post, reaction=ALARM, user=USER, mark=mark, external=True), event=0)
    with desk.store.reading() as read:
        assert read.routes.judged(Verdict.WAITS, team=TEAM) == ()
        assert len(read.forwards.of_post(post, ALARM)) == 2


class Interrupted:
    """A store in which the person is forgotten just before the next transaction, by somebody else."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def reading(self) -> AbstractContextManager[Read]:
        return self._desk.store.reading()

    def transaction(self) -> AbstractContextManager[Tx]:
        forget(self._desk)
        return self._desk.store.transaction()


def test_who_is_forgotten_while_a_page_is_being_read_does_not_come_back_with_it() -> None:
    desk = Desk()
    stamp(desk, 11)
    desk.stamps = TakeStamps(replace(desk.tools, store=cast(Store, Interrupted(desk))))
    sweep(desk, 20)
    assert str(USER) not in said(desk)


def test_a_post_of_theirs_that_is_stamped_later_does_not_name_them() -> None:
    desk = Desk()
    stamp(desk, 11)
    forget(desk)
    theirs = Snapshot(
        text=f"<@{USER}> さん、{USER}1 さん", author=USER, source="山田", permalink="https://p.example"
    )
    desk.slack.script.always("look_up", lambda _: theirs)
    post = Place(team=TEAM, channel=NEWS, ts=Ts("2.000000"))
    mark = Mark(at=at(30), kind=TurnKind.STAMP)
    desk.stamps.reaction(Reaction(place=post, reaction=ALARM, user=USERS[1], mark=mark), event=0)
    with desk.store.reading() as read:
        known = read.posts.get(post)
    assert known is not None
    assert known.snapshot is not None
    assert known.snapshot.text.endswith(f"{USER}1 さん")
    assert "山田" not in said(desk)
    assert f'"{USER}"' not in said(desk)
    assert f"@{USER}>" not in said(desk)


def said(desk: Desk) -> str:
    """Returns all that every table holds, the emptied entries aside."""
    with desk.store.engine.connect() as connection:
        return "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]
