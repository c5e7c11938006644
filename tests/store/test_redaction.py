"""A redacted person is found nowhere: in no table, not in the log beside the file, not in a copy of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, Column, Connection, Integer, Table, insert, select

from tests.support.bodies import BODIES, NOON
from tests.support.fakes import FakeClock
from tests.support.times import at
from threatstamp.core.ids import UserId
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.feed import FeedState
from threatstamp.desk.record.redact import redact_person
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.store import SqlStore, open_store
from threatstamp.store.copying import copy_file
from threatstamp.store.tables.columns import Personal, metadata, personal_columns

GONE, STAYS = UserId("U0FORGETME"), UserId("U0FORGETME2")
"""The id of the second person begins with that of the first."""

WORDS = "what they said themselves"
OTHERS = "what somebody else said"
CLOCK = FakeClock(NOON)
LEDGER = ("desk_ledger", "desk_ledger_bodies")
JSON: dict[str, list[Any]] = {
    "desk_inbox.body": [
        {"event": {"type": "reaction_added", "user": GONE, "item": {"channel": "C1"}}},
        {"event": {"message": {"user": GONE, "text": WORDS, "blocks": [{"text": WORDS}]}}},
        {"event": {"message": {"user": STAYS, "text": f"<@{GONE}> {OTHERS}"}}},
    ],
    "desk_posts.snapshot": [
        {"text": WORDS, "title": WORDS, "link": "", "source": WORDS, "author": GONE},
        {"text": f"{OTHERS} <@{GONE}>", "title": "", "link": "", "source": "", "author": STAYS},
    ],
    "desk_looks.reactions": [{"siren": {"users": [GONE, STAYS], "whole": True}}],
    "desk_forwards.policy": [{"mention": [f"<@{GONE}>", f"<@{STAYS}>"], "text": f"ask <@{GONE}>"}],
    "desk_departures.body": [{"user": GONE, "route_name": "ciso", "reaction": "siren"}],
    "desk_case_moves.said": [
        {"user": GONE, "text": WORDS},
        {"user": STAYS, "text": f"{OTHERS} <@{GONE}>"},
    ],
    "desk_troubles.details": [{"name": GONE, "error": "timeout"}],
}
"""What each marked JSON column may contain about a person, one row per form."""

IMPERSONAL = {
    # ids, names and addresses from the settings, kinds, states, digests, and codes of errors
    "desk_inbox": "team event_id error",
    "desk_ledger": "kind digest hash",
    "desk_ledger_bodies": "salt",
    "desk_feeds": "name url named holder state",
    "desk_departures": "key team kind channel thread_ts state message_ts error searched",
    "desk_destinations": "team channel holder",
    "desk_posts": "team channel ts edit_digest",
    "desk_copies": "copy holder",
    "desk_contacts": "team channel route",
    "desk_names": "team called",
    "desk_verdicts": "route verdict",
    "desk_forwards": "team channel ts reaction route destination",
    "desk_marks": "team channel ts reaction kind",
    "desk_looks": "team channel ts",
    "desk_turns": "team channel ts post_channel post_ts reaction kind",
    "desk_imports": "team channel ts reaction",
    "desk_cases": "team channel ts track kind checklist ticked state priority due_on",
    "desk_calls": "key what version how by_date channel tally",
    "desk_call_people": "zone answer reminded_on",
    "desk_case_moves": "key act choice way before after",
    "desk_priorities": "story cve priority outcome gist touches seen shown ruling asks",
    "desk_exposures": "product name shown answer way",
    "desk_tallies": "team channel ts reaction mark",
    "desk_tickets": "tracker key state number link mark error",
    "desk_troubles": "kind",
}
"""By table, the columns that can hold neither a person nor anybody's words."""

PUBLISHED = {
    "desk_stories": "id link_key title link source joined kind",
    "desk_entries": "feed entry_key entry_id story visible_digest whole_digest body bond"
    " recorded_story recorded_bond",
    "desk_story_ids": "id story",
    "desk_publications": "story team channel ts",
    "desk_reviews": "story",
    "desk_words": "story team channel ts",
}
"""Words of publishers, from feeds that anybody may read: nobody of the workspace is in them."""

ELSEWHERE = {
    # the entries of a person are emptied one by one (`desk/record/redact.py`)
    "desk_ledger_bodies": "body",
    # the row of a person is deleted, with the handle in it
    "desk_names": "name",
    # the processes, and the aliases of redacted people by a salted digest (`rows/persons.py`)
    "desk_vitals": "name value",
}
"""What redaction treats in another way than by a mark."""


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    made = open_store(store_url)
    yield made
    made.close()


def test_every_json_column_that_can_name_a_person_is_covered_here() -> None:
    marked = {
        f"{column.table.name}.{column.name}" for column, how in personal_columns() if how is Personal.JSON
    }
    assert marked == JSON.keys()


def test_every_column_of_text_is_marked_or_known_to_hold_no_person() -> None:
    marked = {f"{column.table.name}.{column.name}" for column, _ in personal_columns()}
    listed = [
        f"{table}.{column}"
        for group in (IMPERSONAL, PUBLISHED, ELSEWHERE)
        for table, columns in group.items()
        for column in columns.split()
    ]
    of_text = [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.type.python_type is str
    ]
    assert sorted([*marked, *listed]) == sorted(of_text), (
        "decide about each new column: mark it with info=personal(…) if it can hold a person or anybody's "
        "words, or else name it here"
    )


def fill(store: SqlStore) -> None:
    """Writes the person into every marked column of every table, in each form, and into the ledger."""
    with store.engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name not in LEDGER:
                for number in range(3):
                    connection.execute(insert(table).values(_row(connection, table, number)))
    with store.transaction() as tx:
        for kind in (Kind.STAMP, Kind.POST, Kind.FORWARD, Kind.POLICY, Kind.CONTACT):
            text = json.dumps(BODIES[kind][0]).replace('"author": null', '"author": "U1"')
            body = json.loads(text.replace('"U1"', f'"{GONE}"').replace("U3", GONE))
            tx.ledger.append(kind, body, now=at(1))


def _row(connection: Connection, table: Table, number: int) -> dict[str, object]:
    return {
        column.name: _value(connection, column, number)
        for column in table.columns
        if not (column.primary_key and column.autoincrement is True)
    }


def _value(connection: Connection, column: Column[Any], number: int) -> object:
    how = column.info.get("personal")
    if how is Personal.ID:
        return (GONE, STAYS, GONE)[number]
    if how is Personal.JSON:
        forms = JSON[f"{column.table.name}.{column.name}"]
        return json.dumps(forms[number % len(forms)], ensure_ascii=False)
    if column.foreign_keys:
        target = next(iter(column.foreign_keys)).column
        return connection.execute(select(target).order_by(target)).scalars().all()[number]
    if isinstance(column.type, Boolean):
        return bool(number % 2)
    if isinstance(column.type, Integer) or column.type.python_type is int:
        return number if type(column.type) is Integer else NOON + number
    return (
        json.dumps(_state()) if column.name == "state" and column.table.name == "desk_feeds" else f"v{number}"
    )


def _state() -> dict[str, object]:
    return {"validators": {}, "problem": None, "news_at": [], "failures": FeedState.__name__}


def test_a_redacted_person_is_in_no_row_and_a_person_with_a_similar_id_stays(store: SqlStore) -> None:
    fill(store)
    before = _everything(store)
    assert before.count(f'"{GONE}"') > 8
    done = redact_person(GONE, reason=f"requested by {GONE}", store=store, clock=CLOCK)
    after = _everything(store)
    assert len(done) == 4
    assert GONE not in after.replace(STAYS, "")
    assert WORDS not in after
    assert after.count(STAYS) == before.count(STAYS)
    assert OTHERS in after
    assert verify_ledger(store).ok


def _everything(store: SqlStore) -> str:
    with store.engine.connect() as connection:
        rows = [
            row for table in metadata.sorted_tables for row in connection.execute(select(table)).mappings()
        ]
    return "\n".join(json.dumps({**row}, ensure_ascii=False, default=str).replace("\\", "") for row in rows)


def test_a_redacted_person_is_in_neither_the_file_nor_its_log_nor_a_copy(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'desk.db'}")
    fill(store)
    redact_person(GONE, reason="their right", store=store, clock=CLOCK)
    copy_file(store.engine, suffix=".copy")
    files = [file for file in tmp_path.iterdir() if file.is_file()]
    assert {file.name for file in files} >= {"desk.db", "desk.db.copy"}
    for file in files:
        content = file.read_bytes().replace(STAYS.encode(), b"")
        assert GONE.encode() not in content, file.name
        assert WORDS.encode() not in content, file.name
    store.close()
    with sqlite3.connect(tmp_path / "desk.db.copy") as copy:
        assert copy.execute("SELECT count(*) FROM desk_turns").fetchone() == (3,)
    copy.close()


def test_a_person_gets_the_same_alias_whenever_they_are_redacted_again(store: SqlStore) -> None:
    fill(store)
    redact_person(GONE, reason="x", store=store, clock=CLOCK)
    with store.reading() as read:
        alias = read.persons.aliases()(GONE)
    redact_person(GONE, reason="x", store=store, clock=CLOCK)
    with store.reading() as read:
        assert read.persons.aliases()(GONE) == alias
        assert read.persons.aliases()(STAYS) == STAYS
