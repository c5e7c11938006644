"""What an act on a case can bring beside its reason: a person, a date, effort, risk, an audience, a step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from threatstamp.core.ids import UserId
from threatstamp.core.priority.urgency import Priority

LONGEST_REASON = 3_000
"""Characters of a reason, a note or a response: what an input of Slack's takes."""

LONGEST_AUDIENCE = 80
SIZES = ("S", "M", "L")
"""Efforts in a word; hours say it more exactly."""

_HOURS = re.compile(r"0*([1-9][0-9]{0,3})\s*h?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What goes with an act. to: whom the case is handed to. until: the date of a plan, or the end of an
    accepted risk; the due date where that is what is set. effort: "S", "M", "L" or hours, "6h". risk: what
    a decision found. priority: what it becomes. audience: whom a response was for, in a few words. author:
    whose message a note keeps. cause: why the desk itself reopens a case, as `desk/cases/clock.py` writes it.
    item: the number of a step of the checklist, from 1.
    """

    to: UserId | None = None
    until: date | None = None
    effort: str | None = None
    risk: Priority | None = None
    priority: Priority | None = None
    audience: str = ""
    author: UserId | None = None
    cause: str = ""
    item: int | None = None


NO_DETAILS = Details()


def read_effort(text: str) -> str | None:
    """Returns an effort as it is kept, "M" or "6h", of "m", "6" or "6 h"; None if it is none."""
    said = text.strip()
    if said.upper() in SIZES:
        return said.upper()
    hours = _HOURS.fullmatch(said.lower())
    return f"{hours[1]}h" if hours else None
