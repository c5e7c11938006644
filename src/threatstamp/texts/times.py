"""Times as people say them: `10/7(水) 11:02`, `Wed 7 Oct 11:02`."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from threatstamp.texts.catalogue import Language

_JA_DAYS = "月火水木金土日"
_EN_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EN_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = (
    (86_400, "日", " day", " days"),
    (3_600, "時間", " h", " h"),
    (60, "分", " min", " min"),
    (1, "秒", " s", " s"),
)


def say_time(at: datetime, zone: tzinfo, language: Language, *, seconds: bool = False) -> str:
    """Returns a moment in a zone, with its weekday; the year is left to the reader."""
    local = at.astimezone(zone)
    clock = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    if language is Language.JA:
        return f"{local.month}/{local.day}({_JA_DAYS[local.weekday()]}) {clock}"
    return f"{_EN_DAYS[local.weekday()]} {local.day} {_EN_MONTHS[local.month - 1]} {clock}"


def say_day(day: date, language: Language) -> str:
    """Returns a date with its weekday; the year is left to the reader."""
    if language is Language.JA:
        return f"{day.month}/{day.day}({_JA_DAYS[day.weekday()]})"
    return f"{_EN_DAYS[day.weekday()]} {day.day} {_EN_MONTHS[day.month - 1]}"


def say_duration(length: timedelta, language: Language) -> str:
    """Returns a length by its largest unit and the next: 3分, 1時間30分, 5日; 3 min, 1 h 30 min, 5 days."""
    left = max(0, int(length.total_seconds()))
    for place, (size, *_) in enumerate(_UNITS):
        if left >= size:
            pair = (left // size, place), (left % size // _UNITS[place + 1][0] if size > 1 else 0, place + 1)
            words = [_say_unit(count, at, language) for count, at in pair if count]
            return ("" if language is Language.JA else " ").join(words)
    return _say_unit(0, len(_UNITS) - 1, language)


def _say_unit(count: int, place: int, language: Language) -> str:
    _, ja, one, many = _UNITS[place]
    if language is Language.JA:
        return f"{count}{ja}"
    return f"{count}{one if count == 1 else many}"
