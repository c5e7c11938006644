"""The demo's panel: what is new in the record, as a sentence beside the posts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support.bodies import BODIES, ENTRY
from tests.support.databases import file_with_tables
from tests.support.times import at
from threatstamp.core.ids import FeedName
from threatstamp.core.ledger.kinds import Kind
from threatstamp.core.news.feed import Feed, Problem, Reason
from threatstamp.core.news.health import named
from threatstamp.core.time import Micros
from threatstamp.demo.panel import Panel
from threatstamp.demo.world import NEWS, World
from threatstamp.sandbox import SandboxWorkspace
from threatstamp.store import SqlStore, open_store
from threatstamp.texts.catalogue import Language, Texts


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    store = open_store(file_with_tables(tmp_path / "desk.db"))
    yield store
    store.close()


@pytest.fixture
def workspace() -> SandboxWorkspace:
    return World(Language.EN).workspace


@pytest.fixture
def panel(workspace: SandboxWorkspace, store: SqlStore) -> Panel:
    return Panel(workspace, store, Texts(Language.EN))


def record(store: SqlStore, kind: Kind, body: Mapping[str, object]) -> None:
    with store.transaction() as tx:
        tx.ledger.append(kind, body, now=at(1))


def entry(story: str, title: str) -> dict[str, object]:
    return {**ENTRY, "feed": "News", "entry": title, "title": title, "story": story}


def published(*stories: str) -> dict[str, object]:
    body = BODIES[Kind.PUBLISHED][0]
    return {**body, "channel": NEWS, "feed": "News", "stories": list(stories)}


def said(workspace: SandboxWorkspace) -> list[str]:
    return [note.text for note in workspace.notes]


def test_a_post_of_a_feed_is_said_with_its_title_and_only_once(
    panel: Panel, store: SqlStore, workspace: SandboxWorkspace
) -> None:
    record(store, Kind.ENTRY, entry("s1", "First"))
    panel.look()
    assert said(workspace) == []
    record(store, Kind.PUBLISHED, published("s1"))
    panel.look()
    panel.look()
    assert said(workspace) == ["Posted to #security-news: First (News)"]


def test_a_digest_is_counted_and_a_new_title_is_said(
    panel: Panel, store: SqlStore, workspace: SandboxWorkspace
) -> None:
    record(store, Kind.PUBLISHED, published("s1", "s2", "s3"))
    record(store, Kind.REVISION, entry("s1", "Second"))
    panel.look()
    assert said(workspace) == [
        "3 entries of News posted to #security-news in one message",
        "Changed at its source: Second (News)",
    ]


def test_every_kind_has_its_sentence(panel: Panel, store: SqlStore, workspace: SandboxWorkspace) -> None:
    for kind in Kind:
        record(store, kind, BODIES[kind][0])
    panel.look()
    assert said(workspace)
    assert not set(said(workspace)) & {kind.value for kind in Kind}


def test_a_broken_feed_is_said_once_until_it_can_be_read_again(
    panel: Panel, store: SqlStore, workspace: SandboxWorkspace
) -> None:
    problem = Problem(reason=Reason.READ_HTML)
    for found in (problem, problem, None, problem):
        put_state(store, found)
        panel.look()
    words = "The feed News cannot be read. This is a web page, not a feed. Look on it for the address of its feed."
    assert said(workspace) == [words, words]


def put_state(store: SqlStore, problem: Problem | None) -> None:
    feed = Feed(name=FeedName("News"), url="https://news.example/feed", zone=ZoneInfo("UTC"))
    [claim] = store.claim_feeds([feed], now=at(1), lease=0.0, holder="test", due_only=False)
    with store.transaction() as tx:
        since = Micros(1) if problem else None
        tx.feeds.put(claim, replace(named(feed, None), problem=problem, problem_since=since))


def test_the_ledger_can_be_read_from_where_a_reader_stopped(store: SqlStore) -> None:
    for number in range(5):
        record(store, Kind.ENTRY, entry(str(number), str(number)))
    record(store, Kind.STAMP, BODIES[Kind.STAMP][0])
    with store.reading() as read:
        assert [one.sequence for one in read.ledger.entries(after=3)] == [4, 5, 6]
        assert [one.sequence for one in read.ledger.entries(after=3, kind="entry")] == [4, 5]
        assert [one.sequence for one in read.ledger.entries(after=3, newest=True, limit=2)] == [5, 6]
        assert list(read.ledger.entries(after=6)) == []
