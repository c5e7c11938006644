"""What the ledger says of the working tables: its entries, folded into the rows that must be there."""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from threatstamp.core.cases.case import CaseAct, CaseState
from threatstamp.core.ids import FeedName
from threatstamp.core.ledger.entry import LedgerEntry, canonical, read_body
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.joining import Bond
from threatstamp.core.news.story import story_id
from threatstamp.core.outbox.departure import State
from threatstamp.core.priority.exposure import product_key
from threatstamp.core.time import Micros
from threatstamp.desk.ports.records import Kept, KeptRow, Value
from threatstamp.desk.record.following import CHANGED_BY, FOUNDED_BY

Body = Mapping[str, object]
Key = tuple[str, ...]

LONG = 80
"""Longer texts are compared by their digest."""


@dataclass(slots=True, kw_only=True)
class ExpectedRow:
    """A row that must be there. sequence: the last entry that says so. values: those that the entries tell.

    founded: its first entry is known, too; it may have been redacted.
    """

    sequence: int
    values: dict[str, Value]
    founded: bool = True


def brief(value: object) -> Value:
    """Returns a value as it is compared: a long text as its digest, a list as one text."""
    if isinstance(value, list):
        value = "\x1f".join(map(str, value))
    if isinstance(value, str) and len(value) > LONG:
        return hashlib.sha256(value.encode(errors="replace")).hexdigest()
    return value if value is None or isinstance(value, str | int) else str(value)


class RedactedEntries:
    """The entries whose bodies were redacted, and the rows that they may explain; over all passes."""

    def __init__(self) -> None:
        self.times: defaultdict[Kind, Counter[Micros]] = defaultdict(Counter)
        """How many there are, by kind and time."""
        self._spent: Counter[tuple[Kept, Kind, Micros]] = Counter()
        self._voids = 0

    def explains(self, table: Kept, row: KeptRow) -> bool:
        """True if a row may have begun with such an entry; each explains one row of a table."""
        for kind in FOUNDED_BY[table]:
            times = self.times[kind]
            for at in times if row.at is None else (row.at,):
                if times[at] > self._spent[table, kind, at]:
                    if table is not Kept.REVIEWS:  # where one entry founds many rows
                        self._spent[table, kind, at] += 1
                    return True
        return False

    def explains_void(self) -> bool:
        """True if a turn may be missing because such an entry said that it never happened."""
        self._voids += 1
        return self._voids <= self.times[Kind.SETTLED].total()

    def unknown(self, table: Kept) -> frozenset[str]:
        """Returns the values of a table's rows that such an entry may have changed."""
        return frozenset(
            name for kind, names in CHANGED_BY[table].items() if self.times[kind] for name in names
        )


@dataclass(slots=True)
class Expected:
    """The rows that entries amount to, of one part of all keys: so that any ledger fits into memory.

    part, parts: which of how many.
    """

    redacted: RedactedEntries
    part: int = 0
    parts: int = 1
    rows: dict[Kept, dict[Key, ExpectedRow]] = field(default_factory=lambda: {table: {} for table in Kept})
    in_shadow: bool = False
    """The entries so far leave the desk in shadow, where a forward is recorded and never due."""

    def add(self, entry: LedgerEntry) -> None:
        """Folds in the next entry. Kinds that no row follows from change nothing."""
        if entry.kind not in _STEPS:
            return
        kind = Kind(entry.kind)
        if entry.body is None:
            if self.part == 0:
                self.redacted.times[kind][entry.at] += 1
            return
        body = read_body(entry.body)
        if body is not None:
            _STEPS[kind](self, entry, body)

    def has(self, group: Key) -> bool:
        """True if rows of this group of keys belong to this part."""
        return zlib.crc32("\x1f".join(group).encode(errors="replace")) % self.parts == self.part

    def owe(self, table: Kept, key: Key, group: Key, entry: LedgerEntry, **values: object) -> None:
        """Notes a row that begins with this entry."""
        if self.has(group):
            said = {name: brief(value) for name, value in values.items()}
            before = self.rows[table].get(key)
            self.rows[table][key] = ExpectedRow(
                sequence=entry.sequence, values=said if before is None else {**before.values, **said}
            )

    def change(self, table: Kept, key: Key, group: Key, entry: LedgerEntry, **values: object) -> None:
        """Notes what an entry changes in a row, which may have begun with one that was redacted."""
        if self.has(group):
            owed = self.rows[table].setdefault(
                key, ExpectedRow(sequence=entry.sequence, values={}, founded=False)
            )
            owed.sequence = entry.sequence
            owed.values |= {name: brief(value) for name, value in values.items()}


def _texts(body: Body, *names: str) -> Key:
    return tuple(str(body.get(name)) for name in names)


def _place(body: Body) -> Key:
    return _texts(body, "team", "channel", "ts")


def _post(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    names = ("text", "title", "link", "author", "thread_ts")
    values = {name: body.get(name) for name in names}
    # looked up later where it was not known at first
    values |= {name: body[name] for name in ("source", "permalink") if body.get(name)}
    place = _place(body)
    expected.owe(Kept.POSTS, place, place, entry, edited=None, deleted_at=None, **values)


def _post_edited(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    content = canonical({name: body.get(name) for name in ("text", "title", "link")})
    digest = hashlib.sha256(content.encode()).hexdigest()
    expected.change(Kept.POSTS, _place(body), _place(body), entry, edited=digest)


def _post_deleted(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    expected.change(Kept.POSTS, _place(body), _place(body), entry, deleted_at=entry.at)


def _turn_key(body: Body, kind: str, at: object) -> tuple[Key, Key]:
    """Returns the key of a turn's row, and the place where it was made."""
    made_on = body.get("made_on")
    place = _place(made_on if isinstance(made_on, Mapping) else body)
    return (*place, *_texts(body, "reaction", "user"), kind, str(at)), place


def _turn(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    key, place = _turn_key(body, entry.kind, body.get("at"))
    values = {"exact": body.get("exact"), "recorded_at": entry.at}
    post = {"post_channel": body.get("channel"), "post_ts": body.get("ts")}
    expected.owe(Kept.STAMPS, key, place, entry, **values, **post)


def _settled(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    rows = expected.rows[Kept.STAMPS]
    for kind in (Kind.STAMP, Kind.WITHDRAWAL):  # one person's two turns never have the same time
        old, _ = _turn_key(body, kind, body.get("seen_at"))
        before = rows.pop(old, None)
        if before is None:
            continue
        if not body.get("void"):
            new, _ = _turn_key(body, kind, body.get("at"))
            before.sequence = entry.sequence
            before.values["exact"] = brief(body.get("exact"))
            rows[new] = before
        return


def _forward(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    key = _texts(body, "departure")
    names = ("team", "channel", "ts", "reaction", "route", "route_name", "destination", "mention", "text")
    terms = ("each", "thread", "external", "on_withdraw", "delay")
    values = {name: body.get(name) for name in (*names, *terms)}
    expected.owe(Kept.FORWARDS, key, key, entry, user=body.get("user"), recorded_at=entry.at, **values)
    _message(expected, entry, body, State.SHADOW if expected.in_shadow else State.PENDING)


def _message(expected: Expected, entry: LedgerEntry, body: Body, state: State, **more: object) -> None:
    key = _texts(body, "departure")
    where = body.get("destination", body.get("channel"))
    expected.owe(Kept.MESSAGES, key, key, entry, state=state.value, sent_to=where, **more)


def _delivered(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    _message(expected, entry, body, State.DELIVERED, message_ts=body.get("message_ts"))


def _undeliverable(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    _message(expected, entry, body, State.UNDELIVERABLE)


def _cancelled(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    _message(expected, entry, body, State.CANCELLED)


def _retry(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    key = _texts(body, "departure")
    if key in expected.rows[Kept.MESSAGES]:  # alerts are tried again, too, and are not on record
        expected.change(Kept.MESSAGES, key, key, entry, state=State.PENDING.value)


def _readdressed(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    key, found = _texts(body, "departure"), body.get("found")
    expected.change(Kept.FORWARDS, key, key, entry, destination=found)
    expected.change(Kept.MESSAGES, key, key, entry, state=State.PENDING.value, sent_to=found)


def _entry(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    later = (str(entry.at),) if body.get("bond") == Bond.FOLLOWS else ()
    key, story = (*_texts(body, "feed", "story"), *later), _texts(body, "story")
    digest = body.get("digest")
    said = {"digest": digest, "content": digest, "recorded_at": entry.at, "told_in": body.get("story")}
    expected.owe(Kept.ENTRIES, key, story, entry, **said)
    feed = FeedName(str(body.get("feed")))
    if story_id(feed, str(body.get("entry"))) == body.get("story"):  # else it joined one
        expected.owe(Kept.STORIES, story, story, entry, source=feed, joined=None, kind=None, **_shown(body))


def _revision(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    later = _texts(body, "follows") if body.get("follows") is not None else ()
    key, story = (*_texts(body, "feed", "story"), *later), _texts(body, "story")
    digest = body.get("digest")
    expected.change(Kept.ENTRIES, key, story, entry, digest=digest, content=digest)
    moved = expected.rows[Kept.ENTRIES].get(key)
    if later or (moved is not None and moved.values.get("told_in") not in (None, brief(body.get("story")))):
        return  # the post displays the words of the entry that began the story
    known = expected.rows[Kept.STORIES].get(story)
    if known is not None and known.values.get("source") == brief(body.get("feed")):
        known.values.pop("title", None)
        expected.change(Kept.STORIES, story, story, entry, **_shown(body))


def _story_split(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    later = _texts(body, "follows") if body.get("follows") is not None else ()
    recorded, new = _texts(body, "recorded_in"), _texts(body, "into")
    key = (*_texts(body, "feed", "recorded_in"), *later)
    expected.change(Kept.ENTRIES, key, recorded, entry, told_in=body.get("into"))
    expected.owe(Kept.STORIES, new, new, entry, source=body.get("feed"), joined=None, kind=None)


def _story_joined(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    """Folds in that all entries of a story belong to another; what was joined to it goes on there, too."""
    into, other = body.get("story"), brief(body.get("other"))
    for told in expected.rows[Kept.ENTRIES].values():
        if told.values.get("told_in") == other:
            told.sequence = entry.sequence
            told.values["told_in"] = brief(into)
    stories = expected.rows[Kept.STORIES]
    gone = [key for key, story in stories.items() if story.values.get("joined") == other]
    for key in (*gone, _texts(body, "other")):
        expected.change(Kept.STORIES, key, key, entry, joined=into)


def _story_kind(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    story = _texts(body, "story")
    expected.change(Kept.STORIES, story, story, entry, kind=body.get("kind"))


def _shown(body: Body) -> dict[str, object]:
    """Returns what a story displays; a title that the entry lacks is made of what is not on record."""
    title = {"title": body["title"]} if body.get("title") else {}
    return {"link": body.get("link") or "", **title}


def _contact(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    key = _texts(body, "team", "channel", "route")
    expected.owe(Kept.CONTACTS, key, key, entry)


def _imported(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    key = (*_place(body), *_texts(body, "reaction"))
    expected.owe(Kept.IMPORTS, key, key, entry, recorded_at=entry.at)


def _case(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    key = _texts(body, "case")
    values = {name: body.get(name) for name in ("team", "channel", "ts", "track")}
    values |= {"kind": body.get("kind", body.get("track")), "checklist": body.get("checklist", [])}
    unknown = dict.fromkeys(("owner", "decision", "pending", "priority", "due_on"))
    moves: dict[str, object] = {"state": CaseState.NEW.value, "version": 0, "ticked": [], **unknown}
    values |= {"opened_at": entry.at, "opened_by": body.get("user")}
    expected.owe(Kept.CASES, key, key, entry, **values, **moves)


def _case_moved(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    key, number, act = _texts(body, "case"), body.get("number"), body.get("act")
    decided: dict[str, object] = {}
    if "pending" in body:
        decided = {name: body[name] for name in ("decision", "pending")}
    elif act in (CaseAct.DECIDE, CaseAct.REOPEN):  # of a version without second deciders
        decided = {"decision": number if act == CaseAct.DECIDE else None}
    expected.change(
        Kept.CASES,
        key,
        key,
        entry,
        state=body.get("after"),
        version=number,
        owner=body.get("owner"),
        priority=body.get("priority"),  # older entries know nothing of it
        due_on=body.get("due_on"),
        ticked=body.get("ticked", []),
        **decided,
    )
    names = ("act", "choice", "reason", "by", "way", "before", "after")
    values = {name: body.get(name) for name in (*names, "to", "until", "effort", "risk", "author", "item")}
    values |= {name: body.get(name) or "" for name in ("audience", "cause")}
    expected.owe(Kept.CASE_MOVES, (*key, str(number)), key, entry, at=entry.at, **values)


def _assessed(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    key = _texts(body, "story")
    values = {name: body.get(name) for name in ("cve", "priority", "outcome")}
    expected.owe(Kept.PRIORITIES, key, key, entry, **values, assessed_at=entry.at)


def _reviewed(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    for key in _stories(body):
        values = {"act": entry.sequence, "reviewed_at": entry.at, "ended_at": None}
        expected.owe(Kept.REVIEWS, key, key, entry, **values)


def _reopened(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    for key in _stories(body):
        expected.change(Kept.REVIEWS, key, key, entry, ended_at=entry.at)


def _stories(body: Body) -> list[Key]:
    said = body.get("stories")
    return [(str(one),) for one in said] if isinstance(said, list) else []


def _exposure_answered(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    key = (product_key(str(body.get("product"))),)
    values = {name: body.get(name) for name in ("answer", "by", "way")}
    expected.owe(Kept.EXPOSURES, key, key, entry, **values, at=entry.at)


def _shadow(expected: Expected, entry: LedgerEntry, body: Body) -> None:
    expected.in_shadow = entry.kind == Kind.SHADOW_BEGUN


_STEPS: Mapping[str, Callable[[Expected, LedgerEntry, Body], None]] = {
    Kind.POST: _post,
    Kind.POST_EDITED: _post_edited,
    Kind.POST_DELETED: _post_deleted,
    Kind.STAMP: _turn,
    Kind.WITHDRAWAL: _turn,
    Kind.SETTLED: _settled,
    Kind.FORWARD: _forward,
    Kind.DELIVERED: _delivered,
    Kind.PUBLISHED: _delivered,
    Kind.UNDELIVERABLE: _undeliverable,
    Kind.CANCELLED: _cancelled,
    Kind.RETRY: _retry,
    Kind.READDRESSED: _readdressed,
    Kind.ENTRY: _entry,
    Kind.REVISION: _revision,
    Kind.STORY_SPLIT: _story_split,
    Kind.STORY_JOINED: _story_joined,
    Kind.STORY_KIND: _story_kind,
    Kind.CONTACT: _contact,
    Kind.IMPORTED: _imported,
    Kind.CASE: _case,
    Kind.CASE_MOVED: _case_moved,
    Kind.ASSESSED: _assessed,
    Kind.REVIEWED: _reviewed,
    Kind.REOPENED: _reopened,
    Kind.EXPOSURE_ANSWERED: _exposure_answered,
    Kind.SHADOW_BEGUN: _shadow,
    Kind.SHADOW_ENDED: _shadow,
}
