"""Why a story has its priority, for whoever asks in Slack: from what is on record alone."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.keys import id_key
from threatstamp.core.ids import ChannelId, StoryId
from threatstamp.core.news.marking import Tlp
from threatstamp.core.policy import Policy
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.desk.ports.marking import place_marking, story_marking
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Read, Store

MOST_STORIES = 20
"""So many of the newest stories about a CVE are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityWhy(Saying):
    """The answer. said: None for a story that has no priority. marking: its TLP label."""

    said: StoryPriority | None
    marking: Tlp | None = None


def why_story(store: Store, story: StoryId, policy: Policy) -> PriorityWhy:
    """Returns why a story has its priority, where it is posted. Raises StoreError."""
    with store.reading() as read:
        said = read.priorities.of([story]).get(story)
        return PriorityWhy(said=said, marking=_marking(read, story, policy))


def why_cve(store: Store, cve: CveId, policy: Policy, channel: ChannelId) -> PriorityWhy:
    """The same of the newest story that names a CVE and was assessed for it, and may be read in a channel."""
    with store.reading() as read:
        stories = read.stories.naming(id_key(cve), most=MOST_STORIES)
        said = read.priorities.of(stories)
        newest = [one for one in reversed(stories) if one in said]
        for story in sorted(newest, key=lambda one: said[one].cve != cve):
            marking = _marking(read, story, policy)
            displayed = (place.channel for place in read.publications.places_of(story))
            if policy.may_read(marking, channel, displayed):
                return PriorityWhy(said=said[story], marking=marking)
    return PriorityWhy(said=None)


def why_case(store: Store, number: int, policy: Policy, channel: ChannelId) -> PriorityWhy:
    """The same of the story that a case is about. Raises StoreError."""
    with store.reading() as read:
        case = read.cases.get(number)
        story = read.stories.at(case.place) if case else None
        marking = place_marking(read, case.place, policy.labels) if case else None
        if case is None or story is None or not policy.may_read(marking, channel, (case.place.channel,)):
            return PriorityWhy(said=None)
        return PriorityWhy(said=read.priorities.of([story.id]).get(story.id), marking=marking)


def _marking(read: Read, story: StoryId, policy: Policy) -> Tlp | None:
    trail = read.stories.trail(story)
    return None if trail is None else story_marking(read, trail.story, policy.labels)
