"""What is added to a story later: its post is edited, and a line in the post's thread says what is new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from threatstamp.core.ids import FeedName, StoryId
from threatstamp.core.news.entry import Entry
from threatstamp.core.news.joining import Bond
from threatstamp.core.outbox.body import read_body, text_in, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture
from threatstamp.core.time import Micros
from threatstamp.desk.news.joining import Told
from threatstamp.desk.ports.departing import Act, Departing, Message
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx

STORY_NOTE = DepartureKind(name="story_note")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryNote(Saying):
    """A line in the thread of a story's post: who tells it, too. bond: why that is the same story."""

    source: str
    title: str
    link: str
    bond: Bond

    def write(self) -> str:
        return write_body(source=self.source, title=self.title, link=self.link, bond=self.bond.value)

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        said = {name: text_in(body, name) for name in ("source", "title", "link")}
        return cls(**said, bond=Bond(text_in(body, "bond")))


class Noting(Departing):
    """Posts a line in the thread of a story's post."""

    kind = STORY_NOTE

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        return Message(saying=StoryNote.read(departure.body), thread_ts=departure.thread_ts)


def note_joined(tx: Tx, told: Iterable[Told], *, feed: FeedName, with_lines: bool, now: Micros) -> int:
    """Orders what displays that these entries joined stories; returns how many messages.

    with_lines: False for what was there before the feed was met, which is no news.
    """
    owed = 0
    for one in told:
        if one.bond is None:
            continue
        note = _note(one.entry, feed=feed, bond=one.bond)
        for departure in tx.publications.departures_of(one.story):
            tx.outbox.revise(departure, now=now)
            owed += 1
        if with_lines:
            owed += _owe_lines(tx, note, one.story, key=one.entry.entry_id, now=now)
    return owed


def _owe_lines(tx: Tx, note: StoryNote, story: StoryId, *, key: str, now: Micros) -> int:
    """Orders a line below each message that displays a story; one that is not posted yet needs none."""
    owed = 0
    for place in tx.publications.places_of(story):
        name = hashlib.sha256(f"{place.channel}|{place.ts}|{note.source}\n{key}".encode(errors="replace"))
        order = NewDeparture(
            name=name.hexdigest(),
            team=place.team,
            kind=STORY_NOTE,
            channel=place.channel,
            thread_ts=place.ts,
            due_at=now,
            body=note.write(),
        )
        owed += tx.outbox.owe(order, now=now) is not None
    return owed


def _note(entry: Entry, *, feed: FeedName, bond: Bond) -> StoryNote:
    title = entry.title or entry.link or entry.entry_id
    return StoryNote(source=feed, title=title, link=entry.link or "", bond=bond)
