"""Rows of cases and of their moves."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, insert, select
from sqlalchemy import case as when

from threatstamp.core.cases.agenda import Agenda, Concern
from threatstamp.core.cases.call import UpdateCall
from threatstamp.core.cases.call import count as counted
from threatstamp.core.cases.case import CLOSED, Case, CaseAct, CaseState, Choice, Move, Way, Wish
from threatstamp.core.cases.details import Details
from threatstamp.core.cases.ticket import TicketState
from threatstamp.core.cases.track import TrackPlan, step_body
from threatstamp.core.cases.weighing import CaseCard, card_of
from threatstamp.core.ids import TeamId, TrackName, UserId
from threatstamp.core.priority.table import ChecklistStep, Wording
from threatstamp.core.priority.urgency import SCALE, Priority
from threatstamp.core.stamps.forward import holdings
from threatstamp.core.stamps.post import Place
from threatstamp.core.stamps.route import Track
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows
from threatstamp.store.rows.calls import ReadCallRows
from threatstamp.store.rows.forwards import ReadForwardRows
from threatstamp.store.rows.posts import read_place
from threatstamp.store.rows.priorities import ReadPriorityRows
from threatstamp.store.rows.publications import ReadPublicationRows
from threatstamp.store.rows.stories import ReadStoryRows
from threatstamp.store.rows.tickets import ReadTicketRows
from threatstamp.store.sql import place_values, rows_at, set_row
from threatstamp.store.tables.cases import case_moves, cases
from threatstamp.store.tables.outbox import departures

LARGEST = 2**63 - 1
_OPEN = tuple(state.value for state in CaseState if state not in CLOSED)
_CONCERNS = tuple(Concern)
_PRIORITIES = tuple(reversed(SCALE))


class ReadCaseRows(Rows):
    """The ReadCases port."""

    def get(self, number: int) -> Case | None:
        if number > LARGEST:  # no column holds it, and drivers refuse to ask
            return None
        row = rows_at(self.connection, cases, id=number).first()
        return _read_case(row) if row else None

    def at(self, place: Place) -> Case | None:
        for one in ReadPublicationRows(self.connection).beside(place):
            row = rows_at(self.connection, cases, **place_values(one)).first()
            if row:
                return _read_case(row)
        return None

    def card(self, place: Place) -> CaseCard | None:
        case = self.at(place)
        if case is None:
            return None
        moves = self.moves(case.number) if case.version else ()
        story = ReadStoryRows(self.connection).at(place)
        assessed = ReadPriorityRows(self.connection).of([story.id]).get(story.id) if story else None
        calls = ReadCallRows(self.connection)
        call = calls.of(case.number)
        ticket = ReadTicketRows(self.connection).of(case.number)
        return replace(
            card_of(case, moves, assessed),
            added=self.tracks(case)[1:],
            making=ticket.tracker if ticket and ticket.state is TicketState.OWED else None,
            voices=self._voices(case),
            twins=self._twins(case),
            tally=(call.tally or counted(calls.people(call.number))) if call else None,
            is_calling=call is not None and call.closed_at is None,
            calls_at=self._planned(call) if call is not None and call.closed_at is None else None,
        )

    def _voices(self, case: Case) -> tuple[UserId, ...]:
        forwards = ReadForwardRows(self.connection)
        cards = filter(None, map(forwards.of, forwards.cards(case.place)))
        stamped = dict.fromkeys((one.place, one.order.reaction, one.order.route) for one, _ in cards)
        turns = (forwards.turns(place, reaction, route=route) for place, reaction, route in stamped)
        held = sorted((one.since, one.user) for of in turns for one in holdings(of) if one.until is None)
        return tuple(dict.fromkeys(user for _, user in held))

    def _twins(self, case: Case) -> tuple[int, ...]:
        places = ReadPublicationRows(self.connection).beside(case.place)
        rows = (rows_at(self.connection, cases, **place_values(one)).first() for one in places)
        return tuple(sorted({row["id"] for row in rows if row is not None} - {case.number}))

    def _planned(self, call: UpdateCall) -> Micros | None:
        """Returns when a call goes out that was not sent as it was recorded; None once it is out."""
        row = rows_at(self.connection, departures, id=call.departure).first()
        is_waiting = row is not None and row["message_ts"] is None and call.sent_at > row["created_at"]
        return call.sent_at if is_waiting else None

    def every(self, *, states: Sequence[CaseState] = ()) -> tuple[Case, ...]:
        query = select(cases).order_by(cases.c.id)
        if states:
            query = query.where(cases.c.state.in_([one.value for one in states]))
        return tuple(map(_read_case, self.connection.execute(query).mappings()))

    def agenda(self, team: TeamId, day: date, *, now: Micros, limit: int) -> Agenda:
        rank = _concern(day.isoformat(), now).label("rank")
        is_shown = and_(cases.c.team == team, cases.c.state.in_(_OPEN), rank < len(_CONCERNS))
        counts = self.connection.execute(select(rank, func.count()).where(is_shown).group_by(rank))
        urgency = when(_ranks(_PRIORITIES), value=cases.c.priority, else_=len(_PRIORITIES))
        order = (rank, urgency, cases.c.due_on, cases.c.id)
        first: Select[Any] = select(cases, rank).where(is_shown).order_by(*order).limit(limit)
        rows = self.connection.execute(first).mappings()
        return Agenda(
            day=day,
            counts={_CONCERNS[at]: count for at, count in sorted(tuple(row) for row in counts)},
            first=tuple((_CONCERNS[row["rank"]], _read_case(row)) for row in rows),
        )

    def listed(
        self,
        team: TeamId,
        *,
        owner: UserId | None = None,
        state: CaseState | None = None,
        before: date | None = None,
        limit: int,
    ) -> tuple[int, tuple[Case, ...]]:
        wanted = [cases.c.team == team, cases.c.state.in_(_OPEN)]
        if owner is not None:
            wanted.append(cases.c.owner == owner)
        if state is not None:
            wanted.append(cases.c.state == state.value)
        if before is not None:
            wanted.append(cases.c.due_on < before.isoformat())
        count = self.connection.execute(select(func.count()).select_from(cases).where(*wanted)).scalar_one()
        order = (cases.c.due_on.is_(None), cases.c.due_on, cases.c.id)
        first: Select[Any] = select(cases).where(*wanted).order_by(*order).limit(limit)
        return int(count), tuple(map(_read_case, self.connection.execute(first).mappings()))

    def due(self, team: TeamId, *, until: date, after: int, limit: int) -> tuple[Case, ...]:
        query: Select[Any] = select(cases).where(
            cases.c.team == team,
            cases.c.state.in_(_OPEN),
            cases.c.due_on <= until.isoformat(),
            cases.c.id > after,
        )
        rows = self.connection.execute(query.order_by(cases.c.id).limit(limit))
        return tuple(map(_read_case, rows.mappings()))

    def briefed(self, team: TeamId) -> tuple[Case, ...]:
        handed = select(case_moves.c.case_id).where(
            case_moves.c.case_id == cases.c.id, case_moves.c.act == CaseAct.BRIEF.value
        )
        query: Select[Any] = select(cases).where(
            cases.c.team == team, cases.c.state.in_(_OPEN), handed.exists()
        )
        return tuple(map(_read_case, self.connection.execute(query.order_by(cases.c.id)).mappings()))

    def late_steps(self, team: TeamId, *, now: Micros) -> tuple[Case, ...]:
        query: Select[Any] = select(cases).where(
            cases.c.team == team, cases.c.state.in_(_OPEN), cases.c.clock_at <= now
        )
        return tuple(map(_read_case, self.connection.execute(query.order_by(cases.c.id)).mappings()))

    def tracks(self, case: Case) -> tuple[TrackName, ...]:
        added = ReadForwardRows(self.connection).tracks(case.place)
        return tuple(dict.fromkeys((case.track, *added)))

    def moves(self, number: int) -> tuple[Move, ...]:
        query = select(case_moves).where(case_moves.c.case_id == number).order_by(case_moves.c.number)
        return tuple(_read_move(row) for row in self.connection.execute(query).mappings())

    def is_known(self, key: str) -> bool:
        return rows_at(self.connection, case_moves, key=key).first() is not None


class CaseRows(ReadCaseRows):
    """The Cases port."""

    def apart(self) -> AbstractContextManager[object]:
        return self.connection.begin_nested()

    def open(self, place: Place, plan: TrackPlan, *, by: UserId, now: Micros) -> int:
        steps = json.dumps([step_body(one) for one in plan.checklist], ensure_ascii=False)
        made = self.connection.execute(
            insert(cases)
            .values(**place_values(place), track=plan.name, kind=plan.kind.value, checklist=steps)
            .values(state=CaseState.NEW.value)
            .values(version=0, opened_at=now, opened_by=by)
            .returning(cases.c.id)
        )
        number = int(made.scalar_one())
        case = self.get(number)
        clock_at = _clock_at(case) if case is not None else None
        if clock_at is not None:
            set_row(self.connection, cases, number, clock_at=clock_at)
        return number

    def put(self, case: Case, move: Move, *, key: str) -> None:
        set_row(
            self.connection,
            cases,
            case.number,
            state=case.state.value,
            version=case.version,
            owner=case.owner,
            decision=case.decision,
            pending=case.pending,
            priority=case.priority.value if case.priority else None,
            due_on=case.due_on.isoformat() if case.due_on else None,
            ticked=json.dumps(list(case.ticked)),
            clock_at=_clock_at(case),
        )
        said = {"user": move.by, "text": move.wish.reason, **said_details(move.wish.details)}
        self.connection.execute(
            insert(case_moves).values(
                case_id=case.number,
                number=move.number,
                key=key,
                act=move.wish.act.value,
                choice=move.wish.choice.value if move.wish.choice else None,
                by_user=move.by,
                way=move.way.value,
                said=json.dumps(said, ensure_ascii=False),
                before=move.before.value,
                after=move.after.value,
                at=move.at,
            )
        )


def _concern(day: str, now: Micros) -> ColumnElement[int]:
    """Returns the place of a case's concern among all; one more for a case that has none."""
    return when(
        (cases.c.due_on < day, _CONCERNS.index(Concern.OVERDUE)),
        (cases.c.clock_at <= now, _CONCERNS.index(Concern.CLOCK)),
        (cases.c.due_on == day, _CONCERNS.index(Concern.TODAY)),
        (cases.c.state == CaseState.WAITING.value, _CONCERNS.index(Concern.WAITING)),
        (cases.c.owner.is_(None), _CONCERNS.index(Concern.UNOWNED)),
        else_=len(_CONCERNS),
    )


def _clock_at(case: Case) -> Micros | None:
    item = case.next_step
    return None if item is None else case.clock_of(item)


def _ranks(names: tuple[Priority, ...]) -> dict[str, int]:
    return {name.value: at for at, name in enumerate(names)}


def _read_case(row: Mapping[Any, Any]) -> Case:
    return Case(
        number=row["id"],
        place=read_place(row),
        track=TrackName(row["track"]),
        kind=Track(row["kind"] or row["track"]),
        checklist=tuple(map(_read_step, json.loads(row["checklist"] or "[]"))),
        ticked=tuple(json.loads(row["ticked"] or "[]")),
        opened_at=Micros(row["opened_at"]),
        opened_by=UserId(row["opened_by"]),
        state=CaseState(row["state"]),
        version=row["version"],
        owner=UserId(row["owner"]) if row["owner"] else None,
        decision=row["decision"],
        pending=row["pending"],
        priority=Priority(row["priority"]) if row["priority"] else None,
        due_on=date.fromisoformat(row["due_on"]) if row["due_on"] else None,
    )


def _read_step(said: Mapping[str, Any]) -> ChecklistStep:
    return ChecklistStep(hours=int(said["hours"]), text=Wording(ja=said["ja"], en=said["en"]))


def _read_move(row: Mapping[Any, Any]) -> Move:
    choice = Choice(row["choice"]) if row["choice"] else None
    said = json.loads(row["said"])
    wish = Wish(act=CaseAct(row["act"]), choice=choice, reason=str(said["text"]), details=_read_details(said))
    return Move(
        number=row["number"],
        wish=wish,
        by=UserId(row["by_user"]),
        way=Way(row["way"]),
        before=CaseState(row["before"]),
        after=CaseState(row["after"]),
        at=Micros(row["at"]),
    )


def said_details(details: Details) -> dict[str, str | int]:
    """Returns the details that somebody gave, as values of JSON."""
    given = {
        "to": details.to,
        "until": details.until.isoformat() if details.until else None,
        "effort": details.effort,
        "risk": details.risk.value if details.risk else None,
        "priority": details.priority.value if details.priority else None,
        "audience": details.audience,
        "author": details.author,
        "cause": details.cause,
        "item": details.item,
    }
    return {name: value for name, value in given.items() if value}


def _read_details(said: Mapping[str, Any]) -> Details:
    risk, priority = said.get("risk"), said.get("priority")
    return Details(
        to=UserId(said["to"]) if said.get("to") else None,
        until=date.fromisoformat(said["until"]) if said.get("until") else None,
        effort=said.get("effort"),
        risk=Priority(risk) if risk else None,
        priority=Priority(priority) if priority else None,
        audience=str(said.get("audience", "")),
        author=UserId(said["author"]) if said.get("author") else None,
        cause=str(said.get("cause", "")),
        item=said.get("item"),
    )
