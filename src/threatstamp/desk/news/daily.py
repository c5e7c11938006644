"""Of a feed with `show = "digest"`, what does not concern the company is said once a working day a channel.

The digest is known by channel and moment, so it is said once, whoever orders it. A story that turns out to
concern the company leaves it and is posted at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time

from threatstamp.core.facts.cve import cves_said
from threatstamp.core.ids import ChannelId, FeedName, StoryId, TeamId
from threatstamp.core.outbox.departure import NewDeparture, State
from threatstamp.core.priority.noticing import Sighting
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.time import DAY, Micros, later
from threatstamp.desk.news.publishing import DAILY, STORY, order_publication
from threatstamp.desk.ports.news import DigestedStory
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

LOOK_BACK = 7.0 * DAY / 1_000_000
"""Seconds. For so long after its digest was said, a story that concerns the company after all is posted."""


def put_into_digest(
    tx: Tx, stories: Sequence[StoryId], channel: ChannelId, at: time, *, tools: Tools, now: Micros
) -> int:
    """Puts these into the channel's next digest at that time of day; returns how many messages are owed."""
    if not stories:
        return 0
    digest = _book(tx, channel, at, tools=tools, now=now)
    tx.publications.post(stories, channel, team=tools.policy.team, departure=digest)
    tx.outbox.revise(digest, now=now)  # if it is being said just now, they come by an edit
    return 1


def _book(tx: Tx, channel: ChannelId, at: time, *, tools: Tools, now: Micros) -> int:
    after, team = now, tools.policy.team
    while True:
        due_at = tools.policy.calendar.next_working(at, after=after)
        new = NewDeparture(name=f"{channel}|{due_at}", team=team, kind=DAILY, channel=channel, due_at=due_at)
        made = tx.outbox.owe(new, now=now)
        if made is not None:
            return made
        known = tx.outbox.keyed(new.key)
        if known is not None and known.state in (State.PENDING, State.SHADOW):
            return known.id
        after = due_at  # said already: the clock of another process is ahead of ours


class PostRelevant:
    """Posts the stories of digests that concern the company by now."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def run(self) -> int:
        """Returns how many were posted. Raises StoreError."""
        now = self._tools.clock.now()
        with self._tools.store.reading() as read:
            digested = read.publications.digested(later(now, -LOOK_BACK))
            known = read.priorities.of([one.story.id for one in digested])
            words = {one.story.id: read.stories.words(one.story.id) for one in digested if not one.is_said}
        found = [
            one
            for one in digested
            if _concerns(known.get(one.story.id)) or (not one.is_said and self._says_so(one, words))
        ]
        for one in found:
            with self._tools.store.transaction() as tx:
                _post(tx, one.story.id, one.channel, team=one.team, feed=FeedName(one.story.source), now=now)
        return len(found)

    def _says_so(self, one: DigestedStory, words: dict[StoryId, str]) -> bool:
        """True if the story itself does, by the products and the catalogue as they are now."""
        relevance, story = self._tools.policy.relevance, one.story
        if relevance is None:
            return False
        said = words[story.id]
        return relevance.concerns(story.title, said, self._tools.facts.known(cves_said(story.title, said)))


def _post(tx: Tx, story: StoryId, channel: ChannelId, *, team: TeamId, feed: FeedName, now: Micros) -> None:
    """Moves a story out of its digest into a post of its own; once, whoever is quicker."""
    order = order_publication([story], channel, team=team, feed=feed, kind=STORY, now=now)
    departure = tx.outbox.owe(order, now=now)
    if departure is not None:
        tx.publications.leave_digest([story], channel, team=team)
        tx.publications.post([story], channel, team=team, departure=departure)


def _concerns(said: StoryPriority | None) -> bool:
    """True if a product of the company's is concerned, or a vulnerability of the story is exploited."""
    if said is None:
        return False
    return any(one.is_ours for one in said.touches or ()) or _is_listed(said.seen)


def _is_listed(seen: Sighting | None) -> bool:
    return seen is not None and any(one.kev == "yes" for one in seen.cves.values())
