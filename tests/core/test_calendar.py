"""Working days, times of day and hours of rest: a quarter with Golden Week, two zones, clocks that change."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

import pytest

from threatstamp.config.calendar import CalendarSettings, calendar_of
from threatstamp.core.calendar import Calendar, Quiet
from threatstamp.core.time import DAY, HOUR, MINUTE, Micros, utc_text

TOKYO, NEW_YORK = ZoneInfo("Asia/Tokyo"), ZoneInfo("America/New_York")
JAPAN = calendar_of(CalendarSettings(days_off=("2026-05-01", "12-29")), TOKYO)
NIGHT = Quiet(begins=time(22), ends=time(7))


def at(calendar: Calendar, said: str) -> Micros:
    day, _, clock = said.partition(" ")
    return calendar.moment(date.fromisoformat(day), time.fromisoformat(clock))


def test_a_quarter_with_golden_week_has_exactly_its_working_mornings() -> None:
    found, now = [], at(JAPAN, "2026-04-01 08:00")
    while (now := JAPAN.next_working(time(9), after=now)) < at(JAPAN, "2026-07-01 00:00"):
        found.append(utc_text(now))
    off = {"04-29", "05-01", "05-04", "05-05", "05-06"}  # Showa Day; the company's own; three of Golden Week
    days = [
        f"2026-{month:02}-{day:02}"
        for month, last in ((4, 30), (5, 31), (6, 30))
        for day in range(1, last + 1)
    ]
    working = [day for day in days if date.fromisoformat(day).weekday() < 5 and day[5:] not in off]
    assert found == [f"{day}T00:00:00Z" for day in working]
    assert len(found) == 60


def test_in_another_zone_the_same_days_begin_at_other_moments_and_clocks_that_change_keep_the_morning() -> (
    None
):
    there = JAPAN.within(NEW_YORK)
    mornings, now = [], at(there, "2026-03-05 10:00")
    for _ in range(3):
        now = there.next_working(time(9), after=now)
        mornings.append(utc_text(now))
    # summer time begins on Sunday 8 March
    assert mornings == ["2026-03-06T14:00:00Z", "2026-03-09T13:00:00Z", "2026-03-10T13:00:00Z"]


def test_a_time_that_is_skipped_comes_later_and_of_one_that_comes_twice_it_is_the_first() -> None:
    every_day = Calendar(zone=NEW_YORK, is_off=lambda _: False)
    assert utc_text(at(every_day, "2026-03-08 02:30")) == "2026-03-08T07:30:00Z"  # 03:30 summer time
    assert utc_text(at(every_day, "2026-11-01 01:30")) == "2026-11-01T05:30:00Z"  # in summer time still
    night = every_day.next_working(time(1, 30), after=at(every_day, "2026-11-01 01:30"))
    assert utc_text(night) == "2026-11-02T06:30:00Z"  # once a day, though the clock says it twice


def test_days_until_something_is_due_count_as_the_house_says() -> None:
    thursday = at(JAPAN, "2026-04-30 15:00")
    assert JAPAN.due_on(3, since=thursday, working=False) == date(2026, 5, 3)
    assert JAPAN.due_on(3, since=thursday, working=True) == date(2026, 5, 11)
    assert JAPAN.due_on(0, since=thursday, working=True) == date(2026, 4, 30)
    assert JAPAN.days_left(date(2026, 5, 11), now=thursday, working=True) == 3
    assert JAPAN.days_left(date(2026, 5, 11), now=thursday, working=False) == 11
    late = at(JAPAN, "2026-05-12 00:10")
    assert JAPAN.days_left(date(2026, 5, 7), now=late, working=True) == -3
    assert JAPAN.days_left(date(2026, 5, 12), now=late, working=True) == 0


@pytest.mark.parametrize(
    ("said", "then"),
    [
        ("21:59", "21:59"),
        ("22:00", "07:00"),
        ("03:00", "07:00"),
        ("06:59", "07:00"),
        ("07:00", "07:00"),
        ("12:00", "12:00"),
    ],
)
def test_in_hours_of_rest_nobody_is_disturbed(said: str, then: str) -> None:
    calendar = Calendar(zone=TOKYO, quiet=NIGHT)
    asked = at(calendar, f"2026-05-12 {said}")
    found = calendar.undisturbed(asked)
    assert utc_text(found)[11:16] == utc_text(at(calendar, f"2026-05-12 {then}"))[11:16]
    assert 0 <= found - asked < 9 * HOUR + MINUTE
    assert Calendar(zone=TOKYO).undisturbed(asked) == asked
    by_day = Calendar(zone=TOKYO, quiet=Quiet(begins=time(12), ends=time(13)))
    assert by_day.undisturbed(at(by_day, "2026-05-12 12:30")) == at(by_day, "2026-05-12 13:00")


def test_holidays_of_other_countries_and_of_none() -> None:
    bavaria = calendar_of(CalendarSettings(country="DE-BY"), ZoneInfo("Europe/Berlin"))
    assert not bavaria.is_working(date(2026, 1, 6))
    assert JAPAN.is_working(date(2026, 1, 6))
    assert calendar_of(CalendarSettings(country=""), TOKYO).is_working(date(2026, 5, 5))
    assert not JAPAN.is_working(date(2026, 12, 29))
    assert not JAPAN.is_working(date(2027, 12, 29))
    friday = calendar_of(CalendarSettings(country="SA"), ZoneInfo("Asia/Riyadh"))
    assert friday.is_working(date(2026, 11, 29))  # a Sunday
    assert not friday.is_working(date(2026, 11, 27))


def test_a_calendar_without_any_working_day_still_ends() -> None:
    never = Calendar(is_off=lambda _: True)
    now = Micros(1_800_000_000_000_000)
    assert 0 < never.next_working(time(9), after=now) - now <= DAY
