"""A further stamp on a story with a case raises it, or adds a voice; two at the same time open one case."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from tests.desk.cases.test_act import CASED, CISO, act, desk, entries, post_twice, stamp, texts
from tests.desk.stamps.test_any_order import ALARM, QUIET, USERS, Desk
from tests.support.desks import wait
from tests.support.fakes import FakeClock, FakeSlack, tools_of
from tests.support.forks import HANG
from tests.support.times import S
from threatstamp.core.cases.case import Case, CaseAct, CaseState, Way, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.ids import UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.desk.cases.act import Acting, Attempt
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.record.compare import compare_records
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.store.store import SqlStore, open_store

__all__ = ["desk"]


ONCE = tuple(replace(one, route=replace(one.route, each=False)) for one in CASED.routes)


def ranked(desk: Desk, alarm: str, quiet: str) -> None:
    """Gives the routes of the two emoji priorities."""
    routes = zip(ONCE, (alarm, quiet), strict=True)
    made = tuple(replace(one, route=replace(one.route, priority=priority)) for one, priority in routes)
    desk.tools.in_force.now = replace(desk.tools.policy, routes=made)


def the_case(desk: Desk) -> Case:
    with desk.store.reading() as read:
        [case] = read.cases.every()
        return case


def lines(desk: Desk) -> list[str]:
    return [one.rendered.text for one in desk.slack.messages if one.thread_ts is not None]


def test_a_stamp_of_a_more_urgent_route_raises_the_case_once_and_every_card_says_so(desk: Desk) -> None:
    ranked(desk, "", "high")
    stamp(desk)
    desk.deliver_all()
    assert the_case(desk).priority is None
    for user in USERS[:2]:
        stamp(desk, user, QUIET)
        desk.deliver_all()
    assert the_case(desk).priority is Priority.HIGH
    assert all("優先度：高" in texts(desk, channel) for channel in ("C1", "C2", "C3"))
    assert [f"<@{USERS[0]}>" in one and "「高」に引き上げました" in one for one in lines(desk)] == [True]
    with desk.store.reading() as read:
        [move] = read.cases.moves(1)
    assert (move.wish.act, move.by, move.way) == (CaseAct.RAISE, USERS[0], Way.STAMP)
    details = Details(priority=Priority.LOW)
    lower = Wish(act=CaseAct.PRIORITY, reason="使っていない機能", details=details)
    assert Acting(desk.tools).act(Attempt(case=1, wish=lower, by=CISO, way=Way.COMMAND, key="low")).moved
    stamp(desk, USERS[2], QUIET)
    assert the_case(desk).priority is Priority.LOW  # people have said so since
    assert compare_records(desk.store).first is None


def test_a_less_urgent_route_lowers_nothing_and_one_that_opens_a_case_needs_no_line(desk: Desk) -> None:
    ranked(desk, "critical", "high")
    stamp(desk)
    desk.deliver_all()
    stamp(desk, USERS[1], QUIET)
    desk.deliver_all()
    assert the_case(desk).priority is Priority.CRITICAL
    assert (entries(desk, Kind.CASE_MOVED), lines(desk)) == (1, [])
    assert compare_records(desk.store).first is None


def test_a_closed_case_stays_as_it_is_and_a_withdrawn_one_comes_back_raised(desk: Desk) -> None:
    ranked(desk, "", "high")
    stamp(desk)
    desk.clock.time += S
    stamp(desk, kind=TurnKind.WITHDRAWAL)
    assert the_case(desk).state is CaseState.WITHDRAWN
    desk.clock.time += S
    stamp(desk, USERS[1], QUIET)
    assert (the_case(desk).state, the_case(desk).priority) == (CaseState.NEW, Priority.HIGH)
    act(desk, "decide_not_affected", by=CISO, reason="使っていない")
    ranked(desk, "critical", "high")
    desk.clock.time += S
    stamp(desk, USERS[2])
    assert the_case(desk).priority is Priority.HIGH
    act(desk, "reopen", by=CISO, reason="再発")
    desk.clock.time += S
    stamp(desk, USERS[0])
    assert the_case(desk).priority is Priority.CRITICAL
    assert compare_records(desk.store).first is None


def test_everybody_who_stamps_a_post_of_the_story_is_counted_once_on_every_card(desk: Desk) -> None:
    posts = post_twice(desk.store, now=desk.clock.now())
    desk.tools.in_force.now = replace(CASED, routes=ONCE, sources=frozenset(one.channel for one in posts))
    meet(desk.tools)
    mark(desk, posts[0])
    desk.deliver_all()
    assert "スタンプ：" not in texts(desk)  # the forward itself says who that was
    mark(desk, posts[1], emoji=QUIET)
    mark(desk, posts[1], USERS[1], emoji=QUIET)
    desk.deliver_all()
    for channel in ("C1", "C2", "C3"):
        assert f"スタンプ：2名（<@{USERS[0]}>さん／<@{USERS[1]}>さん）" in texts(desk, channel)
    mark(desk, posts[1], USERS[1], emoji=QUIET, kind=TurnKind.WITHDRAWAL)
    desk.deliver_all()
    assert all("スタンプ：" not in texts(desk, channel) for channel in ("C1", "C2", "C3"))


def mark(
    desk: Desk,
    post: Place,
    user: UserId = USERS[0],
    *,
    emoji: str = ALARM,
    kind: TurnKind = TurnKind.STAMP,
) -> None:
    desk.clock.time += S
    one = Reaction(place=post, reaction=emoji, user=user, mark=Mark(at=desk.clock.now(), kind=kind))  # type: ignore[arg-type]
    desk.stamps.reaction(one, event=0, may_claim=lambda: False)


class Held:
    """A store whose transaction that opens a case is held open before its end."""

    def __init__(self, store: SqlStore, post: Place) -> None:
        self._store, self._post = store, post
        self.is_open, self.may_end = threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        with self._store.transaction() as tx:
            yield tx
            if tx.cases.at(self._post) is not None:
                self.is_open.set()
                assert self.may_end.wait(HANG)


@pytest.mark.postgres
def test_two_stamps_at_the_same_time_on_two_posts_of_a_story_open_one_case(pg_url: str) -> None:
    """The second one begins while the first has opened the case and not ended its transaction."""
    with closing(open_store(pg_url)) as one, closing(open_store(pg_url)) as other:
        clock = FakeClock(1_000 * S)
        posts = post_twice(one, now=clock.now())
        policy = replace(CASED, sources=frozenset(post.channel for post in posts))
        held = Held(one, posts[0])
        steps = []
        for store in (held, other):
            tools = tools_of(policy, store=store, slack=FakeSlack(clock), clock=clock)
            meet(tools)
            steps.append(TakeStamps(tools))
        clock.time += S
        at = Mark(at=clock.now(), kind=TurnKind.STAMP)
        threads = [
            threading.Thread(
                target=step.reaction,
                args=(Reaction(place=post, reaction=ALARM, user=user, mark=at),),
                kwargs={"event": 0},
            )
            for step, post, user in zip(steps, posts, USERS, strict=False)
        ]
        threads[0].start()
        assert held.is_open.wait(HANG)
        threads[1].start()
        waits = wait(lambda: _waiting(one) > 0, HANG)
        held.may_end.set()
        for thread in threads:
            thread.join(HANG)
        assert waits
        with one.reading() as read:
            [case] = read.cases.every()
            assert {read.cases.at(post) for post in posts} == {case}
            assert len(read.forwards.cards(posts[1])) == 4  # two of each post
            assert len(list(read.ledger.entries(kind=Kind.CASE))) == 1


def _waiting(store: SqlStore) -> int:
    """Returns how many transactions wait for a lock."""
    with store.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())
