"""Facts about vulnerabilities in the bulk data: looked up without waiting, and loaded beside the desk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from typing import Any

from sqlalchemy import (
    RowMapping,
    Select,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from threatstamp.core.errors import FactsError, FactsFault, StoreError
from threatstamp.core.facts.assessment import (
    FACT_SOURCES,
    Assessment,
    FactSource,
    ReadAssessment,
    read_assessment,
    write_assessment,
)
from threatstamp.core.facts.change import ChangeKind, FactChange
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.document import FactLoad, FactStock, FetchProblem, SourceState
from threatstamp.core.facts.score import USUAL, Ranking
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.time import DAY, Micros
from threatstamp.store.bulk import Bulk, bulk_file, open_bulk
from threatstamp.store.connection import sqlite_path
from threatstamp.store.looking import FactsDoor
from threatstamp.store.sql import put
from threatstamp.store.tables.facts import (
    LAYOUT,
    assessments,
    fact_changes,
    fact_layout,
    fact_loads,
    fact_sources,
    facts_metadata,
)

KEPT = 90 * DAY
"""How long it is kept what has changed."""

MOST_AT_ONCE = 500
"""So many CVE ids in one query: SQLite has a limit on what is bound."""


class FactLookup:
    """Reads facts, if there are any. It creates nothing, and finds what is loaded while it is open.

    report: told when facts cannot be read, and with None when they can again. keep: connections stay open
    between looks, for a process that looks often; `close` ends them. ranking: in which order scores count;
    it may be set anew.
    """

    def __init__(
        self,
        database: str,
        report: Callable[[FactsError | None], None] | None = None,
        *,
        keep: bool = False,
        ranking: Ranking = USUAL,
    ) -> None:
        self.ranking = ranking
        self._door = FactsDoor(database, keep=keep)
        self._report = report
        self._failed = False

    def close(self) -> None:
        self._door.close()

    def known(self, cves: Sequence[CveId]) -> tuple[Vulnerability, ...]:
        """The Facts port."""
        if not cves:
            return ()
        try:
            found, failure = self.find(cves), None
        except FactsError as error:
            found, failure = (), error
        if self._report is not None and (failure is not None) != self._failed:
            self._failed = failure is not None
            self._report(failure)
        return found

    def find(self, cves: Sequence[CveId]) -> tuple[Vulnerability, ...]:
        """Returns those of which something is known, in this order. Raises FactsError."""
        with self._door.looking() as connection:
            if connection is None:
                return ()
            said: dict[CveId, list[ReadAssessment]] = {}
            for begin in range(0, len(cves), MOST_AT_ONCE):
                for row in connection.execute(_of(), {"cves": cves[begin : begin + MOST_AT_ONCE]}):
                    one = read_assessment(CveId(row.cve), FactSource(row.source), row.version, row.body)
                    said.setdefault(one.cve, []).append(ReadAssessment(said=one, read_at=row.read_at))
        ranking = self.ranking
        return tuple(
            Vulnerability(cve=cve, said=tuple(said[cve]), ranking=ranking) for cve in cves if cve in said
        )

    def loads(self) -> tuple[FactStock, ...]:
        """Returns of which sources facts are loaded. Raises FactsError."""
        with self._door.looking() as connection:
            if connection is None:
                return ()
            counts = {row.source: row.cves for row in connection.execute(_counts())}
            rows = connection.execute(select(fact_loads).order_by(fact_loads.c.source)).mappings()
            return tuple(FactStock(load=_read_load(row), cves=counts.get(row["source"], 0)) for row in rows)

    def states(self) -> tuple[SourceState, ...]:
        """Returns how the fetching of each source goes that was tried. Raises FactsError."""
        with self._door.looking() as connection:
            if connection is None:
                return ()
            of_sources = fact_sources.c.source.in_(
                FACT_SOURCES
            )  # there are claims of other names beside them
            query = select(fact_sources).where(of_sources).order_by(fact_sources.c.source)
            return tuple(map(_read_state, connection.execute(query).mappings()))

    def changes(self, since: Micros) -> tuple[FactChange, ...]:
        """Returns what was found to have changed by loads that began at this time or later.

        Raises FactsError.
        """
        with self._door.looking() as connection:
            if connection is None:
                return ()
            order = (fact_changes.c.at, fact_changes.c.cve, fact_changes.c.kind)
            query = select(fact_changes).where(fact_changes.c.at >= since).order_by(*order)
            return tuple(
                FactChange(**{**row, "kind": ChangeKind(row["kind"])})
                for row in connection.execute(query).mappings()
            )

    def first_read(self) -> Mapping[FactSource, Micros]:
        """Returns when the oldest of what each source says was read; slowly. Raises FactsError."""
        with self._door.looking() as connection:
            if connection is None:
                return {}
            oldest = select(assessments.c.source, func.min(assessments.c.read_at).label("at"))
            rows = connection.execute(oldest.group_by(assessments.c.source))
            return {FactSource(row.source): Micros(row.at) for row in rows}

    def last_loads(self) -> tuple[FactLoad, ...]:
        """Returns how far the last load of each source is, without counting anything. Raises FactsError."""
        with self._door.looking() as connection:
            if connection is None:
                return ()
            rows = connection.execute(select(fact_loads).order_by(fact_loads.c.source)).mappings()
            return tuple(_read_load(row) for row in rows)


class BulkFacts:
    """The FactStore port on the bulk data."""

    def __init__(self, bulk: Bulk) -> None:
        self._bulk = bulk

    def close(self) -> None:
        self._bulk.close()

    def last(self, source: FactSource) -> FactLoad | None:
        with self._bulk.reading() as connection:
            query = select(fact_loads).where(fact_loads.c.source == source)
            row = connection.execute(query).mappings().first()
        return None if row is None else _read_load(row)

    def versions(self, source: FactSource, cves: Sequence[CveId]) -> Mapping[CveId, str]:
        with self._bulk.reading() as connection:
            rows = connection.execute(_versions(), {"cves": cves, "of_source": source})
            return {CveId(row.cve): row.version for row in rows}

    def said(self, source: FactSource, cves: Sequence[CveId]) -> Mapping[CveId, Assessment]:
        query = _of().where(assessments.c.source == source)
        with self._bulk.reading() as connection:
            rows = connection.execute(query, {"cves": cves}).all()
        try:
            found = (read_assessment(CveId(row.cve), source, row.version, row.body) for row in rows)
            return {one.cve: one for one in found}
        except ValueError as error:
            raise StoreError(str(error)) from error

    def older(self, source: FactSource, *, read_before: Micros, most: int) -> Sequence[CveId]:
        older = (assessments.c.source == source, assessments.c.read_at < read_before)
        query = select(assessments.c.cve).where(*older).limit(most)
        with self._bulk.reading() as connection:
            return [CveId(row.cve) for row in connection.execute(query)]

    def note_changes(self, changes: Sequence[FactChange]) -> None:
        oldest = min(one.at for one in changes) - KEPT
        with self._bulk.writing() as connection:
            for one in changes:
                values = {**asdict(one), "kind": one.kind.value}
                put(connection, fact_changes, ("cve", "kind", "at"), **values)
            connection.execute(delete(fact_changes).where(fact_changes.c.at < oldest))

    def put(self, said: Iterable[Assessment], *, read_at: Micros) -> Iterator[int]:
        return self._bulk.load(assessments, (_row(one, read_at) for one in said))

    def note(self, load: FactLoad) -> None:
        with self._bulk.writing() as connection:
            put(connection, fact_loads, ("source",), **{**asdict(load), "is_done": int(load.is_done)})

    def state(self, source: FactSource) -> SourceState | None:
        """Returns how the fetching of a source goes; None if it was never tried."""
        with self._bulk.reading() as connection:
            query = select(fact_sources).where(fact_sources.c.source == source)
            row = connection.execute(query).mappings().first()
        return None if row is None else _read_state(row)

    def keep(self, state: SourceState) -> None:
        """Notes how the fetching of a source goes."""
        with self._bulk.writing() as connection:
            put(connection, fact_sources, ("source",), **_state_row(state))

    def hold(self, source: FactSource, holder: str, *, now: Micros, until: Micros) -> bool:
        """Claims the fetching of a source, or claims it for longer; False while another process has it."""
        if self.state(source) is None:
            self.keep(SourceState(source=source, tried_at=now))
        free = or_(
            fact_sources.c.held_until.is_(None),
            fact_sources.c.held_until < now,
            fact_sources.c.holder == holder,
        )
        claim = update(fact_sources).where(fact_sources.c.source == source, free)
        with self._bulk.writing() as connection:
            return connection.execute(claim.values(holder=holder, held_until=until)).rowcount == 1

    def release(self, source: FactSource, holder: str) -> None:
        """Ends a claim."""
        mine = (fact_sources.c.source == source, fact_sources.c.holder == holder)
        with self._bulk.writing() as connection:
            connection.execute(update(fact_sources).where(*mine).values(holder=None, held_until=None))

    def drop_older(self, source: FactSource, *, read_before: Micros) -> int:
        older = (assessments.c.source == source, assessments.c.read_at < read_before)
        with self._bulk.writing() as connection:
            return connection.execute(delete(assessments).where(*older)).rowcount


def open_facts(database: str) -> BulkFacts:
    """Opens the facts beside a database, to load them; those of another layout are thrown away.

    Raises StoreError; FactsError if there is something else in their place.
    """
    file = sqlite_path(database)
    bulk = None
    try:
        bulk = open_bulk(database, facts_metadata)
        with bulk.reading() as connection:
            layout = connection.execute(select(fact_layout.c.layout)).scalar()
        if layout not in (LAYOUT, None):
            bulk.discard()
        with bulk.writing() as connection:
            put(connection, fact_layout, ("layout",), layout=LAYOUT)
    except StoreError as error:
        if bulk is not None:
            bulk.close()
        if file is None or not bulk_file(file).is_file():
            raise
        raise FactsError(FactsFault.BROKEN, place=str(bulk_file(file)), reason=str(error)) from error
    return BulkFacts(bulk)


def _row(one: Assessment, read_at: Micros) -> tuple[object, ...]:
    """Returns the columns of `assessments` in their order."""
    return one.source, one.cve, one.version, read_at, write_assessment(one)


def _state_row(state: SourceState) -> dict[str, Any]:
    problem = state.problem
    return {
        "source": state.source,
        "cursor": json.dumps(dict(state.cursor)),
        "tried_at": state.tried_at,
        "fetched_at": state.fetched_at,
        "failures": state.failures,
        "problem": json.dumps({"key": problem.key, "values": dict(problem.values)}) if problem else "",
    }


def _read_state(row: RowMapping) -> SourceState:
    problem = json.loads(row["problem"]) if row["problem"] else None
    return SourceState(
        source=FactSource(row["source"]),
        cursor=json.loads(row["cursor"]),
        tried_at=row["tried_at"],
        fetched_at=row["fetched_at"],
        failures=row["failures"],
        problem=None if problem is None else FetchProblem(**problem),
    )


def _read_load(row: RowMapping) -> FactLoad:
    return FactLoad(**{**row, "is_done": bool(row["is_done"])})


@cache
def _of() -> Select[Any]:
    """Every source is named: facts lie source by source, and each is then a step into an index."""
    of_cves = assessments.c.cve.in_(bindparam("cves", expanding=True))
    found = select(assessments).where(of_cves, assessments.c.source.in_(FACT_SOURCES))
    return found.order_by(assessments.c.source)  # the CVE List first: its title and state count


@cache
def _versions() -> Select[Any]:
    return select(assessments.c.cve, assessments.c.version).where(
        assessments.c.source == bindparam("of_source"),
        assessments.c.cve.in_(bindparam("cves", expanding=True)),
    )


@cache
def _counts() -> Select[Any]:
    return select(assessments.c.source, func.count().label("cves")).group_by(assessments.c.source)
