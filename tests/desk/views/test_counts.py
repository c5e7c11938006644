"""Every stamp, forward and entry counts once, in its month by the desk's calendar."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, text

from tests.desk.news.newsroom import FEED, document
from tests.desk.stamps.test_any_order import ALARM, NEWS, POLICY, QUIET, TEAM, USERS
from tests.support.databases import file_with_tables
from tests.support.fakes import FakeClock, FakeFetching, FakeSlack, tools_of
from tests.support.script import fails
from tests.support.times import S
from threatstamp.app.kinds import departings
from threatstamp.core.cases.case import CaseAct, Way, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.moves import WISHES
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import Emoji, TrackName, Ts, UserId
from threatstamp.core.names import KnownName
from threatstamp.core.news.feed import BoundFeed
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.stamps.route import Track
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.core.time import Micros, ts_of
from threatstamp.desk.cases.act import Acting, Attempt
from threatstamp.desk.news.gather import Gather
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.record.redact import redact_person
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.desk.views.counts import MonthCounts, read_counts
from threatstamp.store.store import SqlStore, open_store
from threatstamp.store.tables.stamps import turns

pytestmark = pytest.mark.thorough("postgres")

TOKYO = ZoneInfo("Asia/Tokyo")


def moment(words: str) -> Micros:
    return Micros(round(datetime.fromisoformat(words).replace(tzinfo=UTC).timestamp()) * S)


OCTOBER_ENDS = moment("2026-10-31T14:59:59")
"""A second before midnight in Tokyo."""

WAITING = Emoji("eyes")
POST = Place(team=TEAM, channel=NEWS, ts=ts_of(Micros(OCTOBER_ENDS - 60 * S)))


class Desk:
    """Stamps, forwards and feeds on a store, with a fake Slack."""

    def __init__(self, store: SqlStore) -> None:
        self.clock = FakeClock(OCTOBER_ENDS - 3_600 * S)
        self.slack = FakeSlack(self.clock)
        policy = replace(POLICY, feeds=(BoundFeed(feed=replace(FEED, backlog=0), channel=NEWS),))
        self.tools = tools_of(policy, store=store, slack=self.slack, clock=self.clock)
        self.stamps = TakeStamps(self.tools)
        self.deliver = Deliver(self.tools, departings(self.tools))
        meet(self.tools)

    def stamp(
        self,
        when: Micros,
        emoji: Emoji = ALARM,
        *,
        user: UserId = USERS[0],
        place: Place = POST,
        kind: TurnKind = TurnKind.STAMP,
    ) -> None:
        self.clock.time = max(self.clock.time, when)
        mark = Mark(at=when, kind=kind)
        self.stamps.reaction(Reaction(place=place, reaction=emoji, user=user, mark=mark), event=0)

    def deliver_all(self) -> None:
        while self.deliver.one():
            self.clock.time += S

    def read_feed(self, *numbers: int) -> None:
        servers = FakeFetching(answers={FEED.name: [document(*numbers)]})
        Gather(
            self.tools,
            servers,
            chance=lambda: 0.5,
            wake=lambda: None,
            report=lambda feed, error: pytest.fail(f"{feed}: {error!r}"),
        ).round(due_only=False)


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    made = open_store(store_url)
    yield made
    made.close()


def returns(snapshot: Snapshot) -> Callable[[object], Snapshot]:
    return lambda _: snapshot


def by_month(store: SqlStore) -> dict[str, MonthCounts]:
    return {one.month: one for one in read_counts(store, TOKYO)}


def test_what_is_a_second_apart_at_midnight_in_tokyo_is_in_two_months(store: SqlStore) -> None:
    desk = Desk(store)
    desk.read_feed(1, 2, 3)
    desk.stamp(OCTOBER_ENDS)
    desk.stamp(Micros(OCTOBER_ENDS + S), QUIET)
    desk.deliver_all()
    found = by_month(store)
    assert list(found) == ["2026-10", "2026-11"]
    assert (found["2026-10"].stamped, found["2026-11"].stamped) == (1, 1)
    assert found["2026-10"].routes == {"ciso": 2}  # it leads to two channels
    assert found["2026-11"].routes == {"each": 1}
    assert found["2026-10"].sources == {FEED.name: 3, NEWS: 1}
    [whole] = read_counts(store, UTC)
    assert (whole.month, whole.stamped, whole.forwarded, whole.collected) == ("2026-10", 2, 3, 4)


def test_a_stamp_counts_once_however_often_its_event_comes(store: SqlStore) -> None:
    desk = Desk(store)
    for _ in range(3):
        desk.stamp(OCTOBER_ENDS)
        desk.stamp(OCTOBER_ENDS, user=USERS[1])
        desk.stamp(OCTOBER_ENDS, WAITING)
    desk.deliver_all()
    [found] = read_counts(store, TOKYO)
    assert (found.stamped, found.forwarded, found.reactions) == (2, 2, {ALARM: 2, WAITING: 1})


def test_a_withdrawal_takes_nothing_out_and_an_edit_moves_no_forward_into_its_month(store: SqlStore) -> None:
    desk = Desk(store)
    desk.stamp(OCTOBER_ENDS)
    desk.deliver_all()
    desk.stamp(Micros(OCTOBER_ENDS + 60 * S), kind=TurnKind.WITHDRAWAL)
    desk.deliver_all()
    [found] = read_counts(store, TOKYO)
    assert (found.month, found.stamped, found.forwarded, found.handled) == ("2026-10", 1, 2, 0)


def test_a_case_is_handled_in_the_month_in_which_it_is_finished_and_not_once_it_is_open_again(
    store: SqlStore,
) -> None:
    desk = Desk(store)
    routes = tuple(
        replace(one, route=replace(one.route, case=TrackName(Track.PRODUCT))) for one in POLICY.routes
    )
    desk.tools.in_force.now = replace(POLICY, routes=routes)
    desk.stamp(OCTOBER_ENDS)
    acting = Acting(desk.tools)
    for name in ("take", "decide_now", "done", "reopen"):
        desk.clock.time += 60 * S
        wish = replace(WISHES[name], reason="理由")
        assert acting.act(Attempt(case=1, wish=wish, by=USERS[0], way=Way.COMMAND, key=name)).moved
        handled = {month: one.handled for month, one in by_month(store).items() if one.handled}
        assert handled == ({"2026-11": 1} if name == "done" else {})


def test_cases_are_counted_by_what_was_done_with_them_with_the_time_that_it_took(store: SqlStore) -> None:
    desk = Desk(store)
    routes = tuple(
        replace(one, route=replace(one.route, case=TrackName(Track.PRODUCT))) for one in POLICY.routes
    )
    desk.tools.in_force.now = replace(POLICY, routes=routes)
    desk.stamp(OCTOBER_ENDS)
    acting = Acting(desk.tools)
    due = Wish(act=CaseAct.DUE, details=Details(until=date(2026, 11, 20)))
    high = Wish(act=CaseAct.PRIORITY, reason="理由", details=Details(priority=Priority.HIGH))
    wishes = (WISHES["take"], due, high, WISHES["decide_accept"], WISHES["reopen"], WISHES["decide_now"])
    respond = Wish(act=CaseAct.RESPOND, reason="更新しました")
    for number, wish in enumerate((*wishes, respond)):
        desk.clock.time += 60 * S
        wish = replace(wish, reason=wish.reason or "理由")
        assert acting.act(Attempt(case=1, wish=wish, by=USERS[0], way=Way.COMMAND, key=str(number))).moved
    assert sum(one.opened for one in by_month(store).values()) == 1
    [november] = read_counts(store, TOKYO, month="2026-11", today=date(2026, 11, 21))
    assert (november.decided, november.accepted, november.not_affected, november.responded) == (2, 1, 0, 1)
    assert november.overdue == 1
    assert read_counts(store, TOKYO, month="2026-11", today=date(2026, 11, 20))[0].overdue == 0
    took = november.times["decision"]
    assert took == {"cases": 1, "median": 360, "priority": {"high": 360}, "track": {"product": 360}}
    assert "done" not in november.times
    acting.act(Attempt(case=1, wish=WISHES["done"], by=USERS[0], way=Way.COMMAND, key="done"))
    after = read_counts(store, TOKYO, month="2026-11", today=date(2026, 11, 21))[0]
    assert (after.overdue, after.times["done"]["cases"], after.handled) == (0, 1, 1)


def test_a_forward_is_forwarded_or_undeliverable_and_never_both(store: SqlStore) -> None:
    desk = Desk(store)
    desk.slack.script.then("post", fails(SlackError("is_archived", permanent=True)))
    desk.stamp(OCTOBER_ENDS)
    desk.deliver_all()
    [found] = read_counts(store, TOKYO)
    assert (found.forwarded, found.undeliverable, found.routes) == (1, 1, {"ciso": 1})


def test_a_post_counts_by_the_app_or_the_channel_and_one_that_displays_an_entry_only_as_that(
    store: SqlStore,
) -> None:
    desk = Desk(store)
    with store.transaction() as tx:
        name = KnownName(name="#security-news", found=NEWS, called="security-news")
        tx.names.put(name, team=TEAM, now=Micros(1))
    desk.read_feed(1)
    desk.deliver_all()
    ours = desk.slack.messages
    for number, source in enumerate(("Sample Wire", "")):
        place = replace(POST, ts=Ts(f"180000000{number}.000000"))
        snapshot = Snapshot(text="語", source=source, author=USERS[2])
        reaction = Reaction(
            place=place, reaction=ALARM, user=USERS[0], mark=Mark(at=OCTOBER_ENDS, kind=TurnKind.STAMP)
        )
        desk.slack.script.then("look_up", returns(snapshot))
        desk.stamps.reaction(reaction, event=0)
    for message in ours[:1]:
        desk.stamp(OCTOBER_ENDS, place=replace(POST, ts=message.ts))
    [found] = read_counts(store, TOKYO)
    assert found.sources == {FEED.name: 1, "Sample Wire": 1, "#security-news": 1}


def test_what_a_forgotten_person_did_still_counts(store: SqlStore) -> None:
    desk = Desk(store)
    desk.stamp(OCTOBER_ENDS)
    desk.deliver_all()
    before = read_counts(store, TOKYO)
    redact_person(USERS[0], reason="a request", store=store, clock=desk.clock)
    assert read_counts(store, TOKYO) == before


def test_months_in_between_are_there_and_one_alone_too(store: SqlStore) -> None:
    assert read_counts(store, TOKYO) == ()
    assert read_counts(store, TOKYO, month="2026-11") == (MonthCounts(month="2026-11"),)
    desk = Desk(store)
    desk.stamp(OCTOBER_ENDS)
    desk.stamp(moment("2027-01-20T00:00:00"), QUIET)
    assert [one.stamped for one in read_counts(store, TOKYO)] == [1, 0, 0, 1]
    assert [one.stamped for one in read_counts(store, TOKYO, month="2027-01")] == [1]


def test_damaged_rows_are_left_out(tmp_path: Path) -> None:
    store = open_store(file_with_tables(tmp_path / "desk.db"))
    desk = Desk(store)
    desk.stamp(OCTOBER_ENDS)
    desk.stamp(OCTOBER_ENDS, WAITING)
    desk.deliver_all()
    with store.engine.begin() as connection:
        for change in (
            "UPDATE desk_turns SET at = 'soon'",
            "UPDATE desk_forwards SET policy = '{' WHERE destination = 'C1'",
            "UPDATE desk_forwards SET recorded_at = 9223372036854775807 WHERE destination = 'C2'",
            "UPDATE desk_posts SET snapshot = 'x'",
            "UPDATE desk_tallies SET ts = 'yesterday'",
        ):
            connection.execute(text(change))
    assert read_counts(store, TOKYO) == ()
    store.close()


def test_memory_does_not_grow_with_the_record(store_url: str) -> None:
    """Twelve times as many stamps, of many hours, need no more memory than a few."""
    store = open_store(store_url)
    few, many = 1_000, 12_000
    peaks = []
    for count, before in ((few, 0), (many, few)):
        with store.engine.begin() as connection:
            connection.execute(insert(turns), [_turn(number) for number in range(before, count)])
        tracemalloc.start()
        total = sum(one.stamped for one in read_counts(store, TOKYO))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert total == count
    store.close()
    assert peaks[1] < 2 * peaks[0]


def _turn(number: int) -> dict[str, object]:
    place = {"team": "T1", "channel": "C1", "ts": f"{number}.0", "post_channel": "C1", "post_ts": "1.0"}
    when = OCTOBER_ENDS + (number * 7_919 % 40_000) * 900 * S
    values = {"reaction": "siren", "user_id": "U1", "kind": "stamp", "at": when, "exact": True}
    return {**place, **values, "recorded_at": when}
