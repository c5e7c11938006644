"""Why a story has its priority, for whoever asks in Slack: from what is on record alone."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.keys import id_key
from threatstamp.core.ids import StoryId
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Store

MOST_STORIES = 20
"""So many of the newest stories about a CVE are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityWhy(Saying):
    """The answer. said: None for a story that has no priority."""

    said: StoryPriority | None


def why_story(store: Store, story: StoryId) -> PriorityWhy:
    """Returns why a story has its priority. Raises StoreError."""
    with store.reading() as read:
        return PriorityWhy(said=read.priorities.of([story]).get(story))


def why_cve(store: Store, cve: CveId) -> PriorityWhy:
    """The same of the newest story that names a CVE and was assessed for it."""
    with store.reading() as read:
        stories = read.stories.naming(id_key(cve), most=MOST_STORIES)
        said = read.priorities.of(stories)
    found = [said[one] for one in reversed(stories) if one in said]
    return PriorityWhy(said=next((one for one in found if one.cve == cve), next(iter(found), None)))


def why_case(store: Store, number: int) -> PriorityWhy:
    """The same of the story that a case is about. Raises StoreError."""
    with store.reading() as read:
        case = read.cases.get(number)
        story = read.stories.at(case.place) if case else None
        return PriorityWhy(said=read.priorities.of([story.id]).get(story.id) if story else None)
