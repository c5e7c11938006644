"""Rows of update calls and of the people whom they ask."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, insert, select

from threatstamp.core.cases.call import Answer, Asked, CallText, Member, Tally, UpdateCall
from threatstamp.core.ids import ChannelId, UserId
from threatstamp.core.stamps.post import Place
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows
from threatstamp.store.sql import insert_new, rows_at, set_row
from threatstamp.store.tables.calls import call_people, calls
from threatstamp.store.tables.outbox import departures


class ReadCallRows(Rows):
    """The ReadCalls port."""

    def get(self, number: int) -> UpdateCall | None:
        return _first(self._calls(calls.c.id == number))

    def of(self, case: int) -> UpdateCall | None:
        return next(reversed(self._calls(calls.c.case_id == case)), None)

    def at(self, place: Place) -> UpdateCall | None:
        is_there = (
            (departures.c.team == place.team)
            & (departures.c.channel == place.channel)
            & (departures.c.message_ts == place.ts)
        )
        found = select(departures.c.id).where(is_there)
        return _first(self._calls(calls.c.departure_id.in_(found)))

    def is_known(self, key: str) -> bool:
        return rows_at(self.connection, calls, key=key).first() is not None

    def every(self, *, sent_before: Micros | None = None) -> tuple[UpdateCall, ...]:
        if sent_before is None:
            return self._calls(calls.c.closed_at.is_(None))
        has_people = exists(select(call_people.c.id).where(call_people.c.call_id == calls.c.id))
        return self._calls((calls.c.sent_at < sent_before) & has_people)

    def people(self, call: int) -> tuple[Asked, ...]:
        query = select(call_people).where(call_people.c.call_id == call).order_by(call_people.c.id)
        return tuple(map(_read_asked, self.connection.execute(query).mappings()))

    def person(self, number: int) -> tuple[int, Asked] | None:
        row = rows_at(self.connection, call_people, id=number).first()
        return (int(row["call_id"]), _read_asked(row)) if row else None

    def waiting(self, call: int) -> tuple[tuple[Asked, str, date | None], ...]:
        is_open = (call_people.c.call_id == call) & call_people.c.answer.is_(None)
        rows = self.connection.execute(select(call_people).where(is_open).order_by(call_people.c.id))
        return tuple((_read_asked(row), row["zone"], _day(row["reminded_on"])) for row in rows.mappings())

    def _calls(self, condition: ColumnElement[bool]) -> tuple[UpdateCall, ...]:
        rows = self.connection.execute(select(calls).where(condition).order_by(calls.c.id))
        return tuple(map(_read_call, rows.mappings()))


class CallRows(ReadCallRows):
    """The Calls port."""

    def add(
        self,
        case: int,
        text: CallText,
        *,
        channel: ChannelId,
        owner: UserId,
        key: str,
        now: Micros,
    ) -> int:
        made = self.connection.execute(
            insert(calls)
            .values(case_id=case, key=key, channel=channel, owner=owner, sent_at=now, departure_id=0)
            .values(what=text.what, version=text.version, how=text.how, by_date=text.by_date.isoformat())
            .returning(calls.c.id)
        )
        return int(made.scalar_one())

    def put_message(self, call: int, departure: int, *, at: Micros) -> None:
        set_row(self.connection, calls, call, departure_id=departure, sent_at=at)

    def ask(self, call: int, members: Iterable[Member]) -> None:
        now = {one.user: one for one in members}
        for one in self.people(call):
            if one.user not in now and one.answer is None:
                self.connection.execute(delete(call_people).where(call_people.c.id == one.number))
        for user, member in now.items():
            self._ask(call, user, zone=member.zone)

    def answer(self, call: int, user: UserId, answer: Answer, *, now: Micros) -> Asked:
        self._ask(call, user, zone="")
        row = rows_at(self.connection, call_people, call_id=call, user_id=user).one()
        set_row(self.connection, call_people, row["id"], answer=answer.value, answered_at=now)
        return Asked(number=row["id"], user=user, answer=answer)

    def put_reminded(self, person: int, day: date) -> None:
        set_row(self.connection, call_people, person, reminded_on=day.isoformat())

    def close(self, call: int, tally: Tally, *, now: Micros) -> None:
        set_row(self.connection, calls, call, closed_at=now, tally=json.dumps(asdict(tally)))

    def erase(self, call: int) -> None:
        self.connection.execute(delete(call_people).where(call_people.c.call_id == call))

    def _ask(self, call: int, user: UserId, *, zone: str) -> None:
        insert_new(self.connection, call_people, call_id=call, user_id=user, zone=zone)


def _first(found: tuple[UpdateCall, ...]) -> UpdateCall | None:
    return next(iter(found), None)


def _read_call(row: Mapping[Any, Any]) -> UpdateCall:
    text = CallText(
        what=row["what"],
        version=row["version"],
        how=row["how"],
        by_date=date.fromisoformat(row["by_date"]),
    )
    return UpdateCall(
        number=row["id"],
        case=row["case_id"],
        text=text,
        channel=ChannelId(row["channel"]),
        owner=UserId(row["owner"]),
        sent_at=Micros(row["sent_at"]),
        departure=row["departure_id"],
        closed_at=None if row["closed_at"] is None else Micros(row["closed_at"]),
        tally=Tally(**json.loads(row["tally"])) if row["tally"] else None,
    )


def _read_asked(row: Mapping[Any, Any]) -> Asked:
    answer = Answer(row["answer"]) if row["answer"] else None
    return Asked(number=row["id"], user=UserId(row["user_id"]), answer=answer)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
