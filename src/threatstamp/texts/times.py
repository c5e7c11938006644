"""Times as people say them: `10/7(水) 11:02`, `Wed 7 Oct 11:02`."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from threatstamp.texts.catalogue import Language

_JA_DAYS = "月火水木金土日"
_EN_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_EN_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def say_time(at: datetime, zone: tzinfo, language: Language, *, seconds: bool = False) -> str:
    """Returns a moment in a zone, with its weekday; the year is left to the reader."""
    local = at.astimezone(zone)
    clock = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    if language is Language.JA:
        return f"{local.month}/{local.day}({_JA_DAYS[local.weekday()]}) {clock}"
    return f"{_EN_DAYS[local.weekday()]} {local.day} {_EN_MONTHS[local.month - 1]} {clock}"


def say_duration(length: timedelta, language: Language) -> str:
    """Returns a length by its largest unit: 3分, 2時間, 5日; 3 min, 2 h, 5 days."""
    seconds = max(0, int(length.total_seconds()))
    for size, ja, en in ((86_400, "日", " d"), (3_600, "時間", " h"), (60, "分", " min")):
        if seconds >= size:
            return f"{seconds // size}{ja if language is Language.JA else en}"
    return f"{seconds}{'秒' if language is Language.JA else ' s'}"
