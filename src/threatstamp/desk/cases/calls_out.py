"""What update calls say in Slack: the call, private answers and reminders, a request for help, thanks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Self

from threatstamp.core.cases.call import Answer, Member, Tally, UpdateCall, count, sending_time
from threatstamp.core.cases.case import Case
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import FORGOTTEN_USER, ChannelId, TeamId, Ts, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.marking import Tlp
from threatstamp.core.outbox.body import number_in, read_body, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture, Withheld
from threatstamp.core.time import SECOND, Micros
from threatstamp.desk.ports.departing import Act, Call, Departing, Message, Never, NotYet
from threatstamp.desk.ports.marking import place_marking
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools

UPDATE_CALL = DepartureKind(name="update_call")
CALL_TOLD = DepartureKind(name="call_told", is_paced=False, is_reported=False)
CALL_REMINDER = DepartureKind(name="call_reminder", is_paced=False, is_reported=False, at_most_once=True)
"""A direct message, whose history the desk may not read: rather none than two."""
BUSY = 5 * SECOND
"""Microseconds until a call is looked at again while another thread asks who is in a channel."""
SETTLED_FOR = 600 * SECOND
"""Microseconds for which that answer is good."""
CALL_HELP = DepartureKind(name="call_help")
CALL_THANKS = DepartureKind(name="call_thanks", is_reported=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSaying(Saying):
    """The call as staff see it. tally: so far, or at its end. marking: the TLP label of its case."""

    call: UpdateCall
    tally: Tally
    marking: Tlp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTold(Saying):
    """What one person is told of a call. name: of a sentence. person: the number of whoever answered, 0 for
    whoever is known by `user`.
    """

    name: str
    case: int
    person: int = 0
    user: UserId | None = None

    @classmethod
    def of_answer(cls, answer: Answer, case: int, *, person: int) -> Self:
        return cls(name=f"told_{answer.value}", case=case, person=person)

    @classmethod
    def of_refusal(cls, why: str, case: int, *, user: UserId) -> Self:
        return cls(name=f"refused_{why}", case=case, user=user)

    def write(self) -> str:
        return write_body(name=self.name, case=self.case, person=self.person, user=self.user or "")

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        return cls(
            name=text_in(body, "name"),
            case=number_in(body, "case"),
            person=number_in(body, "person"),
            user=UserId(user) if (user := text_in(body, "user")) else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallReminder(Saying):
    """A reminder to one person. marking: the TLP label of the call's case."""

    call: UpdateCall
    marking: Tlp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpSaying(Saying):
    """Somebody wants help with what a call asks for."""

    call: UpdateCall
    user: UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class ThanksSaying(Saying):
    """The last line of a call."""

    call: UpdateCall
    tally: Tally


def order_call(
    call: int, case: int, *, team: TeamId, channel: ChannelId, in_hours: bool, now: Micros
) -> NewDeparture:
    """Returns the order for a call's message. in_hours: see `sending_time`, also if it is late."""
    return NewDeparture(
        name=f"{case}|{call}",
        team=team,
        kind=UPDATE_CALL,
        channel=channel,
        due_at=now,
        body=write_body(call=call, in_hours=in_hours),
    )


def order_told(told: CallTold, *, team: TeamId, channel: ChannelId, key: str, now: Micros) -> NewDeparture:
    """Returns the order to tell one person in a channel. key: of what they did."""
    return NewDeparture(
        name=f"{told.case}|{key}", team=team, kind=CALL_TOLD, channel=channel, due_at=now, body=told.write()
    )


def order_reminder(call: UpdateCall, person: int, day: date, *, team: TeamId, now: Micros) -> NewDeparture:
    """Returns the order for a reminder: one for each person and day."""
    return NewDeparture(
        name=f"{call.number}|{person}|{day.isoformat()}",
        team=team,
        kind=CALL_REMINDER,
        channel=call.channel,
        due_at=now,
        body=write_body(call=call.number, person=person),
    )


def order_help(
    call: int, person: int, *, team: TeamId, channel: ChannelId, thread_ts: Ts, now: Micros
) -> NewDeparture:
    """Returns the order for a request for help below the case's card: one for each person."""
    return NewDeparture(
        name=f"{call}|{person}",
        team=team,
        kind=CALL_HELP,
        channel=channel,
        thread_ts=thread_ts,
        due_at=now,
        body=write_body(call=call, person=person),
    )


def order_thanks(call: int, *, team: TeamId, channel: ChannelId, thread_ts: Ts, now: Micros) -> NewDeparture:
    """Returns the order for a call's last line, in its thread."""
    return NewDeparture(
        name=str(call),
        team=team,
        kind=CALL_THANKS,
        channel=channel,
        thread_ts=thread_ts,
        due_at=now,
        body=write_body(call=call),
    )


def planned_for(read: Read | Tx, call: UpdateCall) -> Micros | None:
    """Returns when a call that is planned will go out; None for one that is out, or over."""
    message = read.outbox.get(call.departure)
    is_planned = call.closed_at is None and message.message_ts is None and _was_planned(call, message)
    return call.sent_at if is_planned else None


def _was_planned(call: UpdateCall, message: Departure) -> bool:
    return call.sent_at > message.created_at


def asked_now(tools: Tools, channel: ChannelId) -> tuple[Member, ...] | None:
    """Returns who is asked by a call in a channel; None if Slack refuses for good to say.

    Raises SlackError while it cannot be found out.
    """
    try:
        return tools.audience_of(channel)
    except SlackError as error:
        if not error.permanent:
            raise
        return None


def revise_cards(tx: Tx, case: Case, *, now: Micros) -> None:
    """Has every card of a case edited."""
    for card in tx.forwards.cards(case.place):
        tx.outbox.revise(card, now=now)


class PostingCall(Departing):
    """Posts and edits a call. One that was ended before it went out stays unsaid.

    A call that was planned may go out long after it was written, and later than planned if the desk was
    down. So it is settled at that moment who is asked, and whether it is in working hours.
    """

    kind = UPDATE_CALL

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._settled: dict[int, Micros] = {}
        self._asking = Lock()

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        found = _call_of(self._tools, departure)
        if found is None:
            return Never(reason=Withheld.INCOMPLETE)
        call, tally = found
        if call.closed_at is not None and not edit and not departure.unsure:
            return NotYet(due_at=None)
        if departure.channel in self._tools.policy.shared:
            return Never(reason=Withheld.SHARED)
        marking = _marking_of(self._tools, call)
        if edit or call.closed_at is not None:
            return Message(saying=CallSaying(call=call, tally=tally, marking=marking))
        if not (departure.unsure or self._tools.policy.may_read(marking, departure.channel)):
            return Never(reason=Withheld.MARKED)  # it was labelled after it was planned
        put_off = self._put_off(departure, call)
        if put_off is not None and not departure.unsure:
            return put_off
        if put_off is None and _was_planned(call, departure):
            now = self._tools.clock.now()
            if not self._asking.acquire(blocking=False):  # one courier at most waits for a long list
                return NotYet(due_at=Micros(now + BUSY))
            try:
                tally = self._settle(departure, call)
            finally:
                self._asking.release()
        saying = CallSaying(call=call, tally=tally, marking=marking)
        return Message(saying=saying, unless_there=put_off)

    def _put_off(self, departure: Departure, call: UpdateCall) -> NotYet | None:
        """Returns until when a call waits that goes out in working hours; None if it goes out now."""
        if not read_body(departure.body).get("in_hours"):  # nor had calls of earlier versions
            return None
        now = self._tools.clock.now()
        when = sending_time(self._tools.policy.calendar, now=now, at=None, in_hours=True)
        if when == now:
            return None

        def record(tx: Tx, at: Micros) -> None:
            tx.calls.put_message(call.number, call.departure, at=when)
            case = tx.cases.get(call.case)
            if case is not None:  # its card says when it goes out
                revise_cards(tx, case, now=at)

        return NotYet(due_at=when, record=record)

    def _settle(self, departure: Departure, call: UpdateCall) -> Tally:
        """Records who is asked now; whoever has answered already, by a list of versions, stays.

        A workspace's list may take longer than a claim lasts: the next attempt goes by what this one found.
        """
        is_fresh = self._settled.get(departure.id, 0) > self._tools.clock.now() - SETTLED_FOR
        members = None if is_fresh else asked_now(self._tools, call.channel)
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            before = {one.user for one in tx.calls.people(call.number)}
            if members is not None and tx.outbox.get(departure.id).message_ts is None:
                alias = tx.persons.aliases()
                tx.calls.ask(call.number, [Member(user=alias(one.user), zone=one.zone) for one in members])
            people = tx.calls.people(call.number)
            after = {one.user for one in people}
            if after != before:
                body = {"call": call.number, "case": call.case, "asked": len(after)}
                changed = {"joined": len(after - before), "left": len(before - after)}
                tx.ledger.append(Kind.CALL_ASKED, {**body, **changed}, now=now)
        if members is not None:
            self._settled[departure.id] = now
        return count(people)

    def delivered(self, tx: Tx, departure: Departure, *, ts: Ts | None, now: Micros) -> None:
        call = tx.calls.get(number_in(read_body(departure.body), "call"))
        case = tx.cases.get(call.case) if call is not None and _was_planned(call, departure) else None
        if call is not None and case is not None:  # its card has said when it would go out
            tx.calls.put_message(call.number, call.departure, at=now)
            revise_cards(tx, case, now=now)


class Thanking(Departing):
    """Posts the last line of a call."""

    kind = CALL_THANKS

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        found = _call_of(self._tools, departure)
        if found is None:
            return Never(reason=Withheld.INCOMPLETE)
        return Message(saying=ThanksSaying(call=found[0], tally=found[1]), thread_ts=departure.thread_ts)


class AskingHelper(Departing):
    """Posts a request for help below the card."""

    kind = CALL_HELP

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        found, user = _call_of(self._tools, departure), _person_of(self._tools, departure)
        if found is None or user is None:  # it is so long ago that nobody knows who it was
            return NotYet(due_at=None)
        return Message(saying=HelpSaying(call=found[0], user=user), thread_ts=departure.thread_ts)


class RemindingStaff(Departing):
    """Reminds somebody in a direct message."""

    kind = CALL_REMINDER

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        found, user = _call_of(self._tools, departure), _person_of(self._tools, departure, waiting=True)
        if found is None or user is None or found[0].closed_at is not None:
            return NotYet(due_at=None)
        marking = _marking_of(self._tools, found[0])
        if not self._tools.policy.may_read(marking, found[0].channel):
            return NotYet(due_at=None)
        reminder = CallReminder(call=found[0], marking=marking)
        return Call(act=_whispered(self._tools, reminder, to=user, channel=None))


class TellingOfCalls(Departing):
    """Tells one person, in the channel where they answered, or wanted to send a call."""

    kind = CALL_TOLD

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        told = CallTold.read(departure.body)
        user = told.user or _person_of(self._tools, departure)
        if user is None or user.startswith(FORGOTTEN_USER):
            return NotYet(due_at=None)
        return Call(act=_whispered(self._tools, told, to=user, channel=departure.channel))


def _whispered(tools: Tools, saying: Saying, *, to: UserId, channel: ChannelId | None) -> Callable[[], None]:
    return lambda: tools.workspace.whisper(saying, to=to, channel=channel, thread_ts=None)


def _call_of(tools: Tools, departure: Departure) -> tuple[UpdateCall, Tally] | None:
    with tools.store.reading() as read:
        call = read.calls.get(number_in(read_body(departure.body), "call"))
        return None if call is None else (call, call.tally or count(read.calls.people(call.number)))


def _marking_of(tools: Tools, call: UpdateCall) -> Tlp | None:
    with tools.store.reading() as read:
        case = read.cases.get(call.case)
        return None if case is None else place_marking(read, case.place, tools.policy.labels)


def _person_of(tools: Tools, departure: Departure, *, waiting: bool = False) -> UserId | None:
    """Returns whom a departure is about; None if forgotten. waiting: only while they owe an answer."""
    with tools.store.reading() as read:
        found = read.calls.person(number_in(read_body(departure.body), "person"))
    if found is None or found[1].user.startswith(FORGOTTEN_USER) or (waiting and found[1].answer is not None):
        return None
    return found[1].user
