"""The morning line and reminders, by the real step over weeks of a fake clock: exactly the expected list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.desk.cases.test_act import CARD, CASED, CISO, ITO, SATO
from tests.desk.stamps.test_any_order import ALARM, POST, TEAM, USERS, Desk
from tests.support.script import fails_afterwards
from tests.support.times import S
from threatstamp.app.calls import zone_named
from threatstamp.app.kinds import departings
from threatstamp.config.calendar import CalendarSettings, calendar_of
from threatstamp.core.cases.agenda import Concern
from threatstamp.core.cases.call import CallText, Member, UpdateCall
from threatstamp.core.cases.case import CaseAct, Way, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.moves import WISHES
from threatstamp.core.cases.track import TrackPlan
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, TrackName, Ts, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.policy import Policy, Reminding
from threatstamp.core.priority.table import ChecklistStep, Wording
from threatstamp.core.stamps.route import Track
from threatstamp.core.stamps.turn import Mark, Reaction, TurnKind
from threatstamp.core.time import Micros
from threatstamp.desk.cases.act import Acting, Attempt
from threatstamp.desk.cases.calling import Calling, NewCall
from threatstamp.desk.cases.calls_by_clock import tend_calls
from threatstamp.desk.cases.clock import CaseClock
from threatstamp.desk.cases.register import RiskWords, add_risk, review_risk
from threatstamp.desk.cases.reminding import remind_of_cases
from threatstamp.desk.cases.steps import StepClock
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.record.compare import compare_records

TEAM_ROOM = ChannelId("C0TEAM")
TOKYO_USER, BERLIN = UserId("U0TOKYO"), UserId("U0BERLIN")
TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
CLEAR = replace(WISHES["decide_not_affected"], reason="使っていません")
HALF_HOUR = timedelta(minutes=30)


def policy(zone: ZoneInfo = TOKYO, country: str = "JP", *, quiet: str = "", **reminding: object) -> Policy:
    calendar = calendar_of(CalendarSettings(country=country, quiet=quiet), zone)
    first = replace(CASED.routes[0], to=(CARD,))
    return replace(CASED, routes=(first,), calendar=calendar, reminding=Reminding(**reminding))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Heard:
    """A message and when it came, in the desk's zone."""

    at: datetime
    channel: str
    thread: str | None
    text: str
    words: str


class Office:
    """A desk whose time passes in half hours."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.desk, self.zone = Desk(), zone
        self.heard: list[Heard] = []
        self._posts = 0
        with self.desk.store.transaction() as tx:
            for channel, route in CASED.contacts():
                body = {"team": TEAM, "channel": channel, "route": route}
                tx.ledger.append(Kind.CONTACT, body, now=self.desk.clock.now())

    def on(self, moment: datetime) -> None:
        self.desk.clock.time = round(moment.replace(tzinfo=self.zone).timestamp()) * S

    def case(self, *, owner: UserId | None = None, due: date | None = None) -> int:
        """Opens a case and delivers its card."""
        self._posts += 1
        place = replace(POST, ts=Ts(f"17{self._posts:02d}.000100"))
        mark = Mark(at=self.desk.clock.now(), kind=TurnKind.STAMP)
        stamp = Reaction(place=place, reaction=ALARM, user=USERS[0], mark=mark)
        self.desk.stamps.reaction(stamp, event=0, may_claim=lambda: False)
        if owner is not None:
            self.act(WISHES["take"], by=owner)
        if due is not None:
            self.act(Wish(act=CaseAct.DUE, details=Details(until=due)))
        self._deliver(quietly=True)
        return self._posts

    def act(self, wish: Wish, *, by: UserId = SATO, case: int | None = None) -> None:
        self.desk.clock.time += S
        number = case or self._posts
        key = f"{number}|{wish.name}|{self.desk.clock.time}"
        attempt = Attempt(case=number, wish=wish, by=by, way=Way.COMMAND, key=key)
        assert Acting(self.desk.tools).act(attempt).moved, wish.name

    def live(self, until: datetime, then: Mapping[datetime, Wish] | None = None) -> None:
        """Lets the time pass; each half hour the step is made as often as several processes make it."""
        end, step = until.replace(tzinfo=self.zone).timestamp(), int(HALF_HOUR.total_seconds())
        now = self.desk.clock.time // S // step * step
        while now < end:
            now += step
            self.desk.clock.time = now * S
            local = datetime.fromtimestamp(now, self.zone).replace(tzinfo=None)
            if then and local in then:
                self.act(then[local], by=CISO, case=1)
            for _ in range(2):
                self._look()
            self._deliver()

    def _look(self) -> None:
        remind_of_cases(self.desk.tools)

    def _deliver(self, *, quietly: bool = False) -> None:
        known = len(self.desk.slack.messages)
        self._send()
        local = datetime.fromtimestamp(self.desk.clock.time // S // 60 * 60, self.zone).replace(tzinfo=None)
        for one in self.desk.slack.messages[known:]:
            words = "\n".join(_texts(one.rendered.blocks[:1]))
            if not quietly:
                self.heard.append(Heard(local, one.channel, one.thread_ts, one.rendered.text, words))

    def _send(self) -> None:
        self.desk.deliver_all()

    def reminders(self) -> list[tuple[str, datetime]]:
        return [
            (one.text.split("#")[1].split(" ")[0], one.at)
            for one in self.heard
            if one.thread and "判断" not in one.text
        ]


class Busy(Office):
    """One in which the clocks of checklists, of accepted risks and of calls run, too.

    reminded: who was reminded of a call, and when.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        super().__init__(zone)
        members = (Member(user=TOKYO_USER, zone="Asia/Tokyo"), Member(user=BERLIN, zone="Europe/Berlin"))
        self.desk.tools = replace(self.desk.tools, audience_of=lambda channel: members)
        self.desk.deliver = Deliver(self.desk.tools, departings(self.desk.tools))
        self.reminded: list[tuple[str, datetime]] = []

    def call(self, case: int, *, at: datetime, by_date: date) -> None:
        text = CallText(what="Aozora", version="155", how="再起動", by_date=by_date)
        new = NewCall(
            case=case,
            text=text,
            channel=TEAM_ROOM,
            by=SATO,
            way=Way.COMMAND,
            key="call",
            at=Micros(round(at.replace(tzinfo=self.zone).timestamp()) * S),
            in_hours=True,
        )
        assert isinstance(Calling(self.desk.tools).send(new), UpdateCall)

    @property
    def steps(self) -> list[datetime]:
        return [one.at for one in self.heard if "時間が過ぎました" in one.text]

    @property
    def risks(self) -> list[datetime]:
        return [one.at for one in self.heard if one.text.count("<@") == 2 and "#2" in one.text]

    def _look(self) -> None:
        super()._look()
        StepClock(self.desk.tools).run()
        CaseClock(self.desk.tools, changes=lambda since: ()).run()
        tend_calls(self.desk.tools, zones=zone_named)

    def _send(self) -> None:
        known = len(self.desk.slack.told)
        while self.desk.deliver.one():
            self.desk.clock.time += S
        local = datetime.fromtimestamp(self.desk.clock.time // S // 60 * 60, self.zone).replace(tzinfo=None)
        self.reminded += [(user, local) for user in self.desk.slack.told[known:]]


def _texts(blocks: list[dict[str, object]]) -> Iterator[str]:
    for block in blocks:
        text = block.get("text")
        if isinstance(text, dict):
            yield text["text"]


@pytest.fixture
def office() -> Iterator[Office]:
    made = Office(TOKYO)
    yield made
    made.desk.store.close()


def test_a_quarter_with_golden_week_reminds_exactly_then(office: Office) -> None:
    office.desk.tools.in_force.now = policy(days=1, quiet="20:00-09:30")
    office.on(datetime(2026, 4, 1, 12))
    office.case(owner=SATO, due=date(2026, 5, 8))
    office.case(owner=ITO, due=date(2026, 5, 5))  # a holiday, after which there is another one
    office.case(due=date(2026, 5, 8))  # nobody's: the morning line has it
    office.case(owner=CISO, due=date(2026, 6, 30))
    office.act(WISHES["assess"], by=CISO)
    office.live(datetime(2026, 7, 1, 12), {datetime(2026, 5, 11, 15): CLEAR})
    half = time(9, 30)
    first = [("1", datetime.combine(date(2026, 5, day), half)) for day in (7, 8, 11)]
    days = [date(2026, 4, 30), date(2026, 5, 1), *(date(2026, 5, 7) + timedelta(n) for n in range(56))]
    second = [("2", datetime.combine(day, half)) for day in days if day.weekday() < 5]
    fourth = [("4", datetime.combine(date(2026, *day), half)) for day in ((6, 29), (6, 30), (7, 1))]
    assert sorted(office.reminders()) == sorted([*first, *second, *fourth])
    said = [one.text for one in office.heard if one.text.startswith(f"<@{ITO}>")]
    assert "あと1営業日" in said[0]
    assert "今日が最後の営業日" in said[1]
    assert "1営業日過ぎています" in said[2]
    assert "今日です" in next(one.text for one in office.heard if one.at.day == 8 and SATO in one.text)


def test_the_lead_of_a_track_is_reminded_with_the_owner_and_a_track_that_is_gone_keeps_its_cases(
    office: Office,
) -> None:
    reminded = policy(days=1)
    factory = TrackPlan(
        name=TrackName("factory"),
        kind=Track.INVESTIGATE,
        lead=("<@U0LEAD>",),
        checklist=(ChecklistStep(hours=2, text=Wording(ja="範囲", en="Scope")),),
    )
    route = reminded.routes[0]
    own = replace(route, route=replace(route.route, case=factory.name))
    with_track = replace(reminded, routes=(own,), tracks={factory.name: factory})
    office.desk.tools.in_force.now = with_track
    office.on(datetime(2026, 4, 6, 12))
    office.case(due=date(2026, 4, 7))
    office.live(datetime(2026, 4, 7, 12))
    assert office.heard[-1].text.startswith("<@U0LEAD> #1")
    office.act(WISHES["take"], by=SATO, case=1)
    office.live(datetime(2026, 4, 8, 12))
    assert office.heard[-1].text.startswith(f"<@{SATO}>さん <@U0LEAD> #1")
    office.desk.tools.in_force.now = replace(with_track, tracks={})
    office.live(datetime(2026, 4, 9, 12))
    assert office.heard[-1].text.startswith(f"<@{SATO}>さん #1")
    with office.desk.store.reading() as read:
        case = read.cases.get(1)
    assert case is not None
    assert (case.track, case.kind) == ("factory", Track.INVESTIGATE)
    assert case.checklist == factory.checklist
    assert compare_records(office.desk.store).first is None


def test_another_zone_keeps_its_time_of_day_through_the_change_of_clocks() -> None:
    office = Office(NEW_YORK)
    office.desk.tools.in_force.now = policy(NEW_YORK, "US", days=0)
    office.on(datetime(2026, 3, 1, 12))
    office.case(owner=SATO, due=date(2026, 3, 6))
    office.live(datetime(2026, 3, 11, 23))
    nine = time(9)
    assert office.reminders() == [("1", datetime.combine(date(2026, 3, day), nine)) for day in (6, 9, 10, 11)]
    office.desk.store.close()


def test_the_morning_line_has_a_line_for_accepted_risks_in_its_six_and_is_said_for_them_alone(
    office: Office,
) -> None:
    office.desk.tools.in_force.now = policy(channel=TEAM_ROOM, at=time(9))
    office.on(datetime(2026, 4, 26, 12))  # a Sunday
    for until in (date(2026, 4, 1), date(2026, 5, 7), date(2026, 5, 20)):
        words = RiskWords(by=CISO, accepted_until=until)
        today, now = date(2026, 3, 1), office.desk.clock.now()
        add_risk(office.desk.store, "装置", words, before=None, case=None, today=today, now=now)
    office.live(datetime(2026, 4, 27, 12))
    [line] = office.heard
    assert line.words == line.text
    assert line.text.startswith("*リスク受容*　期限切れ R1（")  # R2 ends in more than seven days
    for _ in range(5):
        office.case()
    office.live(datetime(2026, 4, 30, 12))
    head, *cases, more, risks = office.heard[-1].words.split("\n")
    assert "担当未定 5件" in head
    assert (len(cases), "ほか2件" in more) == (3, True)
    assert "期限切れ R1／まもなく期限 R2（" in risks
    for key in ("R1", "R2"):
        words = RiskWords(by=CISO)
        now = office.desk.clock.now()
        review_risk(office.desk.store, key, words, is_closed=True, today=date(2026, 4, 30), now=now)
    office.live(datetime(2026, 5, 1, 12))
    assert "リスク" not in office.heard[-1].words


def test_the_morning_line_says_the_most_urgent_first_in_six_lines_once_a_working_day(office: Office) -> None:
    office.desk.tools.in_force.now = policy(channel=TEAM_ROOM, at=time(9))
    address = "https://kaku.slack.com/archives/C0NEWS/p1700000000000100"
    office.desk.slack.snapshot = replace(office.desk.slack.snapshot, permalink=address)
    office.on(datetime(2026, 4, 29, 12))  # a holiday
    office.case()
    office.case(owner=SATO)
    office.act(WISHES["assess"])
    office.case(owner=SATO, due=date(2026, 4, 30))
    office.case(owner=SATO, due=date(2026, 4, 27))
    office.case(owner=SATO, due=date(2026, 12, 1))
    office.live(datetime(2026, 4, 30, 23))
    [line] = office.heard
    assert (line.at, line.channel, line.thread) == (datetime(2026, 4, 30, 9), TEAM_ROOM, None)
    head, *cases = line.words.split("\n")
    assert "期限超過 1件／今日まで 1件／判断待ち 1件" in head
    assert f"<@{CISO}>" in head
    assert "<!subteam^S0CISO>" in head
    assert [one.split("|")[1].split(">")[0] for one in cases] == ["#4", "#3", "#2", "#1"]
    assert "<https://kaku.slack.com/archives/C1/p17000000001|#1>" in cases[-1]
    for _ in range(3):
        office.case()
    office.live(datetime(2026, 5, 1, 23))
    words = office.heard[-1].words.split("\n")
    assert len(words) == 6
    assert "ほか3件" in words[-1]
    assert len(office.heard) == 2


def test_nothing_is_said_if_there_is_nothing_or_nobody_wants_it(office: Office) -> None:
    office.on(datetime(2026, 6, 1, 7))
    office.desk.tools.in_force.now = policy(channel=TEAM_ROOM, days=1)
    office.case(owner=SATO)
    office.live(datetime(2026, 6, 5, 23))
    office.desk.tools.in_force.now = policy()
    office.case(owner=SATO, due=date(2026, 6, 8))
    office.live(datetime(2026, 6, 12, 23))
    assert office.heard == []


def test_what_changed_before_a_reminder_is_sent_counts(office: Office) -> None:
    office.desk.tools.in_force.now = policy(days=1)
    office.on(datetime(2026, 6, 1, 7))
    office.case(owner=SATO, due=date(2026, 6, 1))
    office.case(owner=SATO, due=date(2026, 6, 1))
    office.on(datetime(2026, 6, 1, 9))
    assert remind_of_cases(office.desk.tools)
    office.act(Wish(act=CaseAct.DUE, details=Details(until=date(2026, 6, 20))), case=1)
    office.act(Wish(act=CaseAct.HAND_OVER, details=Details(to=ITO)), case=2)
    office.live(datetime(2026, 6, 1, 10))
    [told] = [one for one in office.heard if one.thread]
    assert told.text.startswith(f"<@{ITO}>")


def test_a_reminder_that_is_late_by_a_day_is_not_sent_and_one_without_an_answer_is_sent_once(
    office: Office,
) -> None:
    office.desk.tools.in_force.now = policy(days=0, channel=TEAM_ROOM)
    office.on(datetime(2026, 6, 1, 7))
    office.case(owner=SATO, due=date(2026, 6, 1))
    office.on(datetime(2026, 6, 1, 9))
    lost = fails_afterwards(SlackError("timeout", ambiguous=True))
    office.desk.slack.script.then("post", lost, lost)
    assert remind_of_cases(office.desk.tools)
    assert not remind_of_cases(office.desk.tools)
    office.desk.deliver_all()
    assert len({one.key for one in office.desk.slack.messages}) == len(office.desk.slack.messages)
    before = len(office.desk.slack.messages)
    office.on(datetime(2026, 6, 2, 9))
    assert remind_of_cases(office.desk.tools)
    office.on(datetime(2026, 6, 3, 9))
    office.desk.deliver_all()
    assert len(office.desk.slack.messages) == before


def test_the_agenda_names_some_and_counts_all(office: Office) -> None:
    office.on(datetime(2026, 6, 1, 7))
    office.desk.tools.in_force.now = policy()
    for _ in range(3):
        office.case(owner=ITO, due=date(2026, 6, 1))
    office.case()
    with office.desk.store.reading() as read:
        every = read.cases.agenda(TEAM, date(2026, 6, 2), now=office.desk.clock.now(), limit=2)
        due = read.cases.due(TEAM, until=date(2026, 6, 1), after=1, limit=5)
    assert (len(every.first), every.total) == (2, 4)
    assert every.counts == {Concern.OVERDUE: 3, Concern.UNOWNED: 1}
    assert [one.number for one in due] == [2, 3]


def test_more_than_one_transaction_of_reminders_is_made(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threatstamp.desk.cases.reminding.AT_ONCE", 2)
    office.desk.tools.in_force.now = policy(days=0)
    office.on(datetime(2026, 6, 1, 7))
    for _ in range(5):
        office.case(owner=SATO, due=date(2026, 6, 1))
    office.on(datetime(2026, 6, 1, 8, 30))
    office.live(datetime(2026, 6, 1, 9))
    assert len(office.reminders()) == 5
    assert Micros(office.desk.clock.time) > 0


def test_a_golden_week_with_a_checklist_an_accepted_risk_and_a_planned_call() -> None:
    office = Busy(TOKYO)
    quiet = policy(quiet="20:00-09:30")
    steps = tuple(ChecklistStep(hours=hours, text=Wording(ja="範囲", en="Scope")) for hours in (2, 24))
    plan = TrackPlan(name=TrackName("product"), kind=Track.APP_UPDATE, checklist=steps)
    office.desk.tools.in_force.now = replace(
        quiet, tracks={plan.name: plan}, announce_to=frozenset({TEAM_ROOM})
    )
    office.on(datetime(2026, 4, 28, 18, 30))
    office.case(owner=SATO)
    office.case(owner=ITO)
    for item in (1, 2):
        office.act(Wish(act=CaseAct.CHECK, details=Details(item=item)))
    until = Details(until=date(2026, 5, 8))
    office.act(replace(WISHES["decide_accept"], reason="小さい", details=until), by=CISO)
    office.call(1, at=datetime(2026, 5, 2, 12), by_date=date(2026, 5, 11))
    office.live(datetime(2026, 5, 20, 12), {datetime(2026, 5, 13, 15): CLEAR})
    half, six = time(9, 30), time(18, 30)
    assert office.steps == [
        datetime.combine(date(2026, 4, 29), half),  # the first ran out in the hours of rest
        datetime.combine(date(2026, 4, 29), six),  # a holiday, on which the clock runs, too
    ]
    assert office.risks == [datetime.combine(date(2026, 5, day), half) for day in (1, 9)]
    assert [one.at for one in office.heard if one.channel == TEAM_ROOM and not one.thread] == [
        datetime(2026, 5, 7, 10)  # planned for a Saturday, before three more holidays
    ]
    assert office.reminded == [
        (user, datetime(2026, 5, day, hour))
        for day in (8, 11, 12, 13)
        for user, hour in ((TOKYO_USER, 10), (BERLIN, 17))
        if (user, day) != (BERLIN, 13)  # the case was closed at three
    ]
    assert compare_records(office.desk.store).first is None
    office.desk.store.close()
