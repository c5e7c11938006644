"""Stories are published, as posts of their own or as lines of a digest, and edited when they change."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Self

from threatstamp.core.errors import SlackError
from threatstamp.core.facts.cve import cves_said
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.ids import ChannelId, FeedName, StoryId, TeamId, Ts
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.marking import Tlp
from threatstamp.core.news.story import Story
from threatstamp.core.outbox.body import read_body, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture, Withheld
from threatstamp.core.priority.replay import StoryPriority
from threatstamp.core.stamps.post import Place, Snapshot
from threatstamp.core.time import Micros
from threatstamp.desk.ports.departing import Act, Departing, Message, Never, NotYet
from threatstamp.desk.ports.news import FEED_DIGEST
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx
from threatstamp.desk.ports.tools import Tools

STORY = DepartureKind(name="story")
DIGEST = DepartureKind(name="digest")
DAILY = DepartureKind(name=FEED_DIGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySaying(Saying):
    """One story as a post, with what is known of the vulnerabilities that it is about.

    goes_on: the story that it goes on in, with the address of that one's post as the link, "" for none.
    has_button: people can ask why it has its priority. marking: its TLP label.
    """

    story: Story
    facts: tuple[Vulnerability, ...] = ()
    priority: StoryPriority | None = None
    goes_on: Story | None = None
    has_button: bool = False
    marking: Tlp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSaying(Saying):
    """Many stories of one feed as one message, a line each, oldest first."""

    source: str
    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DailySaying(Saying):
    """What feeds of a channel did not post since the last working day, a line each, oldest first."""

    stories: tuple[Story, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A publication's body: the feed that brought its stories."""

    feed: FeedName

    def write(self) -> str:
        return write_body(feed=self.feed)

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(feed=FeedName(text_in(read_body(text), "feed")))


def order_publication(
    stories: Sequence[StoryId],
    channel: ChannelId,
    *,
    team: TeamId,
    feed: FeedName,
    kind: DepartureKind,
    now: Micros,
) -> NewDeparture:
    """Returns the order for a post of these stories. An order for the same stories has the same name."""
    return NewDeparture(
        name=f"{channel}|{stories[0]}|{len(stories)}",
        team=team,
        kind=kind,
        channel=channel,
        due_at=now,
        body=Publication(feed=feed).write(),
    )


class _Publishing(Departing):
    """What both kinds share: their ledger entries."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def delivered(self, tx: Tx, departure: Departure, *, ts: Ts | None, now: Micros) -> None:
        tx.ledger.append(Kind.PUBLISHED, {**_body(tx, departure), "message_ts": ts}, now=now)

    def given_up(self, tx: Tx, departure: Departure, *, error: str, now: Micros) -> None:
        body = {**_body(tx, departure), "error": error}
        tx.ledger.append(Kind.UNDELIVERABLE, body, now=now)


class Publishing(_Publishing):
    """Posts one story as a message of its own."""

    kind = STORY

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        with self._tools.store.reading() as read:
            stories = read.stories.of(departure.id)
            if not stories:
                return Never(reason=Withheld.INCOMPLETE)
            [story] = stories[:1]
            words = read.stories.words(story.id)
            cves = cves_said(story.title, words)
            trail = read.stories.trail(story.joined) if story.joined else None
            places = read.publications.places_of(story.joined) if story.joined else ()
        facts, priority = self._tools.facts.known(cves), self._tools.priority_of(story.id)
        goes_on = None if trail is None else replace(trail.story, link=self._address(places))
        told = Snapshot(text=words, title=story.title, source=story.source)
        saying = StorySaying(
            story=story,
            facts=facts,
            priority=priority,
            has_button=priority is not None and self._tools.policy.has_buttons,
            goes_on=goes_on,
            marking=self._tools.policy.marking_of(told),
        )
        return Message(saying=saying)

    def _address(self, places: Sequence[Place]) -> str:
        """Returns the address of the first of these posts; "" if there is none, or Slack does not say."""
        for place in places[:1]:
            with suppress(SlackError):
                return self._tools.workspace.look_up(place).permalink or ""
        return ""


class Digesting(_Publishing):
    """Posts many stories as one message."""

    kind = DIGEST

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        feed = Publication.read(departure.body).feed
        with self._tools.store.reading() as read:
            stories = read.stories.of(departure.id)
        if not stories:
            return Never(reason=Withheld.INCOMPLETE)
        return Message(saying=DigestSaying(source=feed, stories=stories))


class DigestingDaily(_Publishing):
    """Says what feeds did not post, as far as it still concerns nobody."""

    kind = DAILY

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        with self._tools.store.reading() as read:
            stories = read.stories.of(departure.id)
        if not stories:  # all of them were posted meanwhile
            return NotYet(due_at=None)
        return Message(
            saying=DailySaying(stories=tuple(sorted(stories, key=lambda one: one.published_at or 0)))
        )


def _body(tx: Tx, departure: Departure) -> dict[str, object]:
    """Returns a publication as the bodies of ledger entries have it."""
    stories = tx.stories.of(departure.id)
    feeds = ", ".join(sorted({story.source for story in stories}))
    return {
        "team": departure.team,
        "channel": departure.channel,
        "feed": feeds if departure.kind == DAILY else Publication.read(departure.body).feed,
        "stories": [story.id for story in stories],
        "departure": departure.id,
    }
