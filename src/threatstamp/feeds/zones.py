"""Time zones as feeds name them."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_HOURS = {
    "UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "IST": 5.5, "CET": 1, "CEST": 2,
    "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "TRT": 3, "PKT": 5, "ICT": 7, "WIB": 7, "SGT":
    8, "HKT": 8, "PHT": 8, "AWST": 8, "JST": 9, "KST": 9, "ACST": 9.5, "ACDT": 10.5, "AEST": 10, "AEDT":
    11, "NZST": 12, "NZDT": 13, "NST": -3.5, "NDT": -2.5, "AST": -4, "ADT": -3, "EST": -5, "EDT": -4,
    "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST":
    -10, "BRT": -3, "ART": -3,
}  # fmt: skip
_WORDS = {
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "MT": "America/Denver",
    "PT": "America/Los_Angeles",
}
_OFFSET = re.compile(r"(?:UTC|GMT|UT|JST)?([+\-])(\d{1,2})(?::?(\d{2}))?(?::?\d{2})?", re.IGNORECASE)
_REGION = re.compile(r"[A-Z][A-Za-z_]{1,20}(?:/[A-Z][A-Za-z_\-]{1,30}){1,2}")


def read_zone(text: str | None, default: tzinfo) -> tzinfo:
    """Returns the zone that a date names, or the default where it names none.

    Ambiguous names are read as RFC 822 has them (CST is America's); BST is Britain's, IST India's. The single
    letters of the military say nothing (RFC 5322), Z apart. Raises ValueError for an unknown name.
    """
    if not text:
        return default
    if match := _OFFSET.fullmatch(text):
        return _offset(match)
    name = text.upper()
    if name in _HOURS:
        return timezone(timedelta(hours=_HOURS[name]))
    if len(name) == 1 and name.isalpha():
        return UTC
    return _region(_WORDS.get(name, text))


def _offset(match: re.Match[str]) -> tzinfo:
    sign, hours, minutes = match.groups()
    length = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if length > timedelta(hours=18):
        raise ValueError("no such offset")
    return timezone(length if sign == "+" else -length)


def _region(name: str) -> tzinfo:
    if not _REGION.fullmatch(name):
        raise ValueError("no such zone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError("no such zone") from error
