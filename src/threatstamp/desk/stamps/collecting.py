"""Forwards of a route with `digest` are collected, and said once a working day in one message a channel.

Each is a forward like any other, with its own departure, which waits for its digest. The digest is a
departure, too, known by channel and moment. What joins it after its message was made raises its revision, and
so comes by an edit. Once it is said, each forward's own departure records that it was delivered with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time

from threatstamp.core.errors import LeaseLostError, SlackError
from threatstamp.core.ids import ChannelId, TeamId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.body import number_in, read_body, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture, State, Withheld
from threatstamp.core.stamps.forward import Forward, Holders, Order, holders_shown
from threatstamp.core.stamps.post import Place, PostRecord, Snapshot
from threatstamp.core.time import Micros, later
from threatstamp.desk.ports.departing import Act, Departing, Message, Never, NotYet, Said
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Read, Tx
from threatstamp.desk.ports.tools import Tools
from threatstamp.desk.stamps.matter import forward_body, held_of
from threatstamp.desk.stamps.reading import read_post

FORWARD_DIGEST = DepartureKind(name="forward_digest")
NO_DIGEST = 0
"""In place of a digest's number: the forward was taken out of one."""

LOOK_AGAIN = 5.0
"""Seconds until a forward looks again whether its digest was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedForward:
    """One line of a digest."""

    order: Order
    place: Place
    holders: Holders
    snapshot: Snapshot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardDigestSaying(Saying):
    """A digest's content, the newest forward first. calls: mentions of all its routes."""

    forwards: tuple[CollectedForward, ...]
    calls: tuple[str, ...]


def collected_in(digest: int) -> str:
    """Returns the body of the departure of a forward that is said in a digest."""
    return write_body(digest=digest)


def digest_of(departure: Departure) -> int | None:
    """Returns the digest in which a forward is said; None if it is a message of its own."""
    body = read_body(departure.body)
    return number_in(body, "digest") if "digest" in body else None


def time_of(order: Order) -> time:
    """Returns the time of day of an order's digest."""
    return time.fromisoformat(order.digest)


def book(
    tx: Tx, order: Order, channel: ChannelId, *, team: TeamId, tools: Tools, now: Micros
) -> tuple[int, Micros]:
    """Returns the digest of that channel which is said next, and when; it is ordered if it is not yet.

    The caller raises its revision, after everything else: rows of departures are locked last.
    """
    after = now
    while True:
        due_at = tools.policy.calendar.next_working(time_of(order), after=after)
        new = NewDeparture(
            name=f"{channel}|{due_at}", team=team, kind=FORWARD_DIGEST, channel=channel, due_at=due_at
        )
        made = tx.outbox.owe(new, now=now)
        if made is not None:
            return made, due_at
        known = tx.outbox.keyed(new.key)
        if known is not None and known.state in (State.PENDING, State.SHADOW):
            return known.id, due_at
        after = due_at  # said already: the clock of another process is ahead of ours


class Collecting:
    """What the departure of a forward does that is said in a digest."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, digest: int, *, edit: bool) -> Act:
        with self._tools.store.reading() as read:
            found = read.outbox.get(digest) if digest != NO_DIGEST else None
        if found is None or found.channel != departure.channel:
            return self._rebook(departure)
        match found.state:
            case State.DELIVERED if found.message_ts is not None:
                # what changed since the message was made is shown by an edit of it
                is_stale = edit or departure.revision > 1
                return Said(ts=found.message_ts, record=_revising(digest) if is_stale else None)
            case State.PENDING:
                now = self._tools.clock.now()
                return NotYet(due_at=later(max(found.due_at, now), LOOK_AGAIN))
            case State.UNDELIVERABLE:
                raise SlackError(found.error, permanent=True)
            case _:
                return self._rebook(departure)

    def _rebook(self, departure: Departure) -> Act:
        """Moves a forward into the next digest of its channel."""
        if departure.channel.startswith("#"):
            return Never(reason=Withheld.UNFOUND)
        tools, now = self._tools, self._tools.clock.now()
        with tools.store.transaction() as tx:
            found = tx.forwards.of(departure.id)
            if found is None:
                return Never(reason=Withheld.INCOMPLETE)
            order = found[0].order
            digest, due_at = book(tx, order, departure.channel, team=departure.team, tools=tools, now=now)
            tx.outbox.put_body(departure.id, collected_in(digest))
            tx.outbox.revise(digest, now=now)
        return NotYet(due_at=due_at)


class DigestingForwards(Departing):
    """Says what was collected for a channel."""

    kind = FORWARD_DIGEST

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        if departure.channel.startswith("#"):
            return Never(reason=Withheld.UNFOUND)
        if not edit and not departure.unsure:
            self._take_out(departure)
        with self._tools.store.reading() as read:
            found = read.forwards.collected(departure, collected_in(departure.id))
            kept = [one for one in found if one[0].state in (State.PENDING, State.DELIVERED)]
            held = [held_of(read, forward) for forward, _ in kept]
        if not kept:
            return NotYet(due_at=None)
        if departure.channel in self._tools.policy.shared and not all(one.order.external for one, _ in kept):
            return Never(reason=Withheld.SHARED)
        lines = [
            self._line(*one, holders_shown(one[0].order, of)) for one, of in zip(kept, held, strict=True)
        ]
        lines.sort(key=lambda line: line.place.ts, reverse=True)
        calls = dict.fromkeys(name for line in lines if line.holders.now for name in line.order.mention)
        return Message(saying=ForwardDigestSaying(forwards=tuple(lines), calls=tuple(calls)))

    def _line(self, forward: Forward, post: PostRecord | None, holders: Holders) -> CollectedForward:
        snapshot, gone = (post.snapshot, post.gone) if post else (None, False)
        snapshot, _ = read_post(self._tools, forward.place, snapshot, gone=gone)
        return CollectedForward(order=forward.order, place=forward.place, holders=holders, snapshot=snapshot)

    def _take_out(self, departure: Departure) -> None:
        """Cancels the forwards whose stamps were all withdrawn before the digest was said.

        Not once a message may have been sent: what was in it counts as said.
        """
        tools, body = self._tools, collected_in(departure.id)
        with tools.store.reading() as read:
            if not [one for one, _ in read.forwards.collected(departure, body) if _is_withdrawn(read, one)]:
                return
        now = tools.clock.now()
        with tools.store.transaction() as tx:
            if tx.outbox.get(departure.id).attempts > departure.attempts + 1:
                raise LeaseLostError  # another worker has claimed it since
            for forward, _ in tx.forwards.collected(departure, body):
                if _is_withdrawn(tx, forward):
                    tx.outbox.cancel(forward.departure)
                    tx.outbox.put_body(forward.departure, collected_in(NO_DIGEST))
                    tx.ledger.append(Kind.CANCELLED, forward_body(forward), now=now)


def _is_withdrawn(read: Read | Tx, forward: Forward) -> bool:
    if forward.state is not State.PENDING:
        return False
    return all(one.until is not None for one in held_of(read, forward))


def _revising(digest: int) -> Callable[[Tx, Micros], None]:
    return lambda tx, now: tx.outbox.revise(digest, now=now)
