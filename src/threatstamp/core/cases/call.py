"""An update call: staff are asked to update something, and say whether they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from threatstamp.core.calendar import Calendar
from threatstamp.core.ids import ChannelId, Emoji, UserId
from threatstamp.core.time import DAY, Micros

LONGEST_WHAT = 80
LONGEST_VERSION = 60
LONGEST_HOW = 1_200
"""Characters. The preview carries them in the form's metadata, of which Slack takes 3,000 characters."""

ANSWERS_KEPT = 90 * DAY
"""Microseconds after which nobody can tell any more who answered what."""

REMIND_FROM, REMIND_UNTIL = time(10), time(17)
"""People are reminded between these times of their own day."""


class Answer(StrEnum):
    """What somebody says to a call. Each has words `answer_…` in the catalogue `calls`."""

    DONE = "done"
    NOT_USING = "not_using"
    HELP = "help"


BY_SIGN: Mapping[Emoji, Answer] = {
    Emoji("white_check_mark"): Answer.DONE,
    Emoji("heavy_minus_sign"): Answer.NOT_USING,
    Emoji("raising_hand"): Answer.HELP,
}
"""What an emoji on the call says: the second way to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallText:
    """What staff read. version: the first that is good, "" where none is named. by_date: until when."""

    what: str
    version: str
    how: str
    by_date: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many were asked, and how many said what. The last answer of each person counts."""

    asked: int = 0
    done: int = 0
    not_using: int = 0
    help: int = 0

    @property
    def open(self) -> int:
        """How many have not answered."""
        return self.asked - self.done - self.not_using - self.help


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody who was asked. number: stands for them where their name must not. answer: their last one."""

    number: int
    user: UserId
    answer: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCall:
    """A call on record. owner: who sent it, helps, and alone sees names. departure: of its message.
    sent_at: in the future for one that is planned.

    tally: as it was when the call was closed; None while it is open.
    """

    number: int
    case: int
    text: CallText
    channel: ChannelId
    owner: UserId
    sent_at: Micros
    departure: int
    closed_at: Micros | None = None
    tally: Tally | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in the audience. zone: the name of their time zone, "" if Slack does not say."""

    user: UserId
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What the form of a call begins with; "" for what is not known. version: in which the last of the case's
    flaws is fixed. link: of the article.
    """

    what: str = ""
    version: str = ""
    link: str = ""


def sending_time(calendar: Calendar, *, now: Micros, at: Micros | None, in_hours: bool) -> Micros:
    """Returns when a call goes out: not before `at`; in_hours: between REMIND_FROM and REMIND_UNTIL of a
    working day.
    """
    when = max(now, at or now)
    day = calendar.day_of(when)
    begin, end = calendar.moment(day, REMIND_FROM), calendar.moment(day, REMIND_UNTIL)
    if not in_hours or (calendar.is_working(day) and begin <= when < end):
        return when
    return calendar.next_working(REMIND_FROM, after=when)


def count(people: Iterable[Asked]) -> Tally:
    """Returns the counts of everybody's last answer."""
    everybody = tuple(people)
    said = Counter(one.answer for one in everybody)
    return Tally(
        asked=len(everybody),
        done=said[Answer.DONE],
        not_using=said[Answer.NOT_USING],
        help=said[Answer.HELP],
    )


def tally_body(tally: Tally) -> dict[str, object]:
    """Returns counts as the bodies of ledger entries have them."""
    return {
        "asked": tally.asked,
        "done": tally.done,
        "not_using": tally.not_using,
        "help": tally.help,
    }


def reminder_day(call: UpdateCall, calendar: Calendar, *, now: Micros) -> date | None:
    """Returns the day for which somebody is to be reminded now, or None.

    calendar: in their own zone. They are reminded on the last working day before the due date, on that
    date, and on each working day after it, but never on the day of the call itself.
    """
    today = calendar.day_of(now)
    if not calendar.is_working(today) or calendar.day_of(call.sent_at) >= today:
        return None
    if not calendar.moment(today, REMIND_FROM) <= now < calendar.moment(today, REMIND_UNTIL):
        return None
    following = calendar.working_from(date.fromordinal(today.toordinal() + 1))
    return today if following >= call.text.by_date else None
