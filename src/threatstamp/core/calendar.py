"""The calendar: working days, times of day in a zone, hours of rest, and days until something is due.

Pure: which days are public holidays, and the rules of a zone, are given by whoever makes one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from threatstamp.core.time import SECOND, Micros, datetime_of

_DAY = timedelta(days=1)
_LONGEST_BREAK = 400
"""Days. A calendar without a working day in so long a time has none, and then every day counts as one."""


def is_weekend(day: date) -> bool:
    """True for Saturday and Sunday."""
    return day.weekday() >= 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours of every day in which nobody is disturbed, as times of day; they may span midnight."""

    begins: time
    ends: time

    def has(self, at: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Which days people work, in their zone.

    is_off: true for weekends, public holidays and the company's own days off.
    """

    zone: tzinfo = UTC
    is_off: Callable[[date], bool] = is_weekend
    quiet: Quiet | None = None

    def within(self, zone: tzinfo) -> Calendar:
        """Returns the same calendar for people in another zone."""
        return replace(self, zone=zone)

    def is_working(self, day: date) -> bool:
        return not self.is_off(day)

    def working_from(self, day: date) -> date:
        """Returns a day itself if it is a working day, else the next one."""
        for ahead in range(_LONGEST_BREAK):
            found = day + ahead * _DAY
            if self.is_working(found):
                return found
        return day

    def day_of(self, at: Micros) -> date:
        """Returns the date of a moment in the zone."""
        return self._local(at).date()

    def moment(self, day: date, at: time) -> Micros:
        """Returns the moment of a time of day.

        A time that the clocks jump over is as much later as they jump; of one that comes twice it is the
        first.
        """
        local = datetime.combine(day, at.replace(fold=0), tzinfo=self.zone)
        since = local.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
        return Micros((since.days * 86_400 + since.seconds) * SECOND + since.microseconds)

    def time_on(self, day: date, at: time) -> Micros:
        """Returns the moment of a time on a day, or when the hours of rest end that the time lies in."""
        is_rest = self.quiet is not None and self.quiet.has(at)
        return self.moment(day, self.quiet.ends if is_rest and self.quiet else at)

    def is_rest(self, at: Micros) -> bool:
        """True on days off, and in the hours of rest."""
        return not self.is_working(self.day_of(at)) or self.undisturbed(at) != at

    def next_working(self, at: time, *, after: Micros) -> Micros:
        """Returns the first moment after another at which it is that time on a working day."""
        today = self.day_of(after)
        found = self.moment(self.working_from(today), at)
        return found if found > after else self.moment(self.working_from(today + _DAY), at)

    def due_on(self, days: int, *, since: Micros, working: bool) -> date:
        """Returns the date that is so many days after a moment's; with `working` only working days count."""
        day = self.day_of(since)
        if not working:
            return day + days * _DAY
        for _ in range(days):
            day = self.working_from(day + _DAY)
        return day

    def days_left(self, until: date, *, now: Micros, working: bool) -> int:
        """Returns how many days are left until a date, which counts itself; negative if it is past."""
        today = self.day_of(now)
        if not working:
            return (until - today).days
        first, last, sign = (today, until, 1) if until >= today else (until, today, -1)
        days = ((first + ahead * _DAY) for ahead in range(1, (last - first).days + 1))
        return sign * sum(map(self.is_working, days))

    def undisturbed(self, at: Micros) -> Micros:
        """Returns the moment itself, or when the hours of rest end that it lies in."""
        local = self._local(at)
        if self.quiet is None or not self.quiet.has(local.time()):
            return at
        today = self.moment(local.date(), self.quiet.ends)
        return today if today > at else self.moment(local.date() + _DAY, self.quiet.ends)

    def _local(self, at: Micros) -> datetime:
        return datetime_of(at).astimezone(self.zone)
