"""Rows of tickets: one for a case, with a claim by a token that grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import or_, select, update

from threatstamp.core.cases.case import CLOSED
from threatstamp.core.cases.ticket import Ticket, TicketState
from threatstamp.core.ids import Key, TrackerName
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows
from threatstamp.store.sql import insert_new, rows_at
from threatstamp.store.tables.cases import cases
from threatstamp.store.tables.tickets import tickets

_UNMADE = (TicketState.WITHHELD.value, TicketState.SHADOW.value)
_CLOSED = tuple(state.value for state in CLOSED)


class ReadTicketRows(Rows):
    """The ReadTickets port."""

    def of(self, case: int) -> Ticket | None:
        row = rows_at(self.connection, tickets, case_id=case).first()
        return _read(row) if row else None

    def is_due(self, of: Sequence[TrackerName], *, now: Micros) -> bool:
        return self._first(of, now=now) is not None

    def _first(self, of: Sequence[TrackerName], *, now: Micros) -> Ticket | None:
        is_owed = tickets.c.state == TicketState.OWED.value
        due = (
            select(tickets)
            .join(cases, cases.c.id == tickets.c.case_id)
            .where(tickets.c.due_at <= now, tickets.c.tracker.in_(of))
            .where(or_(is_owed, cases.c.state.not_in(_CLOSED)))
            .order_by(tickets.c.due_at, tickets.c.case_id)
            .limit(1)
        )
        row = self.connection.execute(due).mappings().first()
        return _read(row) if row else None


class TicketRows(ReadTicketRows):
    """The Tickets port."""

    def owe(self, ticket: Ticket) -> bool:
        if insert_new(self.connection, tickets, case_id=ticket.case, **_values(ticket)) is not None:
            return True
        is_open = (tickets.c.case_id == ticket.case, tickets.c.state.in_(_UNMADE))
        again = {**_values(ticket), "token": tickets.c.token + 1}
        return self.connection.execute(update(tickets).where(*is_open).values(**again)).rowcount == 1

    def claim(self, of: Sequence[TrackerName], *, now: Micros, until: Micros) -> Ticket | None:
        found = self._first(of, now=now)
        if found is None:
            return None
        claimed = replace(found, token=found.token + 1, due_at=until)
        is_made = found.state is not TicketState.OWED
        kept = replace(claimed, unsure=not is_made)
        return claimed if self._set(kept, token=found.token) else None

    def put(self, ticket: Ticket) -> bool:
        return self._set(ticket, token=ticket.token)

    def _set(self, ticket: Ticket, *, token: int) -> bool:
        is_ours = (tickets.c.case_id == ticket.case, tickets.c.token == token)
        return (
            self.connection.execute(update(tickets).where(*is_ours).values(**_values(ticket))).rowcount == 1
        )


def _values(ticket: Ticket) -> dict[str, object]:
    return {
        "tracker": ticket.tracker,
        "key": ticket.key,
        "state": ticket.state.value,
        "owed_at": ticket.owed_at,
        "due_at": ticket.due_at,
        "token": ticket.token,
        "unsure": ticket.unsure,
        "number": ticket.number,
        "link": ticket.link,
        "mark": ticket.mark,
        "error": ticket.error,
    }


def _read(row: Mapping[Any, Any]) -> Ticket:
    return Ticket(
        case=row["case_id"],
        tracker=TrackerName(row["tracker"]),
        key=Key(row["key"]),
        state=TicketState(row["state"]),
        owed_at=Micros(row["owed_at"]),
        due_at=None if row["due_at"] is None else Micros(row["due_at"]),
        token=row["token"],
        unsure=bool(row["unsure"]),
        number=row["number"],
        link=row["link"],
        mark=row["mark"],
        error=row["error"],
    )
