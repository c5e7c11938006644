"""Which stories name an id is found without reading them, and what is on record of each."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

from sqlalchemy import insert, select

from tests.desk.news.newsroom import FEED, NEWS, OTHER, Newsroom, document, entry
from threatstamp.core.facts.keys import id_key, id_keys
from threatstamp.core.news.entry import Document, Element, Entry, Fetched
from threatstamp.core.news.feed import Validators
from threatstamp.store.connection import connect
from threatstamp.store.migrate import migrate
from threatstamp.store.tables.news import entries, stories, story_ids
from threatstamp.store.versions import SCRIPTS


def told(*entries: Entry) -> Fetched:
    found = Document(title="feed", link="https://news.example/", entries=entries)
    return Fetched(
        document=found, validators=Validators(etag=f'"{len(entries)}{entries[0].title}"', digest="d")
    )


def named(room: Newsroom, key: str, most: int = 10) -> list[str]:
    with room.store.reading() as read:
        trails = [read.stories.trail(one) for one in read.stories.naming(key, most=most)]
    return [one.story.title for one in trails if one is not None]


def test_an_id_finds_the_stories_that_name_it_wherever_they_do() -> None:
    room = Newsroom(replace(FEED, backlog=0))
    elements = (Element(name="sec:references", text="", attributes=(("sec:id", "CVE-2099-4"),)),)
    room.poll(
        told(
            entry(1, title="ＣＶＥ－２０９９－１２３４の脆弱性"),
            entry(2, summary="CVE-2099-1234 and GHSA-2222-3333-4444"),
            entry(3, link="https://jvn.jp/vu/JVNVU99999999/"),
            entry(5, elements=(*elements, Element(name="sec:identifier", text="JVNDB-2099-000001"))),
            entry(6),
        )
    )
    assert set(named(room, "CVE-2099-1234")) == {"ＣＶＥ－２０９９－１２３４の脆弱性", "記事2"}
    assert named(room, id_key("GHSA-2222-3333-4444")) == ["記事2"]
    assert named(room, "JVNDB-2099-000001") == ["記事5"]
    assert named(room, "CVE-2099-12345") == []
    assert len(named(room, "CVE-2099-1234", most=1)) == 1


def test_what_an_entry_names_later_is_added_and_nothing_is_taken_away() -> None:
    room = Newsroom(replace(FEED, backlog=0))
    room.poll(told(entry(1, title="CVE-2099-1111")))
    room.poll(told(entry(1, title="CVE-2099-2222")))
    assert named(room, "CVE-2099-1111") == named(room, "CVE-2099-2222") == ["CVE-2099-2222"]


def test_a_trail_has_entries_and_posts_with_what_became_of_them() -> None:
    room = Newsroom(FEED, OTHER)
    room.servers.answers[OTHER.name] = [Fetched(unchanged=True), told(entry(1, summary="CVE-2099-1234"))]
    room.poll(document(1))
    room.poll(Fetched(unchanged=True))
    with room.store.reading() as read:
        [story] = read.stories.naming("CVE-2099-1234", most=5)
        trail = read.stories.trail(story)
        assert read.stories.trail(type(story)("none")) is None
    assert trail is not None
    assert [(one.feed, one.is_first_contact) for one in trail.entries] == [
        (FEED.name, True),
        (OTHER.name, True),
    ]
    [post] = trail.posts
    assert post.channel == NEWS
    assert post.sent is not None
    assert (post.sent.kind, post.sent.state) == ("story", "delivered")
    assert post.ts is not None


def test_what_is_on_record_before_the_index_is_in_it_after_the_upgrade(bare_url: str, tmp_path: Path) -> None:
    scripts = tmp_path / "before"
    scripts.mkdir()
    for script in SCRIPTS.glob("v*.py"):
        if script.name < "v0008":
            shutil.copy(script, scripts)
    engine = connect(bare_url)
    migrate(engine, scripts=scripts)
    story = {"id": "s1", "title": "t", "link": "", "source": "f", "made_at": 1}
    body = json.dumps(
        {
            "title": "ＣＶＥ－２０９９－１２３４",
            "elements": [{"name": "a:b", "text": "GHSA-2222-3333-4444", "attributes": [["c", "CVE-2099-5"]]}],
        }
    )
    told = {"feed": "f", "story": "s1", "visible_digest": "", "whole_digest": "", "seen_at": 1}
    with engine.begin() as writing:
        writing.execute(insert(stories), story)
        rows = [
            {**told, "entry_key": f"{number:05}", "entry_id": f"{number}", "body": body}
            for number in range(1100)
        ]
        writing.execute(insert(entries), rows)
    migrate(engine)
    with engine.connect() as reading:
        found = {(row.id, row.story) for row in reading.execute(select(story_ids))}
    engine.dispose()
    assert found == {("CVE-2099-1234", "s1"), ("GHSA-2222-3333-4444", "s1")}


def test_a_key_is_the_same_however_an_id_is_written() -> None:
    assert id_keys("GHSA-2222-3333-4444", "ghsa-2222-3333-4444 cve-2099-1234") == (
        "GHSA-2222-3333-4444", "CVE-2099-1234",
    )  # fmt: skip
    assert len(id_keys(" ".join(f"CVE-2099-{number}" for number in range(1000, 1300)))) == 100
