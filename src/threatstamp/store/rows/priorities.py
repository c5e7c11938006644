"""Rows of the last ruling about each story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from threatstamp.core.facts.cve import CveId
from threatstamp.core.ids import StoryId
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.priority.urgency import Priority
from threatstamp.core.time import Micros
from threatstamp.store.rows.base import Rows, batches
from threatstamp.store.sql import put
from threatstamp.store.tables.priorities import priorities


class ReadPriorityRows(Rows):
    """The ReadPriorities port."""

    def of(self, stories: Sequence[StoryId]) -> Mapping[StoryId, StoryPriority]:
        found: dict[StoryId, StoryPriority] = {}
        for some in batches(stories):
            for row in self.connection.execute(select(priorities).where(priorities.c.story.in_(some))):
                found[StoryId(row.story)] = StoryPriority(
                    cve=CveId(row.cve),
                    priority=Priority(row.priority),
                    outcome=row.outcome,
                    gist=row.gist,
                    assessed_at=row.assessed_at,
                )
        return found


class PriorityRows(ReadPriorityRows):
    """The Priorities port."""

    def put(self, story: StoryId, said: StoryPriority, *, now: Micros) -> None:
        values = {
            "cve": said.cve,
            "priority": said.priority.value,
            "outcome": said.outcome,
            "gist": said.gist,
        }
        put(self.connection, priorities, ("story",), story=story, **values, assessed_at=now)
