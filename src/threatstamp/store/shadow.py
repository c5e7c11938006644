"""The store of a desk in shadow: it records everything, and nothing that is recorded can be said.

This is the one place where a desk in shadow is silent. Whoever speaks in Slack holds a claim, and here nobody
gets one. What is ordered meanwhile is in a state of its own from the transaction on that orders it, and never
due: no crash can leave it pending, and no other process, nor a later one, finds it. Once another process has
ended the shadow, because this one was not heard of for a while, what it still orders is said by that one.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from threatstamp.core import signs
from threatstamp.core.cases.ticket import Ticket, TicketState
from threatstamp.core.outbox.claim import Claim
from threatstamp.core.outbox.departure import NewDeparture, State
from threatstamp.core.time import Micros
from threatstamp.store.rows.outbox import OutboxRows
from threatstamp.store.rows.tickets import TicketRows
from threatstamp.store.rows.vitals import ReadVitalRows
from threatstamp.store.store import SqlStore
from threatstamp.store.tx import SqlTx

_SILENT = {"state": State.SHADOW.value, "due_at": None}


class ShadowOutboxRows(OutboxRows):
    """The Outbox port of a desk in shadow."""

    def owe(self, new: NewDeparture, *, now: Micros) -> int | None:
        made = super().owe(new, now=now)
        if made is not None and self._is_silent():
            self._set(made, **_SILENT)
        return made

    def owe_claimed(
        self, new: NewDeparture, *, now: Micros, lease: float, holder: str
    ) -> tuple[int, Claim | None] | None:
        made = self.owe(new, now=now)
        return None if made is None else (made, None)

    def reopen(self, departure: int, *, due_at: Micros) -> None:
        if self._is_silent():
            self._set(departure, **_SILENT)
        else:
            super().reopen(departure, due_at=due_at)

    def _is_silent(self) -> bool:
        return _is_silent(self.connection)


class ShadowTicketRows(TicketRows):
    """The Tickets port of a desk in shadow."""

    def owe(self, ticket: Ticket) -> bool:
        if _is_silent(self.connection):
            ticket = replace(ticket, state=TicketState.SHADOW, due_at=None)
        return super().owe(ticket)


class ShadowStore(SqlStore):
    """The Store port of a desk in shadow."""

    is_silent = True

    def _tx(self, connection: Connection) -> SqlTx:
        tx = SqlTx(connection)
        tx.outbox = ShadowOutboxRows(connection, tx.notes)
        tx.tickets = ShadowTicketRows(connection)
        return tx

    def claim(self, *, now: Micros, lease: float, holder: str) -> Claim | None:
        return None

    def next_due(self, *, now: Micros) -> Micros | None:
        return None


def _is_silent(connection: Connection) -> bool:
    return ReadVitalRows(connection).get(signs.SHADOW) != ""  # empty: it has ended
