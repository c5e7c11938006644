"""What has changed about a story is told in the thread of its post, once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Self

from threatstamp.core.ids import StoryId
from threatstamp.core.outbox.body import read_body, write_body
from threatstamp.core.outbox.departure import Departure, DepartureKind, NewDeparture
from threatstamp.core.priority.noticing import Notice, NoticeKind
from threatstamp.core.time import Micros
from threatstamp.desk.ports.departing import Act, Departing, Message
from threatstamp.desk.ports.slack import Saying
from threatstamp.desk.ports.store import Tx

STORY_NOTICE = DepartureKind(name="story_notice")

MOST = 6
"""So many changes stand in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryNotice(Saying):
    """A line in the thread of a story's post: what has changed, at most MOST, and how many more there are."""

    notices: tuple[Notice, ...]
    more: int = 0

    def write(self) -> str:
        return write_body(notices=[asdict(one) for one in self.notices], more=self.more)

    @classmethod
    def read(cls, text: str) -> Self:
        body = read_body(text)
        said, more = body["notices"], body["more"]
        if not isinstance(said, list) or not isinstance(more, int):
            raise ValueError("a notice is no list of changes")
        made = (Notice(**{**one, "kind": NoticeKind(one["kind"])}) for one in said)
        return cls(notices=tuple(made), more=more)


class Noticing(Departing):
    """Posts a line in the thread of a story's post."""

    kind = STORY_NOTICE

    def prepare(self, departure: Departure, *, edit: bool) -> Act:
        return Message(saying=StoryNotice.read(departure.body), thread_ts=departure.thread_ts)


def owe_notice(tx: Tx, story: StoryId, found: Sequence[Notice], *, now: Micros) -> None:
    """Orders a line below each message that displays a story."""
    if not found:
        return
    # what is said of the story as a whole comes last, and is never cut off
    said = StoryNotice(
        notices=(*found[: MOST - 1], found[-1]) if len(found) > MOST else tuple(found),
        more=max(0, len(found) - MOST),
    )
    body = said.write()
    for place in tx.publications.places_of(story):
        name = hashlib.sha256(f"{place.channel}|{place.ts}|{now}|{body}".encode(errors="replace"))
        order = NewDeparture(
            name=name.hexdigest(),
            team=place.team,
            kind=STORY_NOTICE,
            channel=place.channel,
            thread_ts=place.ts,
            due_at=now,
            body=body,
        )
        tx.outbox.owe(order, now=now)
