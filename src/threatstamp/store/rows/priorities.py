"""Rows of the last ruling about each story, and of what people have said of their products."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import RowMapping, and_, func, select, update

from threatstamp.core.facts.cve import CveId
from threatstamp.core.ids import StoryId, UserId
from threatstamp.core.priority.exposure import Exposure, ExposureAnswer, product_key
from threatstamp.core.priority.fact import NO, YES
from threatstamp.core.priority.noticing import read_sighting, write_sighting
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.priority.touching import read_touches, write_touches
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows, batches
from threatstamp.store.sql import put
from threatstamp.store.tables.news import publications
from threatstamp.store.tables.news import stories as told
from threatstamp.store.tables.outbox import departures
from threatstamp.store.tables.priorities import exposures, priorities
from threatstamp.store.tables.routes import forwards


class ReadPriorityRows(Rows):
    """The ReadPriorities port."""

    def of(self, stories: Sequence[StoryId]) -> Mapping[StoryId, StoryPriority]:
        found: dict[StoryId, StoryPriority] = {}
        for some in batches(stories):
            query = select(priorities).where(priorities.c.story.in_(some))
            for row in self.connection.execute(query).mappings():
                found[StoryId(row["story"])] = _read(row)
        return found

    def owed(self, *, most: int) -> tuple[StoryId, ...]:
        query = select(priorities.c.story).join(told, told.c.id == priorities.c.story)
        query = query.where(priorities.c.owed_at.is_not(None)).order_by(told.c.told_at.desc(), told.c.id)
        return tuple(StoryId(one) for one in self.connection.execute(query.limit(most)).scalars())

    def asking(self, *, most: int) -> tuple[tuple[tuple[str, ...], int], ...]:
        shown, own = departures.alias("shown"), departures.alias("own")
        here = and_(
            forwards.c.team == publications.c.team,
            forwards.c.channel == publications.c.channel,
            forwards.c.ts == func.coalesce(own.c.message_ts, publications.c.ts),
        )
        query = (
            select(priorities.c.asks, shown.c.id)
            .join(publications, publications.c.story == priorities.c.story)
            .outerjoin(own, own.c.id == publications.c.departure_id)
            .join(forwards, here)
            .join(shown, shown.c.id == forwards.c.departure_id)
            .where(
                priorities.c.asks.is_not(None),
                shown.c.message_ts.is_not(None),
                shown.c.is_paced,  # one that is said in a digest has no message of its own
                shown.c.channel != forwards.c.channel,
            )
            .order_by(shown.c.id.desc())
            .limit(most)
        )
        return tuple((tuple(json.loads(asks)), forward) for asks, forward in self.connection.execute(query))

    def exposures(self) -> tuple[Exposure, ...]:
        rows = self.connection.execute(select(exposures).order_by(exposures.c.product)).mappings()
        return tuple(map(_read_exposure, rows))


class PriorityRows(ReadPriorityRows):
    """The Priorities port."""

    def put(self, story: StoryId, said: StoryPriority, *, owed_at: Micros | None) -> None:
        values = {
            "cve": said.cve,
            "priority": said.priority.value,
            "outcome": said.outcome,
            "gist": said.gist,
            "assessed_at": said.assessed_at,
            "ruling": said.ruling or None,
            "asks": json.dumps(said.asks, ensure_ascii=False) if said.asks else None,
            "touches": None if said.touches is None else write_touches(said.touches),
            "seen": None if said.seen is None else write_sighting(said.seen),
            "shown": said.shown or None,
        }
        if owed_at is not None:
            values["owed_at"] = owed_at
        put(self.connection, priorities, ("story",), story=story, **values)

    def settle(self, story: StoryId) -> None:
        self.connection.execute(update(priorities).where(priorities.c.story == story).values(owed_at=None))

    def put_exposure(self, exposure: Exposure) -> None:
        answer = exposure.answer
        put(
            self.connection,
            exposures,
            ("product",),
            product=product_key(exposure.name),
            name=exposure.name,
            question_id=exposure.question,
            shown=exposure.shown,
            answer=None if answer is None else YES if answer.exposed else NO,
            by_user=None if answer is None else answer.by,
            way=None if answer is None else answer.way,
            answered_at=None if answer is None else answer.at,
        )


def _read(row: RowMapping) -> StoryPriority:
    return StoryPriority(
        cve=CveId(row["cve"]),
        priority=Priority(row["priority"]),
        outcome=row["outcome"],
        gist=row["gist"],
        assessed_at=row["assessed_at"],
        touches=read_touches(row["touches"]),
        seen=read_sighting(row["seen"]),
        shown=row["shown"] or "",
        ruling=row["ruling"] or "",
        asks=tuple(json.loads(row["asks"])) if row["asks"] else (),
    )


def _read_exposure(row: RowMapping) -> Exposure:
    answer = None
    if row["answer"] is not None:
        answer = ExposureAnswer(
            exposed=row["answer"] == YES,
            by=UserId(row["by_user"]),
            way=row["way"],
            at=Micros(row["answered_at"]),
        )
    return Exposure(name=row["name"], answer=answer, question=row["question_id"], shown=row["shown"])
