"""Whom a call still waits for, and on which days it reminds them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from threatstamp.config.calendar import CalendarSettings, calendar_of
from threatstamp.core.calendar import Calendar
from threatstamp.core.cases.call import (
    Answer,
    Asked,
    CallText,
    Tally,
    UpdateCall,
    count,
    reminder_day,
    sending_time,
)
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.time import Micros

HOUR = timedelta(hours=1)


def micros(when: datetime) -> Micros:
    return Micros(round(when.timestamp() * 1_000_000))


def call(sent: datetime, by_date: date) -> UpdateCall:
    return UpdateCall(
        number=1,
        case=1,
        text=CallText(what="Aozora", version="155", how="…", by_date=by_date),
        channel=ChannelId("C1"),
        owner=UserId("U1"),
        sent_at=micros(sent),
        departure=1,
    )


def days(one: UpdateCall, calendar: Calendar, *, begin: datetime, hours: int) -> list[date]:
    """Each day on which somebody is reminded, looked at every hour."""
    found = (reminder_day(one, calendar, now=micros(begin + n * HOUR)) for n in range(hours))
    return list(dict.fromkeys(day for day in found if day is not None))


def test_the_last_answer_of_each_person_counts() -> None:
    said = (Answer.DONE, Answer.DONE, Answer.NOT_USING, Answer.HELP, None)
    tally = count(Asked(number=n, user=UserId(f"U{n}"), answer=one) for n, one in enumerate(said))
    assert tally == Tally(asked=5, done=2, not_using=1, help=1)
    assert tally.open == 1
    assert count(()) == Tally()


def test_people_are_reminded_from_the_working_day_before_it_is_due() -> None:
    # sent on Monday, due on the Monday after: Friday is the last working day before
    sent = datetime(2026, 10, 5, 1, tzinfo=UTC)
    calendar = Calendar(zone=ZoneInfo("Asia/Tokyo"))
    found = days(call(sent, date(2026, 10, 12)), calendar, begin=sent, hours=24 * 10)
    assert found == [date(2026, 10, 9), date(2026, 10, 12), date(2026, 10, 13), date(2026, 10, 14)]


def test_a_call_reminds_nobody_on_its_own_day_however_urgent_it_is() -> None:
    sent = datetime(2026, 10, 5, 1, tzinfo=UTC)
    calendar = Calendar(zone=ZoneInfo("Asia/Tokyo"))
    urgent = call(sent, date(2026, 10, 5))
    assert days(urgent, calendar, begin=sent, hours=12) == []
    assert days(urgent, calendar, begin=sent, hours=30) == [date(2026, 10, 6)]


def test_everybody_is_reminded_in_the_working_hours_of_their_own_zone() -> None:
    one = call(datetime(2026, 10, 30, 1, tzinfo=UTC), date(2026, 11, 2))
    for name in ("Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin"):
        zone = ZoneInfo(name)
        begin = datetime(2026, 10, 31, tzinfo=UTC)  # clocks change in this night in California
        calendar = Calendar().within(zone)
        moments = [begin + n * HOUR for n in range(24 * 4)]
        told = [moment for moment in moments if reminder_day(one, calendar, now=micros(moment))]
        assert {moment.astimezone(zone).hour for moment in told} == set(range(10, 17))
        assert {moment.astimezone(zone).date() for moment in told} >= {date(2026, 11, 2), date(2026, 11, 3)}


def test_a_planned_call_goes_out_at_its_time_or_in_the_next_working_hours() -> None:
    calendar = Calendar(zone=ZoneInfo("Asia/Tokyo"))

    def when(now: datetime, at: datetime | None = None, *, in_hours: bool) -> datetime:
        moment = None if at is None else micros(at.replace(tzinfo=calendar.zone))
        now = now.replace(tzinfo=calendar.zone)
        found = sending_time(calendar, now=micros(now), at=moment, in_hours=in_hours)
        return datetime.fromtimestamp(found / 1_000_000, calendar.zone).replace(tzinfo=None)

    friday, night = datetime(2026, 10, 9, 11), datetime(2026, 10, 9, 23)
    assert when(friday, in_hours=True) == friday
    assert when(night, in_hours=False) == night
    assert when(night, in_hours=True) == datetime(2026, 10, 12, 10)
    assert when(datetime(2026, 10, 9, 8), in_hours=True) == datetime(2026, 10, 9, 10)
    assert when(friday, datetime(2026, 10, 13, 9, 30), in_hours=False) == datetime(2026, 10, 13, 9, 30)
    assert when(friday, datetime(2026, 10, 11, 9, 30), in_hours=True) == datetime(2026, 10, 12, 10)


def test_a_quarter_with_golden_week_and_the_change_of_clocks_reminds_exactly_then() -> None:
    """The first moment of each day on which somebody is reminded, in Coordinated Universal Time."""

    def first(zone: str, sent: datetime, by: date, until: datetime) -> list[str]:
        calendar = calendar_of(CalendarSettings(country="JP"), ZoneInfo(zone))
        found: dict[date, datetime] = {}
        moment = sent
        while moment < until:
            day = reminder_day(call(sent, by), calendar, now=micros(moment))
            if day is not None:
                found.setdefault(day, moment)
            moment += HOUR / 2
        return [f"{at:%m-%d %H:%M}" for at in found.values()]

    spring, autumn = datetime(2026, 4, 27, 3, tzinfo=UTC), datetime(2026, 10, 26, 3, tzinfo=UTC)
    tokyo = first("Asia/Tokyo", spring, date(2026, 5, 6), datetime(2026, 5, 13, tzinfo=UTC))
    assert tokyo == [f"{day} 01:00" for day in ("05-01", "05-07", "05-08", "05-11", "05-12")]
    york = first("America/New_York", spring, date(2026, 5, 6), datetime(2026, 5, 13, tzinfo=UTC))
    assert york == [f"{day} 14:00" for day in ("05-01", "05-07", "05-08", "05-11", "05-12")]
    # the clocks of New York go back on 1 November, and 3 November is a holiday of the company
    late = first("America/New_York", autumn, date(2026, 11, 2), datetime(2026, 11, 6, tzinfo=UTC))
    assert late == ["10-30 14:00", "11-02 15:00", "11-04 15:00", "11-05 15:00"]
    quarter = first("Asia/Tokyo", spring, date(2026, 4, 30), datetime(2026, 7, 27, tzinfo=UTC))
    off = {date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 6), date(2026, 7, 20)}
    days = (date(2026, 4, 28) + timedelta(n) for n in range(90))
    working = [one for one in days if one.weekday() < 5 and one not in {*off, date(2026, 4, 29)}]
    assert quarter == [f"{day:%m-%d} 01:00" for day in working if day < date(2026, 7, 27)]
