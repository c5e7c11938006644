"""The rows of the working tables as the ledger would say them, to compare the two."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import RowMapping, Select, Table, select, tuple_

from threatstamp.core.news.joining import Bond
from threatstamp.core.news.story import whole_digest
from threatstamp.core.outbox.departure import State
from threatstamp.core.time import Micros
from threatstamp.desk.ports.news import FEED_DIGEST
from threatstamp.desk.ports.records import CaseSpan, Counted, Figure, Kept, KeptRow, Value
from threatstamp.store.rows.base import MANY, Rows
from threatstamp.store.rows.entries import read_entry, recorded_bond
from threatstamp.store.rows.figures import counted, spans
from threatstamp.store.rows.ledger import as_stored
from threatstamp.store.rows.posts import is_whole
from threatstamp.store.tables.cases import case_moves, cases
from threatstamp.store.tables.news import entries, stories
from threatstamp.store.tables.outbox import departures
from threatstamp.store.tables.posts import posts
from threatstamp.store.tables.priorities import exposures, priorities
from threatstamp.store.tables.reviews import reviews
from threatstamp.store.tables.routes import contacts, forwards
from threatstamp.store.tables.stamps import imports, turns

ON_RECORD = ("forward", "story", "digest", FEED_DIGEST)
"""The kinds of departures that the ledger tells of."""

_SNAPSHOT = ("text", "title", "link", "source", "author", "thread_ts", "permalink")


class ReadRecordRows(Rows):
    """The ReadRecords port."""

    def rows(self, table: Kept) -> Iterator[KeptRow]:
        source, read = _TABLES[table]
        for row in self._pages(source):
            found = _read(row, source, read)
            if found is not None:
                yield found

    def counted(self, figure: Figure) -> Iterator[Counted]:
        return counted(self.connection, figure)

    def spans(self) -> Iterator[CaseSpan]:
        return spans(self.connection)

    def _pages(self, table: Table) -> Iterator[RowMapping]:
        key = list(table.primary_key)
        query: Select[Any] = select(table).order_by(*key).limit(MANY)
        after: tuple[object, ...] | None = None
        while True:
            following = query if after is None else query.where(tuple_(*key) > tuple_(*after))
            with as_stored(self.connection):
                rows = self.connection.execute(following).mappings().all()
            yield from rows
            if len(rows) < MANY:
                return
            after = tuple(rows[-1][column.name] for column in key)


def _read(row: RowMapping, table: Table, read: Callable[[RowMapping], KeptRow | None]) -> KeptRow | None:
    """Reads a row, whatever is in it; of one that makes no sense, the key as far as it goes."""
    try:
        return read(row)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        key = tuple(str(row[column.name]) for column in table.primary_key)
        return KeptRow(key=key, values={}, damaged=table.name)


def _place(row: RowMapping) -> tuple[str, ...]:
    return row["team"], row["channel"], row["ts"]


def _post(row: RowMapping) -> KeptRow:
    found: Mapping[str, Value] = {}
    if is_whole(row["snapshot"]):
        snapshot = json.loads(row["snapshot"])
        found = {name: snapshot[name] for name in _SNAPSHOT}
    else:
        found = dict.fromkeys(_SNAPSHOT)
    return KeptRow(
        key=_place(row),
        values={**found, "edited": row["edit_digest"], "deleted_at": row["deleted_at"]},
        owed=is_whole(row["snapshot"]),
    )


def _turn(row: RowMapping) -> KeptRow:
    return KeptRow(
        key=(*_place(row), row["reaction"], row["user_id"], row["kind"], str(row["at"])),
        values={
            "post_channel": row["post_channel"],
            "post_ts": row["post_ts"],
            "exact": row["exact"],
            "recorded_at": row["recorded_at"],
        },
        at=Micros(row["recorded_at"]),
    )


def _forward(row: RowMapping) -> KeptRow:
    order = json.loads(row["policy"])
    said = {"route": order["route"], "route_name": order["route_name"], "text": order["text"]}
    if (order["route"], order["reaction"]) != (row["route"], row["reaction"]):
        raise ValueError("a forward says two things of its route")
    values: dict[str, Value] = {
        **dict(zip(("team", "channel", "ts"), _place(row), strict=True)),
        **said,
        "reaction": row["reaction"],
        "destination": row["destination"],
        "mention": "\x1f".join(order["mention"]),
        "recorded_at": row["recorded_at"],
        "each": row["user_id"] is not None,
        "thread": order["thread"],
        "external": order["external"],
        "on_withdraw": order["on_withdraw"],
        "delay": round(order["delay"] * 1_000),
    }
    if row["user_id"] is not None:  # of a route with `each`; others are for everybody who stamps
        values["user"] = row["user_id"]
    return KeptRow(key=(str(row["departure_id"]),), values=values, at=Micros(row["recorded_at"]))


def _message(row: RowMapping) -> KeptRow | None:
    if row["kind"] not in ON_RECORD:
        return None
    state = State(row["state"])
    return KeptRow(
        key=(str(row["id"]),),
        values={"state": state.value, "sent_to": row["channel"], "message_ts": row["message_ts"]},
        owed=state not in (State.PENDING, State.SHADOW),  # of a story the ledger tells when it is posted
    )


def _entry(row: RowMapping) -> KeptRow:
    content = whole_digest(read_entry(row["entry_id"], row["body"]))
    later = (str(row["seen_at"]),) if recorded_bond(row) == Bond.FOLLOWS else ()
    said = {"digest": row["whole_digest"], "content": content, "recorded_at": row["seen_at"]}
    return KeptRow(
        key=(row["feed"], row["recorded_story"] or row["story"], *later),
        values={**said, "told_in": row["story"]},
        at=Micros(row["seen_at"]),
    )


def _story(row: RowMapping) -> KeptRow:
    values = {name: row[name] for name in ("title", "link", "source", "joined", "kind")}
    return KeptRow(key=(row["id"],), values=values, at=Micros(row["made_at"]))


def _contact(row: RowMapping) -> KeptRow:
    return KeptRow(
        key=(row["team"], row["channel"], row["route"]), values={}, owed=row["looked_at"] is not None
    )


def _import(row: RowMapping) -> KeptRow:
    at = row["recorded_at"]
    return KeptRow(key=(*_place(row), row["reaction"]), values={"recorded_at": at}, at=Micros(at))


def _case(row: RowMapping) -> KeptRow:
    names = ("track", "state", "version", "owner", "decision", "opened_at", "opened_by", "priority", "due_on")
    place = dict(zip(("team", "channel", "ts"), _place(row), strict=True))
    values = {**place, **{name: row[name] for name in names}}
    values["ticked"] = json.loads(row["ticked"] or "[]")
    values |= {"kind": row["kind"] or row["track"], "checklist": json.loads(row["checklist"] or "[]")}
    return KeptRow(key=(str(row["id"]),), values=values, at=Micros(row["opened_at"]))


def _case_move(row: RowMapping) -> KeptRow:
    values = {name: row[name] for name in ("act", "choice", "way", "before", "after", "at")}
    said = json.loads(row["said"])
    values |= {"by": row["by_user"], "reason": said["text"], "audience": said.get("audience", "")}
    values["cause"] = said.get("cause", "")
    values |= {name: said.get(name) for name in ("to", "until", "effort", "risk", "author", "item")}
    key = (str(row["case_id"]), str(row["number"]))
    return KeptRow(key=key, values=values, at=Micros(row["at"]))


def _priority(row: RowMapping) -> KeptRow:
    values = {name: row[name] for name in ("cve", "priority", "outcome", "assessed_at")}
    return KeptRow(key=(row["story"],), values=values, at=Micros(row["assessed_at"]))


def _review(row: RowMapping) -> KeptRow:
    values = {name: row[name] for name in ("act", "reviewed_at", "ended_at")}
    return KeptRow(key=(row["story"],), values=values, at=Micros(row["reviewed_at"]))


def _exposure(row: RowMapping) -> KeptRow:
    if row["answer"] is None:  # people were asked, and nobody has answered
        return KeptRow(key=(row["product"],), values={}, owed=False)
    values = {"answer": row["answer"], "by": row["by_user"], "way": row["way"], "at": row["answered_at"]}
    return KeptRow(key=(row["product"],), values=values, at=Micros(row["answered_at"]))


_TABLES: Mapping[Kept, tuple[Table, Callable[[RowMapping], KeptRow | None]]] = {
    Kept.POSTS: (posts, _post),
    Kept.STAMPS: (turns, _turn),
    Kept.FORWARDS: (forwards, _forward),
    Kept.MESSAGES: (departures, _message),
    Kept.ENTRIES: (entries, _entry),
    Kept.STORIES: (stories, _story),
    Kept.CONTACTS: (contacts, _contact),
    Kept.IMPORTS: (imports, _import),
    Kept.CASES: (cases, _case),
    Kept.CASE_MOVES: (case_moves, _case_move),
    Kept.PRIORITIES: (priorities, _priority),
    Kept.REVIEWS: (reviews, _review),
    Kept.EXPOSURES: (exposures, _exposure),
}
