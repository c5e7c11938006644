"""The table [calendar]: the country's public holidays and the company's own days off."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from threatstamp.config.reader import Table
from threatstamp.config.routes import time_of_day
from threatstamp.core.calendar import Calendar, Quiet, is_weekend

if TYPE_CHECKING:
    from holidays import HolidayBase

JAPAN = "JP"
_EVERY_YEAR = re.compile(r"([0-9]{2})-([0-9]{2})")
_LEAP = 2024
"""A year that has every day of a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSettings:
    """country: "JP", or with a part of it "DE-BY"; "" for no public holidays. days_off, quiet: as written."""

    country: str = JAPAN
    days_off: tuple[str, ...] = ()
    quiet: str = ""


def read_calendar(table: Table, *, top: frozenset[str]) -> CalendarSettings:
    """Returns the settings of the calendar; what is wrong with them is added to the table's problems."""
    country = JAPAN
    if table.has("country"):
        country = table.text("country", "", empty=True).upper()
        if country and _holidays(country) is None:
            table.wrong("country", "country", value=country)
            country = ""
    days: list[str] = []
    for item, said in table.texts("days_off"):
        if _day_off(said) is None:
            table.wrong("days_off", "day_off", item=item, value=said)
        days.append(said)
    quiet = table.text("quiet", "")
    if quiet and _quiet(quiet) is None:
        table.wrong("quiet", "quiet", value=quiet)
    table.close(top=top)
    return CalendarSettings(country=country, days_off=tuple(days), quiet=quiet)


def calendar_of(settings: CalendarSettings, zone: ZoneInfo) -> Calendar:
    """Returns the calendar. Public holidays are looked up when somebody asks for a day, not before."""
    off = frozenset(_day_off(said) for said in settings.days_off)
    return Calendar(zone=zone, is_off=_Days(settings.country, off), quiet=_quiet(settings.quiet))


class _Days:
    """The days on which nobody works: weekends, which are other days in some countries, and days off.

    A year whose holidays nobody knows yet has only the company's own.
    """

    def __init__(self, country: str, off: frozenset[date | tuple[int, int] | None]) -> None:
        self._country = country
        self._off = off
        self._public: HolidayBase | None = None

    def __call__(self, day: date) -> bool:
        if day in self._off or (day.month, day.day) in self._off:
            return True
        if self._public is None and self._country:
            self._public = _holidays(self._country)
        if self._public is None:
            return is_weekend(day)
        return day.weekday() in self._public.weekend or day in self._public


def _quiet(said: str) -> Quiet | None:
    """Returns hours such as "20:00-08:00"; None for anything else, and for none."""
    begins, _, ends = (part.strip() for part in said.partition("-"))
    first, last = time_of_day(begins), time_of_day(ends)
    return None if first is None or last is None or first == last else Quiet(begins=first, ends=last)


def _day_off(said: str) -> date | tuple[int, int] | None:
    """Returns one day, "2026-12-29", or month and day of one in every year, "12-29"; None for neither."""
    yearly = _EVERY_YEAR.fullmatch(said)
    try:
        if yearly is None:
            return date.fromisoformat(said)
        day = date(_LEAP, int(yearly[1]), int(yearly[2]))
    except ValueError:
        return None
    return day.month, day.day


def _holidays(country: str) -> HolidayBase | None:
    import holidays  # slow to load, and most commands ask for no day

    name, _, part = country.partition("-")
    try:
        return holidays.country_holidays(name, subdiv=part or None)
    except NotImplementedError:
        return None
