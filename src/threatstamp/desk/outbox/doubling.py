"""A double is deleted: a message that was posted although another process had already taken over.

That happens if the sender was paused between its last check of the clock and the call itself. When it records
the outcome, the fencing token shows that it lost its claim. Whether its message is one too many is known only
once the departure has left `pending`: the next holder may have found this very message by its key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from threatstamp.core.ids import Ts
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.outbox.body import number_in, read_body, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture, State, retry_in
from threatstamp.core.time import Micros, later
from threatstamp.desk.ports.departing import Act, Call, Departing, NotYet
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

DOUBLE = DepartureKind(name="double", is_paced=False, is_reported=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Double:
    """A message that may be one too many, and the departure that it was posted for."""

    departure: int
    ts: Ts

    def write(self) -> str:
        return write_body(departure=self.departure, ts=self.ts)

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        return cls(departure=number_in(body, "departure"), ts=Ts(text_in(body, "ts")))


def order_double(departure: Departure, ts: Ts, *, due_at: Micros) -> NewDeparture:
    """Returns the order to delete a message if it turns out that there are two."""
    return NewDeparture(
        name=f"{departure.id}|{ts}",
        team=departure.team,
        kind=DOUBLE,
        channel=departure.channel,
        due_at=due_at,
        body=Double(departure=departure.id, ts=ts).write(),
    )


class Doubling(Departing):
    """Deletes a message if the departure has another one."""

    kind = DOUBLE

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        double = Double.read(departure.body)
        with self._tools.store.reading() as read:
            meant = read.outbox.get(double.departure)
        if meant.state is State.PENDING:  # the next holder has not decided yet whose message is kept
            return NotYet(due_at=later(self._tools.clock.now(), retry_in(1)))
        if _other(meant, double) is None:
            return Call(act=_nothing)
        return Call(act=lambda: self._tools.workspace.unsay(departure.channel, double.ts))

    def delivered(self, tx: Tx, departure: Departure, *, ts: Ts | None, now: Micros) -> None:
        double = Double.read(departure.body)
        other = _other(tx.outbox.get(double.departure), double)
        if other is not None:
            body = {"team": departure.team, "channel": departure.channel, "message_ts": double.ts}
            tx.ledger.append(Kind.DOUBLE, {**body, "kept": other}, now=now)


def _other(meant: Departure, double: Double) -> Ts | None:
    """Returns the message that is kept; None if this one is the only one."""
    return meant.message_ts if meant.message_ts != double.ts else None


def _nothing() -> None:
    """The message is the only one, and stays."""
