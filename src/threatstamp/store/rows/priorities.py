"""Rows of the last ruling about each story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import RowMapping, select, update

from threatstamp.core.facts.cve import CveId
from threatstamp.core.ids import StoryId
from threatstamp.core.priority.noticing import read_sighting, write_sighting
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.priority.touching import read_touches, write_touches
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows, batches
from threatstamp.store.sql import put
from threatstamp.store.tables.news import stories as told
from threatstamp.store.tables.priorities import priorities


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
            "touches": None if said.touches is None else write_touches(said.touches),
            "seen": None if said.seen is None else write_sighting(said.seen),
            "shown": said.shown or None,
        }
        if owed_at is not None:
            values["owed_at"] = owed_at
        put(self.connection, priorities, ("story",), story=story, **values)

    def settle(self, story: StoryId) -> None:
        self.connection.execute(update(priorities).where(priorities.c.story == story).values(owed_at=None))


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
    )
