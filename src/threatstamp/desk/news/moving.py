"""A person's word on stories: a wrong join is split, a missed one made, a kind corrected. It is on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from threatstamp.core import signs
from threatstamp.core.facts.subject import StoryKind
from threatstamp.core.ids import ChannelId, StoryId, TeamId, UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.joining import Bond
from threatstamp.core.news.story import NewStory, link_key, shared_key, story_id, story_of
from threatstamp.core.news.trail import EntryTrail, StoryTrail
from threatstamp.core.time import Micros
from threatstamp.desk.news.joining import Told
from threatstamp.desk.news.noting import note_joined
from threatstamp.desk.news.publishing import STORY, order_publication
from threatstamp.desk.ports.store import Read, Store, Tx


class Unmoved(StrEnum):
    """Why nothing was moved. Each has words `refused_…` in the catalogue `stories`."""

    UNKNOWN = "unknown"
    """There is no such story, or more than one goes by that name."""
    NO_ENTRY = "no_entry"
    """The story has no entry of that number."""
    FIRST = "first"
    """The entry began the story, which is named after it."""
    SAME = "same"
    """Both are the same story."""
    JOINED = "joined"
    """One of the two goes on in another story already."""
    KIND = "kind"
    """A person has said so of the story already, or nobody has said anything that could be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveOrder:
    """Who wants it, and why."""

    by: UserId
    reason: str
    now: Micros


def split(store: Store, story: StoryId, number: int, order: MoveOrder) -> StoryId | Unmoved:
    """Makes an entry a story of its own, and orders its post wherever the old one is displayed.

    number: of the entry in the story, from 1. Raises StoreError.
    """
    with store.transaction() as tx:
        trail = tx.stories.trail(story)
        if trail is None:
            return Unmoved.UNKNOWN
        if not 0 < number <= len(trail.entries):
            return Unmoved.NO_ENTRY
        one = trail.entries[number - 1]
        if one.bond is None:
            return Unmoved.FIRST
        new = story_id(one.feed, f"{one.entry.entry_id}\n{order.now}")
        _begin(tx, one, new, now=order.now)
        body = {
            "story": story,
            "into": new,
            "feed": one.feed,
            "entry": one.entry.entry_id,
            "recorded_in": one.recorded_in,
            "follows": one.follows,
            **_who(tx, order),
        }
        tx.ledger.append(Kind.STORY_SPLIT, body, now=order.now)
        for team, channel in dict.fromkeys(_channels(tx, story)):
            post = order_publication([new], channel, team=team, feed=one.feed, kind=STORY, now=order.now)
            departure = tx.outbox.owe(post, now=order.now)
            if departure is not None:
                tx.publications.post([new], channel, team=team, departure=departure)
        _edit(tx, story, now=order.now)
    return new


def join(store: Store, story: StoryId, other: StoryId, order: MoveOrder) -> Unmoved | None:
    """Moves all entries of the other story to the first one, where it goes on. Raises StoreError."""
    with store.transaction() as tx:
        first, second = tx.stories.trail(story), tx.stories.trail(other)
        refusal = _refusal(first, second)
        if refusal is not None or second is None:
            return refusal
        body = {"story": story, "other": other, **_who(tx, order)}
        tx.ledger.append(Kind.STORY_JOINED, body, now=order.now)
        for one in second.entries:
            tx.entries.move(one.feed, one.entry, story, bond=Bond.PERSON)
        tx.entries.join(other, story)
        for one in second.entries:
            told = Told(entry=one.entry, story=story, bond=Bond.PERSON)
            note_joined(tx, [told], feed=one.feed, with_lines=one.bond is None, now=order.now)
        _edit(tx, other, now=order.now)
    return None


def name_kind(store: Store, story: StoryId, kind: StoryKind | None, order: MoveOrder) -> Unmoved | None:
    """Says of what kind a story is, whatever its words tell; None takes that back. Raises StoreError."""
    with store.transaction() as tx:
        trail = tx.stories.trail(story)
        if trail is None:
            return Unmoved.UNKNOWN
        if trail.story.joined:
            return Unmoved.JOINED
        if trail.story.kind == kind:
            return Unmoved.KIND
        tx.stories.name_kind(story, kind.value if kind else None)
        body = {"story": story, "kind": kind.value if kind else None, **_who(tx, order)}
        tx.ledger.append(Kind.STORY_KIND, body, now=order.now)
        tx.vitals.put(signs.KINDS, str(order.now), now=order.now)
        _edit(tx, story, now=order.now)
    return None


def _refusal(first: StoryTrail | None, second: StoryTrail | None) -> Unmoved | None:
    if first is None or second is None:
        return Unmoved.UNKNOWN
    if first.story.id == second.story.id:
        return Unmoved.SAME
    return Unmoved.JOINED if first.story.joined or second.story.joined else None


def _begin(tx: Tx, one: EntryTrail, new: StoryId, *, now: Micros) -> None:
    """Records the story that an entry begins, and moves it there."""
    made = story_of(one.entry, feed=one.feed)
    key = link_key(one.entry.link) or shared_key(one.entry)
    tx.stories.add([NewStory(story=replace(made, id=new), link_key=key)], now=now)
    tx.entries.move(one.feed, one.entry, new, bond=None)


def _channels(tx: Tx, story: StoryId) -> Iterator[tuple[TeamId, ChannelId]]:
    """Yields where a story is displayed, or will be."""
    for departure in tx.publications.departures_of(story):
        found = tx.outbox.get(departure)
        yield found.team, found.channel
    for place in tx.publications.places_of(story):
        yield place.team, place.channel


def cases_of(read: Read, story: StoryId) -> tuple[int, ...]:
    """Returns the numbers of the cases that a story's posts have: several where stories were joined."""
    places = read.publications.places_of(story)
    beside = dict.fromkeys(other for place in places for other in read.publications.beside(place))
    found = (read.cases.at(place) for place in beside)
    return tuple(sorted({case.number for case in found if case is not None}))


def _edit(tx: Tx, story: StoryId, *, now: Micros) -> None:
    """Has a story's posts edited, and the cards of its cases, which name each other."""
    cards = {card for place in tx.publications.places_of(story) for card in tx.forwards.cards(place)}
    for departure in sorted({*tx.publications.departures_of(story), *cards}):
        tx.outbox.revise(departure, now=now)


def _who(tx: Tx, order: MoveOrder) -> dict[str, object]:
    return {"by": tx.persons.aliases()(order.by), "reason": order.reason}
