"""The demo's feeds: what the invented publishers serve, and what the desk reads in it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from threatstamp.config.settings import read_settings
from threatstamp.core.ids import FeedName
from threatstamp.core.news.entry import Fetched
from threatstamp.core.news.feed import FeedClaim, FeedState, ProblemKind, Request, Validators
from threatstamp.core.news.story import link_key
from threatstamp.demo import feeds
from threatstamp.demo.feeds import FeedServer
from threatstamp.demo.publishers import Form, Happening, Publisher, document, with_happening
from threatstamp.demo.world import NEWS, World
from threatstamp.feeds.fetch import Fetcher
from threatstamp.texts.catalogue import Language

BOTH = list(Language)


@pytest.fixture(params=BOTH)
def world(request: pytest.FixtureRequest) -> World:
    return World(request.param)


@pytest.fixture
def server(world: World) -> Iterator[FeedServer]:
    server = FeedServer(world.publishers, world.later)
    server.start()
    yield server
    server.close()


def ask(server: FeedServer, publisher: Publisher, validators: Validators | None = None) -> Fetched:
    """Asks as the desk does."""
    url = f"{server.url}{publisher.path}"
    state = FeedState(name=FeedName(publisher.name), url=url, named=url)
    request = Request(
        url=url, zone=ZoneInfo("Asia/Tokyo"), most=2_000_000, validators=validators or Validators()
    )
    fetcher = Fetcher(allow_private=("127.0.0.0/8",))
    try:
        [(_, fetched)] = fetcher.fetch_all([(FeedClaim(state=state, token=1), request)])
    finally:
        fetcher.close()
    return fetched


def micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def test_the_desk_reads_in_every_format_what_the_publisher_wrote(world: World, server: FeedServer) -> None:
    for publisher in (one for one in world.publishers if not one.is_broken):
        found = ask(server, publisher).document
        assert found is not None
        assert found.problem is None
        assert found.title == publisher.name
        said = [(one.entry_id, one.title, one.link, one.summary) for one in found.entries]
        assert said == [(one.id, one.title, one.link, one.summary) for one in publisher.items]
        times = [one.published_at or one.updated_at for one in found.entries]
        assert times == [micros(one.at) for one in publisher.items]


def test_one_feed_is_a_web_page_and_said_to_be_one(world: World, server: FeedServer) -> None:
    [broken] = [one for one in world.publishers if one.is_broken]
    found = ask(server, broken).document
    assert found is not None
    assert found.problem is not None
    assert (found.problem.kind, found.problem.reason) == (ProblemKind.NOT_A_FEED, "read_html")


def test_a_world_has_four_formats_both_languages_and_one_old_encoding(world: World) -> None:
    assert sorted(one.form for one in world.publishers) == sorted(Form)
    assert {one.language for one in world.publishers} == {"ja", "en"}
    assert world.publishers[0].language == world.language
    assert [one.form for one in world.publishers if one.encoding != "utf_8"] == [Form.RDF]


def test_who_has_the_document_is_told_so_until_something_happens(world: World, server: FeedServer) -> None:
    happening = world.later[0]
    publisher = next(one for one in world.publishers if one.name == happening.feed)
    first = ask(server, publisher)
    assert first.validators is not None
    assert first.validators.etag
    assert ask(server, publisher, first.validators).unchanged
    assert server.advance() == happening
    news = ask(server, publisher, first.validators).document
    assert news is not None
    assert news.entries[0].title == happening.title
    assert len(news.entries) == len(publisher.items) + 1


def test_a_new_title_stands_where_the_old_one_stood(world: World) -> None:
    known = {item.id for one in world.publishers for item in one.items}
    happening = next(one for one in world.later if one.link in known)
    before = next(one for one in world.publishers if one.name == happening.feed)
    now = datetime(2099, 1, 1, tzinfo=UTC)
    after = with_happening(before, happening, now=now)
    assert [one.id for one in after.items] == [one.id for one in before.items]
    [changed] = [one for one in after.items if one not in before.items]
    assert (changed.title, changed.changed_at) == (happening.title, now)
    assert before.first_posted[0].id == changed.id


def test_everything_that_happens_can_be_written_and_then_there_is_nothing_left(
    world: World, server: FeedServer
) -> None:
    happened = 0
    while server.advance() is not None:
        happened += 1
        for publisher in server.publishers:
            document(publisher)
    assert happened == len(world.later) >= 8


def test_news_comes_by_itself_only_while_it_is_let(
    world: World, server: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "EVERY", 0.0)
    server.go_on(by_itself=False)
    server.service_actions()
    assert server.publishers == world.publishers
    server.go_on(by_itself=True)
    server.service_actions()
    assert server.publishers != world.publishers


def test_a_listing_by_itself_changes_no_feed_and_is_handed_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "EVERY", 0.0)
    listed: list[Happening] = []
    with FeedServer(world.publishers, world.later, on_listing=listed.append) as server:
        server.go_on(by_itself=True)
        while not listed:
            before = server.publishers
            server.service_actions()
    assert server.publishers == before
    assert listed == [one for one in world.later if one.listed]


def test_an_unknown_path_is_not_found(world: World, server: FeedServer) -> None:
    lost = replace(world.publishers[0], path="/nowhere")
    problem = ask(server, lost).problem
    assert problem is not None
    assert problem.values["status"] == 404


def test_one_entry_stands_in_the_channel_already(world: World) -> None:
    """Slack's own RSS app brought it, and the desk would post it at its first look."""
    posts = world.workspace.messages(NEWS)
    links = {link_key(one["attachments"][0]["title_link"]) for one in posts if "attachments" in one}  # type: ignore[index]
    first = [item for one in world.publishers for item in one.first_posted]
    assert [item.id for item in first if link_key(item.link) in links] == [
        item.id for item in first if item.link != item.id
    ]
    assert any(item.link != item.id for item in first)


def test_times_are_counted_back_from_now(world: World) -> None:
    now = datetime.now(UTC)
    for publisher in world.publishers:
        assert all(later.at > earlier.at for later, earlier in pairwise(publisher.items))
        assert all(timedelta(minutes=1) < now - item.at < timedelta(days=7) for item in publisher.items)


def test_nobody_real_is_linked(world: World) -> None:
    found = [item.link for one in world.publishers for item in one.items]
    found += [one.link for one in world.later if not one.listed]
    found += [one.site for one in world.publishers]
    assert all(urlsplit(link).hostname.endswith(".example") for link in found)  # type: ignore[union-attr]


def test_the_settings_are_understood_and_are_a_source_register(world: World, tmp_path: Path) -> None:
    path = world.write_settings(tmp_path, "http://127.0.0.1:9/api/", feeds_url="http://127.0.0.1:9")
    settings = read_settings(path)
    assert [feed.name for feed in settings.feeds] == [one.name for one in world.publishers]
    assert {feed.channel for feed in settings.feeds} == {"#security-news"}
    assert {feed.every for feed in settings.feeds} == {60.0}
    assert settings.fetch.allow_private == ("127.0.0.0/8",)
    assert sum(bool(feed.purpose and feed.layer and feed.owner) for feed in settings.feeds) == 3
    assert tomllib.loads(path.read_text(encoding="utf-8"))["alerts"] == "#sec-ops"
