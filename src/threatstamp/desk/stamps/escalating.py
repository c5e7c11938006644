"""Escalations: a forward that nobody acknowledged in time is told to the next, once.

They are ordered in the transaction that records the forward as delivered, and ask Slack right before they are
sent. So they need no event that the desk may have missed, and nothing of the talk around a forward is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

from threatstamp.core.cases.case import Way
from threatstamp.core.errors import SlackError
from threatstamp.core.ids import ChannelId, Ts, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.body import flag_in, number_in, read_body, write_body
from threatstamp.core.outbox.departure import MESSAGE_GONE, Departure, DepartureKind, NewDeparture, Withheld
from threatstamp.core.stamps.forward import Forward, Holding, Order
from threatstamp.core.stamps.post import Place, PostRecord, Snapshot
from threatstamp.core.stamps.route import OnWithdraw
from threatstamp.core.time import Micros, later, micros_of
from threatstamp.desk.ports.departing import Act, Departing, Message, Never, NotYet
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.stamps.matter import forward_body, held_of, same_stamp

ESCALATION = DepartureKind(name="escalation")

MOST_PAGES = 20
"""Pages of a thread that are read for a reply; a thread so long is no sign of silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationSaying(Saying):
    """What the next are told. calls: mentions; none in a channel. snapshot: of the post.

    link: to the forward; "" in its own thread.
    """

    order: Order
    calls: tuple[str, ...]
    snapshot: Snapshot | None
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """An escalation's body. forward: its departure. in_thread: it calls people in the forward's thread.

    is_first: of those of one forward; it is the one that records who acknowledged.
    """

    forward: int
    in_thread: bool
    is_first: bool

    def write(self) -> str:
        return write_body(forward=self.forward, in_thread=self.in_thread, is_first=self.is_first)

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        return cls(
            forward=number_in(body, "forward"),
            in_thread=flag_in(body, "in_thread"),
            is_first=flag_in(body, "is_first"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """That somebody has seen a forward. way: by a "reaction", a "reply", or what they did with the "case"."""

    by: UserId
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A forward with what is on record about it.

    messages: of its route about the same stamp, in every destination, those that were deleted left out.
    """

    forward: Forward
    post: PostRecord | None
    held: tuple[Holding, ...]
    messages: tuple[Place, ...]
    acted: Acknowledgement | None


def expect_acknowledgement(tx: Tx, forward: Forward, *, now: Micros) -> None:
    """Orders what is said unless somebody acknowledges a forward that was just delivered.

    One for each that is to be told, however many destinations the route has: the first that is delivered
    counts.
    """
    order = forward.order
    if not order.ack_within:
        return
    targets = [(forward.destination, True)] if order.then_call else []
    targets += [(channel, False) for channel in order.then_to]
    for number, (channel, in_thread) in enumerate(targets):
        body = Escalation(forward=forward.departure, in_thread=in_thread, is_first=number == 0)
        new = NewDeparture(
            name=forward.named("" if in_thread else channel),
            team=forward.place.team,
            kind=ESCALATION,
            channel=channel,
            due_at=later(now, order.ack_within),
            body=body.write(),
        )
        tx.outbox.owe(new, now=now)


class Escalating(Departing):
    """Tells the next, unless the forward was withdrawn, deleted or acknowledged before."""

    kind = ESCALATION

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        body = Escalation.read(departure.body)
        with self._tools.store.reading() as read:
            watched = _watched(read, body.forward)
        if watched is None:
            return Never(reason=Withheld.INCOMPLETE)
        forward = watched.forward
        if _is_withdrawn(watched) or not watched.messages:
            return NotYet(due_at=None)
        seen = watched.acted or self._acknowledged(watched)
        if seen is not None:
            return NotYet(due_at=None, record=partial(_record, forward, seen) if body.is_first else None)
        if not body.in_thread and (reason := self._withheld(forward, departure.channel)) is not None:
            return Never(reason=reason)
        thread = _thread_of(watched) if body.in_thread else None
        saying = EscalationSaying(
            order=forward.order,
            calls=forward.order.then_call if body.in_thread else (),
            snapshot=watched.post.snapshot if watched.post else None,
            link="" if thread else self._link(watched.messages[0]),
        )
        return Message(saying=saying, thread_ts=thread)

    def delivered(self, tx: Tx, departure: Departure, *, ts: Ts | None, now: Micros) -> None:
        self._told(tx, departure, {"message_ts": ts}, now=now)

    def given_up(self, tx: Tx, departure: Departure, *, error: str, now: Micros) -> None:
        self._told(tx, departure, {"error": error}, now=now)

    def _told(self, tx: Tx, departure: Departure, outcome: dict[str, object], *, now: Micros) -> None:
        body = Escalation.read(departure.body)
        found = tx.forwards.of(body.forward)
        if found is not None:
            forward, _ = found
            called = list(forward.order.then_call) if body.in_thread else []
            entry = {**forward_body(forward), "to": departure.channel, "called": called, **outcome}
            tx.ledger.append(Kind.ESCALATED, entry, now=now)

    def _withheld(self, forward: Forward, channel: ChannelId) -> Withheld | None:
        if channel.startswith("#"):
            return Withheld.UNFOUND
        if channel == forward.place.channel and not forward.order.thread:
            return Withheld.OWN_CHANNEL  # two names of the settings mean one channel by now
        if channel in self._tools.policy.shared and not forward.order.external:
            return Withheld.SHARED
        return None

    def _acknowledged(self, watched: Watched) -> Acknowledgement | None:
        """Asks Slack who reacted or replied. Where it refuses for good, nobody is known to have.

        Raises SlackError while it cannot be asked: rather late than in vain.
        """
        for place in watched.messages:
            for ask in (self._reaction, self._reply):
                try:
                    found = ask(place, watched)
                except SlackError as error:
                    if not error.permanent:
                        raise
                    continue
                if found is not None:
                    return found
        return None

    def _reaction(self, place: Place, watched: Watched) -> Acknowledgement | None:
        seen = self._tools.workspace.everyone(place)
        users = {user for one in seen.reactions for user in one.users} - {self._tools.policy.me}
        return Acknowledgement(by=min(users), way="reaction") if users else None

    def _reply(self, place: Place, watched: Watched) -> Acknowledgement | None:
        root = replace(place, ts=_root_of(watched, place))
        for author in self._authors(root, since=micros_of(place.ts)):
            if author != self._tools.policy.me:
                return Acknowledgement(by=author, way="reply")
        return None

    def _authors(self, root: Place, *, since: Micros) -> Iterator[UserId]:
        """Yields the people who wrote in a thread after that."""
        cursor = ""
        for _ in range(MOST_PAGES):
            page = self._tools.workspace.replies(root, oldest=since, cursor=cursor)
            for post in page.posts:
                if post.snapshot.author is not None and micros_of(post.place.ts) > since:
                    yield post.snapshot.author
            cursor = page.after
            if not cursor:
                return

    def _link(self, place: Place) -> str:
        try:
            return self._tools.workspace.look_up(place).permalink or ""
        except SlackError as error:
            if not error.permanent:
                raise
            return ""


def _watched(read: Read, departure: int) -> Watched | None:
    found = read.forwards.of(departure)
    if found is None:
        return None
    forward, post = found
    case = read.cases.at(forward.place)
    moves = read.cases.moves(case.number) if case is not None and case.version else ()
    acts = [one for one in moves if one.way is not Way.STAMP]  # a case is also withdrawn by itself
    return Watched(
        forward=forward,
        post=post,
        held=held_of(read, forward),
        messages=_messages(read, forward, same_stamp(read, forward)),
        acted=Acknowledgement(by=acts[-1].by, way="case") if acts else None,
    )


def _messages(read: Read, first: Forward, forwards: Sequence[Forward]) -> tuple[Place, ...]:
    """Returns where forwards stand in Slack, the watched one before the others."""
    ours = sorted(forwards, key=lambda one: (one.departure != first.departure, one.departure))
    departures = [read.outbox.get(one.departure) for one in ours]
    return tuple(
        Place(team=one.team, channel=one.channel, ts=one.message_ts)
        for one in departures
        if one.message_ts is not None and one.error != MESSAGE_GONE
    )


def _is_withdrawn(watched: Watched) -> bool:
    is_ignored = watched.forward.order.on_withdraw is OnWithdraw.IGNORE
    return not is_ignored and all(one.until is not None for one in watched.held)


def _record(forward: Forward, seen: Acknowledgement, tx: Tx, now: Micros) -> None:
    by = tx.persons.aliases()(seen.by)
    tx.ledger.append(Kind.ACKNOWLEDGED, {**forward_body(forward), "by": by, "way": seen.way}, now=now)


def _root_of(watched: Watched, message: Place) -> Ts:
    """Returns the thread of a forward's message: its own, or that of the post in which it stands itself."""
    if not watched.forward.order.thread:
        return message.ts
    snapshot = watched.post.snapshot if watched.post else None
    return (snapshot.thread_ts if snapshot else None) or watched.forward.place.ts


def _thread_of(watched: Watched) -> Ts | None:
    """Returns the thread in which people are called; None if the forward there was deleted."""
    own = (one for one in watched.messages if one.channel == watched.forward.destination)
    return next((_root_of(watched, one) for one in own), None)
