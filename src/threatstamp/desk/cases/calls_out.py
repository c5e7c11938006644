"""What update calls say in Slack: the call, private answers and reminders, a request for help, thanks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Self

from threatstamp.core.cases.call import Answer, Tally, UpdateCall, count
from threatstamp.core.ids import FORGOTTEN_USER, ChannelId, TeamId, Ts, UserId
from threatstamp.core.outbox.body import number_in, read_body, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture, Withheld
from threatstamp.core.time import Micros
from threatstamp.desk.ports.departing import Act, Call, Departing, Message, Never, NotYet
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools

UPDATE_CALL = DepartureKind(name="update_call")
CALL_TOLD = DepartureKind(name="call_told", is_paced=False, is_reported=False)
CALL_REMINDER = DepartureKind(name="call_reminder", is_paced=False, is_reported=False, at_most_once=True)
"""A direct message, whose history the desk may not read: rather none than two."""
CALL_HELP = DepartureKind(name="call_help")
CALL_THANKS = DepartureKind(name="call_thanks", is_reported=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSaying(Saying):
    """The call as staff see it. tally: so far, or at its end."""

    call: UpdateCall
    tally: Tally


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
    """A reminder to one person. permalink: of the call, "" if Slack does not say."""

    call: UpdateCall


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


def order_call(call: int, case: int, *, team: TeamId, channel: ChannelId, now: Micros) -> NewDeparture:
    """Returns the order for a call's message."""
    return NewDeparture(
        name=f"{case}|{call}",
        team=team,
        kind=UPDATE_CALL,
        channel=channel,
        due_at=now,
        body=write_body(call=call),
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
    is_planned = call.closed_at is None and message.message_ts is None and call.sent_at > message.created_at
    return call.sent_at if is_planned else None


class PostingCall(Departing):
    """Posts and edits a call. One that was ended before it went out stays unsaid."""

    kind = UPDATE_CALL

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        found = _call_of(self._tools, departure)
        if found is None:
            return Never(reason=Withheld.INCOMPLETE)
        if found[0].closed_at is not None and not edit and not departure.unsure:
            return NotYet(due_at=None)
        if departure.channel in self._tools.policy.shared:
            return Never(reason=Withheld.SHARED)
        return Message(saying=CallSaying(call=found[0], tally=found[1]))

    def delivered(self, tx: Tx, departure: Departure, *, ts: Ts | None, now: Micros) -> None:
        call = tx.calls.get(number_in(read_body(departure.body), "call"))
        case = tx.cases.get(call.case) if call is not None and call.sent_at > departure.created_at else None
        if case is not None:  # its card has said when it would go out
            for card in tx.forwards.cards(case.place):
                tx.outbox.revise(card, now=now)


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
        return Call(act=_whispered(self._tools, CallReminder(call=found[0]), to=user, channel=None))


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


def _person_of(tools: Tools, departure: Departure, *, waiting: bool = False) -> UserId | None:
    """Returns whom a departure is about; None if forgotten. waiting: only while they owe an answer."""
    with tools.store.reading() as read:
        found = read.calls.person(number_in(read_body(departure.body), "person"))
    if found is None or found[1].user.startswith(FORGOTTEN_USER) or (waiting and found[1].answer is not None):
        return None
    return found[1].user
