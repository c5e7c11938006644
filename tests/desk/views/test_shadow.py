"""Two days in shadow beside the old script, line by line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.desk.stamps.test_any_order import ALARM, NEWS, POLICY, QUIET, TEAM, USERS, bound
from tests.support.fakes import FakeClock, FakeSlack, memory_store, tools_of
from tests.support.times import S
from threatstamp.core.ids import ChannelId, Emoji, GroupId, UserId
from threatstamp.core.policy import Policy
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.core.time import Micros, ts_of
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.policy.shadow import begin_shadow, leave_shadow
from threatstamp.desk.stamps.importing import OldForward, import_forwards
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.desk.views.shadow import (
    Compared,
    ScriptPost,
    Side,
    Why,
    by_day,
    compare_shadow,
    read_period,
)
from threatstamp.store.shadow import ShadowStore

TOKYO = ZoneInfo("Asia/Tokyo")
SCALES, BOMB = Emoji("scales"), Emoji("bomb")
C1, C2, C3 = ChannelId("C1"), ChannelId("C2"), ChannelId("C3")
ONLY = bound("ciso", ALARM, "C1")
ROUTES: Policy = replace(
    POLICY,
    routes=(
        replace(ONLY, route=replace(ONLY.route, allow=USERS[:2]), allow_users=frozenset(USERS[:2])),
        bound("team", QUIET, "C3", each=True),
        bound("legal", SCALES, "C1"),
    ),
)


def moment(words: str) -> Micros:
    """Returns a moment of 2026 in Tokyo: "24 10:00" is in November."""
    day, clock = words.split()
    at = datetime.fromisoformat(f"2026-11-{day}T{clock}").replace(tzinfo=TOKYO)
    return Micros(round(at.timestamp()) * S)


def post(words: str, channel: ChannelId = NEWS) -> Place:
    """A post of that moment."""
    return Place(team=TEAM, channel=channel, ts=ts_of(moment(words)))


@dataclass
class Played:
    """A desk in shadow, and what the script posted."""

    policy: Policy = ROUTES
    clock: FakeClock = field(default_factory=lambda: FakeClock(moment("24 09:00")))
    posts: list[ScriptPost] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.speaking = memory_store()
        self.store = ShadowStore(self.speaking.engine)
        self.slack = FakeSlack(self.clock)
        self.tools = tools_of(self.policy, store=self.store, slack=self.slack, clock=self.clock)
        self.stamps = TakeStamps(self.tools)
        begin_shadow(self.tools)
        meet(self.tools)

    def stamp(
        self,
        at: str,
        place: Place,
        emoji: Emoji = ALARM,
        *,
        user: UserId = USERS[0],
        kind: TurnKind = TurnKind.STAMP,
    ) -> None:
        self.clock.time = moment(at)
        mark = Mark(at=moment(at), kind=kind)
        self.stamps.reaction(Reaction(place=place, reaction=emoji, user=user, mark=mark), event=0)

    def script(self, at: str, place: Place, *emoji: Emoji, to: ChannelId = C1) -> None:
        ts, reactions = ts_of(moment(at)), frozenset(emoji)
        self.posts.append(ScriptPost(channel=to, ts=ts, post=place, link="link", reactions=reactions))

    def compared(self, now: str) -> list[Compared]:
        with self.store.reading() as read:
            period = read_period(read)
            assert period is not None
            lines = list(compare_shadow(read, self.policy, self.posts, period=period, now=moment(now)))
        return [line for day in by_day(lines, TOKYO) for line in day.lines]

    def lines(self, now: str) -> list[tuple[object, ...]]:
        return [
            (said(line.at), line.side, line.channel, line.reaction, line.why) for line in self.compared(now)
        ]


def said(at: int) -> str:
    return datetime.fromtimestamp(at / S, TOKYO).strftime("%d %H:%M")


def first_day(played: Played) -> None:
    played.script("24 08:00", post("24 07:00"), ALARM)
    played.stamp("24 10:00", post("24 09:30"))
    played.script("24 10:05", post("24 09:30"), ALARM)
    played.stamp("24 11:00", post("20 10:59"))
    played.stamp("24 12:00", post("24 11:59"))
    played.stamp("24 12:02", post("24 11:59"), kind=TurnKind.WITHDRAWAL)
    played.stamp("24 13:00", post("24 09:30"), QUIET)
    played.stamp("24 14:00", post("24 13:30"), SCALES)
    played.script("24 15:00", post("24 14:00", ChannelId("C0OTHER")), ALARM)
    played.script("24 15:10", post("24 14:01"), BOMB)
    played.stamp("24 15:15", post("24 14:02"), user=USERS[2])
    played.script("24 15:20", post("24 14:02"), ALARM)
    row = OldForward(row=1, post=post("24 14:03"), reaction=ALARM)
    import_forwards([row], digest="d", store=played.store, clock=played.clock)
    played.stamp("24 15:25", post("24 14:03"))
    played.script("24 15:30", post("24 14:03"), ALARM)
    played.script("24 15:40", post("24 14:04"), ALARM)
    played.script("24 15:50", post("24 09:30"), ALARM)


def second_day(played: Played) -> None:
    played.stamp("25 00:00", post("24 23:00"))
    played.script("25 00:05", post("24 23:00"))
    played.stamp("25 09:00", post("25 08:00"))
    played.script("25 09:05", post("25 08:00"), ALARM, to=C2)
    for user in USERS[:2]:
        played.stamp("25 10:00", post("25 08:01"), QUIET, user=user)
    played.script("25 10:05", post("25 08:01"), QUIET, Emoji("warning"), to=C3)
    played.stamp("25 11:00", post("25 08:02"))
    played.stamp("25 17:55", post("25 08:03"))


def test_each_line_is_on_its_side_and_its_day_with_its_reason() -> None:
    played = Played()
    first_day(played)
    second_day(played)
    same, ours, theirs = Side
    assert played.lines("25 18:00") == [
        ("24 08:00", theirs, C1, ALARM, Why.BEFORE),
        ("24 10:00", same, C1, ALARM, None),
        ("24 11:00", ours, C1, ALARM, Why.WINDOW),
        ("24 12:00", ours, C1, ALARM, Why.WITHDRAWN),
        ("24 13:00", ours, C3, QUIET, Why.ONCE),
        ("24 14:00", ours, C1, SCALES, Why.NO_ROW),
        ("24 15:00", theirs, C1, ALARM, Why.NO_SOURCE),
        ("24 15:10", theirs, C1, BOMB, Why.NO_ROUTE),
        ("24 15:20", theirs, C1, ALARM, Why.REFUSED),
        ("24 15:30", theirs, C1, ALARM, Why.IMPORTED),
        ("24 15:40", theirs, C1, ALARM, Why.WITHDRAWN),
        ("24 15:50", theirs, C1, ALARM, Why.TWICE),
        ("25 00:00", same, C1, ALARM, None),
        ("25 09:00", ours, C1, ALARM, Why.ELSEWHERE),
        ("25 09:05", theirs, C2, ALARM, Why.NO_ROUTE),
        ("25 10:00", same, C3, QUIET, None),
        ("25 10:00", ours, C3, QUIET, Why.ONCE),
        ("25 11:00", ours, C1, ALARM, Why.NEW),
        ("25 17:55", ours, C1, ALARM, Why.NEW),
    ]
    days = by_day(played.compared("25 18:00"), TOKYO)
    assert [(day.day, *(day.count(side) for side in Side)) for day in days] == [
        ("2026-11-24", 1, 4, 7),
        ("2026-11-25", 2, 4, 1),
    ]


def test_what_the_script_passed_over_for_no_reason_that_we_know_is_said_so() -> None:
    played = Played()
    played.stamp("24 10:00", post("24 09:30"))
    played.stamp("24 11:00", post("24 09:31"))
    played.script("24 11:05", post("24 09:31"), ALARM)
    assert [why for *_, why in played.lines("24 18:00")] == [Why.UNKNOWN, None]


def test_a_message_that_names_another_of_our_reactions_is_about_another_stamp() -> None:
    played = Played()
    played.stamp("24 10:00", post("24 09:30"), SCALES)
    played.script("24 10:05", post("24 09:30"), ALARM)
    played.stamp("24 10:10", post("24 09:30"), ALARM)
    assert [(line.side, line.reaction) for line in played.compared("24 10:20")] == [
        (Side.ONLY_OURS, SCALES),
        (Side.SAME, ALARM),
    ]


def test_what_was_taken_back_within_the_routes_delay_would_not_have_been_forwarded() -> None:
    slow = replace(ONLY, route=replace(ONLY.route, delay=600.0))
    played = Played(replace(POLICY, routes=(slow,)))
    played.stamp("24 10:00", post("24 09:30"))
    played.stamp("24 10:05", post("24 09:30"), kind=TurnKind.WITHDRAWAL)
    assert played.lines("24 18:00") == []
    played.script("24 10:02", post("24 09:30"), ALARM)
    assert [why for *_, why in played.lines("24 18:00")] == [Why.WITHDRAWN]


@pytest.mark.parametrize(("to", "group", "why"), [("C1", "S1", Why.WAITS), ("#lost", "", Why.UNFOUND)])
def test_a_group_that_cannot_be_read_and_a_channel_that_is_not_found_are_reasons(
    to: str, group: str, why: Why
) -> None:
    groups = frozenset({GroupId(group)} if group else ())
    route = bound("ciso", ALARM, to)
    allowing = replace(route.route, allow=tuple(groups))
    played = Played(replace(POLICY, routes=(replace(route, route=allowing, allow_groups=groups),)))
    played.stamp("24 10:00", post("24 09:30"))
    if group:
        played.script("24 10:05", post("24 09:30"), ALARM)
    assert [found for *_, found in played.lines("24 18:00")] == [why]


def test_after_the_cut_over_the_report_is_about_the_time_in_shadow() -> None:
    played = Played()
    assert played.lines("24 18:00") == []
    played.stamp("24 10:00", post("24 09:30"))
    begin_shadow(played.tools)  # still alive
    speaking = replace(played.tools, store=played.speaking)
    played.clock.time = moment("24 11:00")
    assert leave_shadow(speaking)
    played.stamps = TakeStamps(speaking)
    played.stamp("24 12:00", post("24 11:30"))
    played.script("24 11:40", post("24 11:30"), ALARM)  # its trigger was not deleted
    played.script("24 10:50", post("24 09:30"), ALARM)
    played.script("24 10:51", post("24 10:45"), ALARM)
    played.script("26 10:51", post("24 10:46"), ALARM)
    assert played.lines("26 18:00") == [
        ("24 10:00", Side.SAME, C1, ALARM, None),
        ("24 10:51", Side.ONLY_THEIRS, C1, ALARM, Why.AFTER),
        ("24 11:40", Side.ONLY_THEIRS, C1, ALARM, Why.DOUBLED),
    ]
