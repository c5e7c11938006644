"""The morning line: once a working day one message says which cases are open and need somebody, and which
accepted risks somebody has to look at; nothing if nothing.

It is a departure that is known by channel and day, so however many processes order it, it is said once. What
it says is read when it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from threatstamp.core.cases.agenda import Concern
from threatstamp.core.cases.case import Case
from threatstamp.core.cases.risk import DueRisks, due_risks
from threatstamp.core.ids import ChannelId, TeamId, UserId
from threatstamp.core.news.marking import Tlp
from threatstamp.core.outbox.body import read_body, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture, Withheld
from threatstamp.core.policy import People
from threatstamp.core.stamps.post import Place
from threatstamp.core.text import one_line
from threatstamp.core.time import Micros
from threatstamp.desk.ports.departing import Act, Departing, Message, Never, NotYet
from threatstamp.desk.ports.marking import place_marking
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools

MORNING_LINE = DepartureKind(name="morning")

MOST_NAMED = 5
"""Cases that are named. With the line above them, and one that says how many more there are in place of the
last, a message has six lines at most. A line about risks takes the place of a case, too."""

_DAY = 86_400.0


NO_RISKS = DueRisks()


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCase:
    """A case in a few words. title: "" if the post's words are not on record. link: "" if there is none.

    sealed: the TLP label because of which its title is not said there; None where it is.
    """

    concern: Concern
    case: Case
    title: str
    link: str
    sealed: Tlp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MorningSaying(Saying):
    """What the morning line says. deciders: mentions of whoever a decision is waited for from.

    risks: those of the register that are overdue, or end soon.
    """

    counts: Mapping[Concern, int]
    named: tuple[NamedCase, ...]
    deciders: tuple[str, ...]
    risks: DueRisks = NO_RISKS


def order_morning_line(channel: ChannelId, day: date, *, team: TeamId, now: Micros) -> NewDeparture:
    """Returns the order for a day's morning line."""
    return NewDeparture(
        name=f"{channel}|{day.isoformat()}",
        team=team,
        kind=MORNING_LINE,
        channel=channel,
        due_at=now,
        body=write_body(day=day.isoformat()),
    )


class SayingMorning(Departing):
    """Says the morning line, unless there is nothing to say, or its day is over."""

    kind = MORNING_LINE

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        policy = self._tools.policy
        day, now = date.fromisoformat(text_in(read_body(departure.body), "day")), self._tools.clock.now()
        if policy.calendar.day_of(now) != day:
            return NotYet(due_at=None)
        if departure.channel in policy.shared:
            return Never(reason=Withheld.SHARED)
        with self._tools.store.reading() as read:
            agenda = read.cases.agenda(departure.team, day, now=now, limit=MOST_NAMED)
            cases = [(name_case(read, concern, case), case) for concern, case in agenda.first]
            markings = [place_marking(read, case.place, policy.labels) for _, case in cases]
            risks = due_risks(
                read.risks.every(policy.calendar.zone), day, days=policy.cases.remind_before / _DAY
            )
        named = tuple(
            one if policy.may_read(marking, departure.channel) else replace(one, title="", sealed=marking)
            for (one, _), marking in zip(cases, markings, strict=True)
        )
        if not named and not risks:
            return NotYet(due_at=None)
        deciders = mentions_of(policy.deciders) if Concern.WAITING in agenda.counts else ()
        room = MOST_NAMED - bool(risks)
        kept = named if agenda.total <= room else named[: room - 1]
        return Message(saying=MorningSaying(counts=agenda.counts, named=kept, deciders=deciders, risks=risks))


def name_case(read: Read, concern: Concern, case: Case) -> NamedCase:
    """Returns a case as it is named among others."""
    post = read.posts.get(case.place)
    snapshot = post.snapshot if post else None
    return NamedCase(
        concern=concern,
        case=case,
        title=one_line(snapshot.title or snapshot.text) if snapshot else "",
        link=_link(read, case, snapshot.permalink if snapshot else None),
    )


def card_of(read: Read | Tx, case: Case) -> Departure | None:
    """Returns the forward that is a case's card, the first of several; None while there is none in Slack."""
    found = (read.outbox.get(one) for one in read.forwards.cards(case.place))
    return next((one for one in found if one.message_ts is not None and not one.error), None)


def _link(read: Read, case: Case, permalink: str | None) -> str:
    """Returns the address of the card; that of the post while there is no card.

    All messages of a workspace have addresses of one form
    (https://docs.slack.dev/reference/methods/chat.getPermalink), so Slack need not be asked for each.
    """
    card = card_of(read, case)
    base, archives, _ = (permalink or "").partition("/archives/")
    if card is None or card.message_ts is None or not archives:
        return permalink or ""
    place = Place(team=card.team, channel=card.channel, ts=card.message_ts)
    return f"{base}{archives}{place.channel}/p{place.ts.replace('.', '')}"


def mentions_of(deciders: People, *, but: UserId | None = None) -> tuple[str, ...]:
    """Returns mentions of the deciders. but: of everybody else; a group of theirs is called as a whole."""
    users = (f"<@{user}>" for user in sorted(deciders.users) if user != but)
    groups = (f"<!subteam^{group}>" for group in sorted(deciders.groups))
    return (*users, *groups)
