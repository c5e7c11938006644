"""Update calls: one is sent to an audience, people answer it, and at its end they are thanked.

Who answered what is in one table, and stands everywhere else as a number, so that forgetting it there forgets
it: departures name nobody. The entries of the ledger do, and are redacted when the table is emptied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.cases.call import (
    Answer,
    Asked,
    CallText,
    Member,
    Suggestion,
    UpdateCall,
    count,
    sending_time,
    tally_body,
)
from threatstamp.core.cases.case import CLOSED, Case, Way
from threatstamp.core.cases.track import calls_staff, plans_of
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.marking import Tlp
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import SECOND, Micros
from threatstamp.desk.cases.calls_out import (
    CallTold,
    asked_now,
    order_call,
    order_help,
    order_thanks,
    order_told,
    revise_cards,
)
from threatstamp.desk.ports.marking import place_marking
from threatstamp.desk.ports.roles import may_act
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools

EDIT_EVERY = 5 * SECOND
"""Microseconds. A call is edited at most so often, however many people answer at the same time."""

Suggest = Callable[[Case], Suggestion]
"""Looks up what a case is about; it never raises."""


class Refused(StrEnum):
    """Why a call is not sent or closed. Each has a sentence `refused_…` in the catalogue `calls`."""

    UNKNOWN = "unknown"
    TRACK = "track"
    """The case is of another kind."""
    CLOSED = "closed"
    RUNNING = "running"
    """Another call of the case is still open."""
    CHANNEL = "channel"
    """The settings do not name it, or another organisation reads it."""
    MARKED = "marked"
    """What the case is about has a TLP label that may not be read there."""
    AUDIENCE = "audience"
    """Slack does not say who is in the channel."""
    RIGHT = "right"
    """Whoever asks may not act on cases, or is of another organisation."""
    OWNER = "owner"
    """Only whoever sent it may."""
    NONE = "none"
    """There is no open call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """A call that somebody wants to send. key: of the form or command. told_in: where a refusal is told;
    None for a command, which says so itself. at, in_hours: when it goes out; see `sending_time`.
    """

    case: int
    text: CallText
    channel: ChannelId
    by: UserId
    way: Way
    key: str
    told_in: ChannelId | None = None
    at: Micros | None = None
    in_hours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Somebody's answer. key: of this click or emoji. channel: where they gave it."""

    call: int
    answer: Answer
    user: UserId
    channel: ChannelId
    way: Way
    key: str


class Calling:
    """The step."""

    def __init__(self, tools: Tools, *, suggest: Suggest | None = None) -> None:
        self._tools = tools
        self._suggest = suggest

    def suggested(self, case: Case) -> Suggestion:
        """Returns what a call of this case could say."""
        return self._suggest(case) if self._suggest else Suggestion()

    def audiences(self, case: Case) -> tuple[ChannelId, ...]:
        """Returns the channels that a call of this case may go to. Raises StoreError."""
        with self._tools.store.reading() as read:
            return tuple(
                one for one in sorted(self._tools.policy.announce_to) if not self._is_marked(read, case, one)
            )

    def marking(self, case: int) -> Tlp | None:
        """Returns the TLP label of what a case is about. Raises StoreError."""
        with self._tools.store.reading() as read:
            found = read.cases.get(case)
            return None if found is None else place_marking(read, found.place, self._tools.policy.labels)

    def find(self, message: Place) -> int | None:
        """Returns the number of the call whose message this is; None if it is none."""
        with self._tools.store.reading() as read:
            call = read.calls.at(message)
        return None if call is None else call.number

    def refusal(self, new: NewCall) -> Refused | None:
        """Returns why a call could not be sent as things are. Raises SlackError, as `send` does."""
        if self._is_barred(new):
            return Refused.RIGHT
        with self._tools.store.reading() as read:
            return self._refusal(read, new)

    def send(self, new: NewCall, *, event: int | None = None) -> UpdateCall | Refused:
        """Sends or plans a call, once for each key.

        Raises StoreError; SlackError while its audience is not known.

        event: the id in the inbox, which is deleted there.
        """
        before = self.refusal(new)
        members = () if before else asked_now(self._tools, new.channel)
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            if event is not None:
                tx.inbox.forget(event)
            case, last = tx.cases.get(new.case), tx.calls.of(new.case)
            if last is not None and tx.calls.is_known(new.key):
                return last
            refused = before if before is Refused.RIGHT else self._refusal(tx, new)
            if case is None or members is None or refused is not None:
                refused = refused or Refused.AUDIENCE
                if case is not None and new.told_in is not None:
                    told = order_told(
                        CallTold.of_refusal(refused.value, new.case, user=tx.persons.aliases()(new.by)),
                        team=case.place.team,
                        channel=new.told_in,
                        key=new.key,
                        now=now,
                    )
                    tx.outbox.owe(told, now=now)
                return refused
            when = sending_time(self._tools.policy.calendar, now=now, at=new.at, in_hours=new.in_hours)
            return _send(tx, new, case, members, when=when, now=now)

    def tell(self, refused: Refused, case: int, *, by: UserId, channel: ChannelId, key: str) -> None:
        """Tells somebody privately why they cannot send a call."""
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            told = CallTold.of_refusal(refused.value, case, user=tx.persons.aliases()(by))
            team = self._tools.policy.team
            tx.outbox.owe(order_told(told, team=team, channel=channel, key=key, now=now), now=now)

    def answer(self, given: Answered, *, event: int | None = None) -> None:
        """Records an answer and acknowledges it privately. The last one of each person counts."""
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            if event is not None:
                tx.inbox.forget(event)
            call = tx.calls.get(given.call)
            case = tx.cases.get(call.case) if call else None
            if call is None or case is None:
                return
            _answer(tx, given, call, case, now=now)

    def mark(self, case: int, users: frozenset[UserId], *, by: UserId) -> int | Refused:
        """Records for people that they are up to date, and returns for how many of them that is new.

        Who has said that they do not use it has said so. by: whoever vouches for it.
        """
        if not may_act(self._tools, by):
            return Refused.RIGHT
        now, count = self._tools.clock.now(), 0
        with self._tools.store.transaction() as tx:
            call, found = tx.calls.of(case), tx.cases.get(case)
            if call is None or found is None or call.closed_at is not None:
                return Refused.NONE
            for one in tx.calls.people(call.number):
                if one.user in users and one.answer in (None, Answer.HELP):
                    tx.calls.answer(call.number, one.user, Answer.DONE, now=now)
                    _note_answer(tx, call, one.user, Answer.DONE, way=Way.COMMAND, now=now)
                    count += 1
            if count:
                _revise_all(tx, call, found, now=now)
        return count

    def close(self, case: int, *, by: UserId | None) -> UpdateCall | Refused:
        """Ends a case's open call with a word of thanks. by: None: the desk itself does, after the case."""
        now = self._tools.clock.now()
        with self._tools.store.transaction() as tx:
            call, found = tx.calls.of(case), tx.cases.get(case)
            if call is None or found is None or call.closed_at is not None:
                return Refused.NONE
            who = None if by is None else tx.persons.aliases()(by)
            close_call(tx, call, found, by=who, now=now)
            return tx.calls.get(call.number) or call

    def _is_barred(self, new: NewCall) -> bool:
        """True for a person who may not act on cases; only a shared channel has any from elsewhere."""
        is_shared = new.told_in in self._tools.policy.shared
        if is_shared and self._tools.workspace.is_external(new.by):
            return True
        return not may_act(self._tools, new.by)

    def _refusal(self, read: Read | Tx, new: NewCall) -> Refused | None:
        policy = self._tools.policy
        case, last = read.cases.get(new.case), read.calls.of(new.case)
        if case is None:
            return Refused.UNKNOWN
        if not calls_staff(case, plans_of(policy.tracks, read.cases.tracks(case)[1:])):
            return Refused.TRACK
        if case.state in CLOSED:
            return Refused.CLOSED
        if last is not None and last.closed_at is None:
            return Refused.RUNNING
        if new.channel not in policy.announce_to or new.channel in policy.shared:
            return Refused.CHANNEL
        return Refused.MARKED if self._is_marked(read, case, new.channel) else None

    def _is_marked(self, read: Read | Tx, case: Case, channel: ChannelId) -> bool:
        marking = place_marking(read, case.place, self._tools.policy.labels)
        return not self._tools.policy.may_read(marking, channel)


def close_call(tx: Tx, call: UpdateCall, case: Case, *, by: UserId | None, now: Micros) -> None:
    """Records the end of a call with its counts, thanks, and takes its buttons away."""
    tally = count(tx.calls.people(call.number))
    tx.calls.close(call.number, tally, now=now)
    body = {"call": call.number, "case": call.case, **tally_body(tally), "by": by}
    tx.ledger.append(Kind.CALL_CLOSED, body, now=now)
    message = tx.outbox.get(call.departure)
    if message.message_ts is not None:
        thanks = order_thanks(
            call.number, team=message.team, channel=call.channel, thread_ts=message.message_ts, now=now
        )
        tx.outbox.owe(thanks, now=now)
    tx.outbox.revise(call.departure, now=now)
    revise_cards(tx, case, now=now)


def edit_at(now: Micros) -> Micros:
    """Returns when a call is edited next: at once would mean one edit for each click."""
    return Micros((now // EDIT_EVERY + 1) * EDIT_EVERY)


def _send(
    tx: Tx, new: NewCall, case: Case, members: tuple[Member, ...], *, when: Micros, now: Micros
) -> UpdateCall:
    alias = tx.persons.aliases()
    owner, text = alias(new.by), new.text
    number = tx.calls.add(case.number, text, channel=new.channel, owner=owner, key=new.key, now=when)
    tx.calls.ask(number, (Member(user=alias(one.user), zone=one.zone) for one in members))
    body = {
        "call": number,
        "case": case.number,
        "what": text.what,
        "version": text.version,
        "how": text.how,
        "by_date": text.by_date.isoformat(),
        "destination": new.channel,
        "asked": len(members),
        "by": owner,
        "way": new.way.value,
        "send_at": when if when > now else None,
    }
    tx.ledger.append(Kind.CALL, body, now=now)
    order = order_call(
        number,
        case.number,
        team=case.place.team,
        channel=new.channel,
        in_hours=new.in_hours,
        now=when,
    )
    departure = tx.outbox.owe(order, now=now)
    assert departure is not None  # its number is new, and so is the key
    tx.calls.put_message(number, departure, at=when)
    made = tx.calls.get(number)
    assert made is not None
    revise_cards(tx, case, now=now)
    return made


def _answer(tx: Tx, given: Answered, call: UpdateCall, case: Case, *, now: Micros) -> None:
    team, user = case.place.team, tx.persons.aliases()(given.user)
    if call.closed_at is not None:
        told = CallTold.of_refusal("late", case.number, user=user)
        late = order_told(told, team=team, channel=given.channel, key=given.key, now=now)
        tx.outbox.owe(late, now=now)
        return
    before = next((one for one in tx.calls.people(call.number) if one.user == user), None)
    asked = tx.calls.answer(call.number, user, given.answer, now=now)
    receipt = CallTold.of_answer(given.answer, case.number, person=asked.number)
    tx.outbox.owe(order_told(receipt, team=team, channel=given.channel, key=given.key, now=now), now=now)
    if before is not None and before.answer is given.answer:
        return
    _note_answer(tx, call, user, given.answer, way=given.way, now=now)
    if given.answer is Answer.HELP:
        _ask_helper(tx, call, case, asked, now=now)
    _revise_all(tx, call, case, now=now)


def _note_answer(tx: Tx, call: UpdateCall, user: UserId, answer: Answer, *, way: Way, now: Micros) -> None:
    body = {
        "call": call.number,
        "case": call.case,
        "answer": answer.value,
        "user": user,
        "way": way.value,
    }
    tx.ledger.append(Kind.ANSWERED, body, now=now)


def _revise_all(tx: Tx, call: UpdateCall, case: Case, *, now: Micros) -> None:
    tx.outbox.revise(call.departure, now=edit_at(now))
    revise_cards(tx, case, now=edit_at(now))


def _ask_helper(tx: Tx, call: UpdateCall, case: Case, asked: Asked, *, now: Micros) -> None:
    """Orders a line below the card that calls whoever helps, once for each person."""
    for card in tx.forwards.cards(case.place):
        message = tx.outbox.get(card)
        if message.message_ts is not None:
            order = order_help(
                call.number,
                asked.number,
                team=message.team,
                channel=message.channel,
                thread_ts=message.message_ts,
                now=now,
            )
            tx.outbox.owe(order, now=now)
            return
