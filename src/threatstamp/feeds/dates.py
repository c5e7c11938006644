"""Dates as feeds write them. What cannot be read is not known: never guessed, and never "now"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from threatstamp.core.time import Micros
from threatstamp.feeds.zones import read_zone

LONGEST = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_YEARS = range(1900, 3000)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_ERAS = {"令和": 2018, "r": 2018, "平成": 1988, "h": 1988, "昭和": 1925, "s": 1925}
_WEEKDAY = r"(?:[^\W\d_]{1,9}\.?,?\s{0,4}(?=[\d])|[^\W\d_]{1,9}[.,]{0,2}\s{1,4}(?=[A-Za-z]))?"
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{1,2})(?:[:.](?P<second>\d{1,2})(?:[.,](?P<part>\d{1,12}))?)?)?"
    r"(?:\s{0,2}(?P<half>[AaPp]\.?[Mm]\.?)(?![A-Za-z]))?"
)
_ZONE = r"(?P<zone>[A-Za-z+\-][\w+\-:/]{0,40})?"
_TIME = rf"(?:,?\s{{1,4}}(?:at\s|-\s)?{_CLOCK})?\s{{0,4}}{_ZONE}"
_DAY_FIRST = re.compile(
    rf"{_WEEKDAY}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[\s\-.]{{1,4}}(?P<month>[A-Za-z]{{3,9}}|\d{{1,2}}月)[.,]{{0,2}}[\s\-]{{1,4}}"
    rf"(?P<year>\d{{2,4}}){_TIME}"
)
_MONTH_FIRST = re.compile(
    rf"{_WEEKDAY}(?P<month>[A-Za-z]{{3,9}})\.?\s{{1,4}}(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,4}}(?P<year>\d{{4}}){_TIME}"
)
_ASCTIME = re.compile(
    rf"{_WEEKDAY}(?P<month>[A-Za-z]{{3,9}})\s{{1,4}}(?P<day>\d{{1,2}})\s{{1,4}}{_CLOCK}(?:\s{{1,4}}{_ZONE})?\s{{1,4}}(?P<year>\d{{4}})"
)
_ISO = re.compile(
    rf"(?P<year>\d{{4}})(?:-(?P<month>\d{{1,2}})(?:-(?P<day>\d{{1,2}}))?|-?W(?P<week>\d{{2}})(?:-?(?P<weekday>[1-7]))?"
    rf"|-?(?P<ordinal>\d{{3}}))?(?:[Tt\s_]\s{{0,3}}{_CLOCK})?\s{{0,4}}{_ZONE}"
)
_BASIC = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[Tt\s]?(?P<hour>\d{2})(?:(?P<minute>\d{2})(?:(?P<second>\d{2})(?:[.,](?P<part>\d{1,12}))?)?)?)?\s?"
    + _ZONE
)
_BASIC_CLOCKED = re.compile(
    rf"(?P<year>\d{{4}})(?P<month>\d{{2}})(?P<day>\d{{2}})[Tt\s]\s{{0,3}}{_CLOCK}\s?{_ZONE}"
)
_SLASHES = re.compile(
    rf"(?P<year>\d{{4}})[/.](?P<month>\d{{1,2}})(?:[/.](?P<day>\d{{1,2}}))?\.?(?:[T-])?{_TIME}"
)
_YEAR_LAST = re.compile(rf"(?P<one>\d{{1,2}})[/.](?P<two>\d{{1,2}})[/.](?P<year>\d{{4}}){_TIME}")
_JAPANESE = re.compile(
    r"(?:(?P<era>令和|平成|昭和|[RrHhSs])\s?(?P<of>元|\d{1,2})|(?P<year>\d{4}))\s?年\s?(?P<month>\d{1,2})\s?月"
    r"(?:\s?(?P<day>\d{1,2})\s?日)?(?:\s?[日月火水木金土]曜日?)?\s{0,4}(?P<noon>午前|午後)?\s?"
    r"(?:(?P<hour>\d{1,2})\s?[時:](?:\s?(?P<minute>\d{1,2}|半)\s?(?:分|:|$|(?=\D)))?(?:\s?(?P<second>\d{1,2})\s?秒?)?)?"
    rf"\s{{0,4}}{_ZONE}"
)
_ASIDE = re.compile(r"\s?[(\[][^()\[\]]{0,20}[)\]]")
_WEEKDAY_BEFORE_YEAR = re.compile(r"^[^\W\d_]{1,9}(?:[.,]{1,2}\s?|\s)(?=\d{4}[\-/.年])")
_NAME_BEHIND_OFFSET = re.compile(r"(?<=[+\-]\d\d)(:?\d\d) [A-Z]{1,5}$")
"""Go writes both: "+0900 JST". The offset decides."""
_ACTS = "(?:更新|公開|掲載|配信|発表|発行|投稿|現在)"
_JAPANESE_WORDS = re.compile(rf"^(?:最終)?{_ACTS}(?:日時?)? ?:? ?| ?{_ACTS}$")
_EPOCH_COUNT = re.compile(r"(1\d{9})(?:\.\d{1,9}|(\d{3}|\d{6}))?")
"""Seconds, milliseconds or microseconds since 1970, from 2001 to 2033: nothing else looks like that."""
_SIGNS = str.maketrans({"−": "-", "‐": "-", "‑": "-", "–": "-", "’": "'", "\u3000": " ", "\xa0": " "})

Parts = dict[str, str | None]


def read_time(text: str | None, zone: ZoneInfo) -> Micros | None:
    """Returns a moment in microseconds since 1970, or None. zone: for dates that carry none.

    A date without a time is midnight there; a month or a year its first day.
    """
    if text is None or len(text) > LONGEST:
        return None
    text = text.strip()
    if text[10:11] == "T" and (found := _quickly(text, zone)) is not None:
        return found
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    if "(" in text or "[" in text:
        text = _ASIDE.sub(" ", text)
    text = " ".join(text.split()).lstrip(" ,")
    if match := _EPOCH_COUNT.fullmatch(text):
        return Micros(int((match[1] + (match[2] or "")).ljust(16, "0")))
    text = _NAME_BEHIND_OFFSET.sub(
        r"\1", _WEEKDAY_BEFORE_YEAR.sub("", _JAPANESE_WORDS.sub("", text), count=1)
    )
    for form, reading in _FORMS:
        if match := form.fullmatch(text):
            return _moment(match.groupdict(), reading, zone)
    return None


def _quickly(text: str, zone: ZoneInfo) -> Micros | None:
    """Reads the form that most feeds write, without trying the others."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.year not in _YEARS:
        return None
    zoned = found if found.tzinfo else found.replace(tzinfo=zone)
    return Micros((zoned - _EPOCH) // _MICROSECOND)


def _moment(parts: Parts, reading: Callable[[Parts], date], zone: ZoneInfo) -> Micros | None:
    try:
        day = reading(parts)
        if day.year not in _YEARS:
            return None
        where = read_zone(parts.get("zone"), zone)
        return _micros(day, _clock(parts), where)
    except (ValueError, OverflowError, KeyError):
        return None


def _micros(day: date, length: timedelta, where: tzinfo) -> Micros:
    """Adds a clock's reading to a day. 24:00 and a leap second are the next day's or minute's start."""
    local = datetime(day.year, day.month, day.day) + length  # noqa: DTZ001 - it gets its zone in the same line
    return Micros((local.replace(tzinfo=where) - _EPOCH) // _MICROSECOND)


def _clock(parts: Parts) -> timedelta:
    hour, minute, second = (_number(parts.get(name)) for name in ("hour", "minute", "second"))
    half = parts.get("half") or parts.get("noon")
    if half:
        hour = _on_the_dial(hour, late=half[0] in "Pp" or half == "午後")
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise ValueError("no such time")
    part = int((parts.get("part") or "0")[:6].ljust(6, "0"))
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=part)


def _on_the_dial(hour: int, *, late: bool) -> int:
    if hour > 12:
        return hour
    return hour % 12 + (12 if late else 0)


def _number(text: str | None) -> int:
    return 30 if text == "半" else int(text or 0)


def _day(year: int, parts: Parts) -> date:
    return date(year, int(parts.get("month") or 1), int(parts.get("day") or 1))


def _numbered(parts: Parts) -> date:
    year = int(parts["year"] or 0)
    if week := parts.get("week"):
        return date.fromisocalendar(year, int(week), int(parts["weekday"] or 1))
    if ordinal := parts.get("ordinal"):
        found = date(year, 1, 1) + timedelta(days=int(ordinal) - 1)
        if found.year != year:
            raise ValueError("no such day")
        return found
    return _day(year, parts)


def _named(parts: Parts) -> date:
    """Two digits of a year as RFC 2822 has it: up to 49 this century; three: since 1900."""
    written = parts["year"] or ""
    year = int(written)
    if len(written) == 2:
        year += 2000 if year < 50 else 1900
    elif len(written) == 3:
        year += 1900
    name = (parts["month"] or "").lower()
    month = int(name[:-1]) if name.endswith("月") else _MONTHS[name]
    return date(year, month, int(parts["day"] or 0))


def _year_last(parts: Parts) -> date:
    """Day and month are told apart only if one of them can be no month, or both are the same."""
    one, two = int(parts["one"] or 0), int(parts["two"] or 0)
    if one <= 12 and two <= 12 and one != two:
        raise ValueError("day or month")
    day, month = (one, two) if one > 12 else (two, one)
    return date(int(parts["year"] or 0), month, day)


def _japanese(parts: Parts) -> date:
    if era := parts["era"]:
        of = parts["of"] or ""
        return _day(_ERAS[era.lower()] + (1 if of == "元" else int(of)), parts)
    return _day(int(parts["year"] or 0), parts)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[Parts], date]], ...] = (
    (_DAY_FIRST, _named),
    (_ISO, _numbered),
    (_BASIC, _numbered),
    (_BASIC_CLOCKED, _numbered),
    (_SLASHES, _numbered),
    (_JAPANESE, _japanese),
    (_MONTH_FIRST, _named),
    (_ASCTIME, _named),
    (_YEAR_LAST, _year_last),
)
