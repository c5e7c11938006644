"""kill -9 before and after every method of every port on the way from event to record."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.databases import server_with_tables
from tests.support.desks import Desks
from tests.support.feedserver import FeedServer, Page, feed_server
from tests.support.matrix import EVERY, FULL, Scenario, Watch, crash_at, points_of
from tests.support.town import ALERT, NEWS, SERVERS, SUZUKI, TANAKA, YAMADA, Town

SHARDS = 8 if FULL else 1  # each shard plays once more to find the points
PATIENCE = 7_200 if FULL else 600
ROUTES = """
[[routes]]
name = "ciso"
reaction = "rotating_light"
to = ["#sec-alert", "#server-team"]
mention = ["U0SUZUKI"]
text = "至急ご確認ください。"
case = "product"

[[routes]]
name = "each"
reaction = "wrench"
to = ["#staff"]
each = true
ack_within = "1s"
then = ["#staff"]
"""


def _stamps(town: Town, watch: Watch) -> None:
    workspace = town.workspace
    first, second = town.post("記事1", "https://news.example/1"), town.post("記事2", "https://news.example/2")

    def seen(channel: str, count: int, word: str = "") -> None:
        def there() -> bool:
            found = workspace.messages(channel)
            return len(found) >= count and word in json.dumps(found, ensure_ascii=False)

        watch.until(there)

    workspace.react(YAMADA, NEWS, first, "rotating_light")
    seen(ALERT, 1)
    workspace.react(TANAKA, NEWS, first, "rotating_light")
    seen(ALERT, 1, TANAKA)
    workspace.react(YAMADA, NEWS, second, "rotating_light")
    seen(ALERT, 2)
    workspace.unreact(YAMADA, NEWS, second, "rotating_light")
    seen(ALERT, 2, "スタンプを外しました")
    workspace.react(SUZUKI, NEWS, second, "wrench")
    seen("C0STAFF", 2)


def _wrong_forwards(town: Town) -> str:
    """Returns what is wrong with the workspace's messages, "" if nothing is."""
    workspace = town.workspace
    for channel, count in ((ALERT, 2), (SERVERS, 2), ("C0STAFF", 2)):
        found = workspace.messages(channel)
        if len(found) != count:
            return f"{channel}: {len(found)} messages"
        keys = {json.dumps(message["metadata"]["event_payload"]["key"]) for message in found}  # type: ignore[index]
        if len(keys) != count:
            return f"{channel}: the same forward twice"
    for channel in (ALERT, SERVERS):
        first, second = (json.dumps(message, ensure_ascii=False) for message in workspace.messages(channel))
        if YAMADA not in first or TANAKA not in first:
            return f"{channel}: somebody is missing: {first}"
        if "スタンプを外しました" not in second:
            return f"{channel}: the withdrawal is not shown: {second}"
    return ""


def _settle(town: Town) -> None:
    town.settle(ROUTES)


FORWARDS = Scenario(
    settle=_settle,
    play=_stamps,
    wrong=_wrong_forwards,
    counts={"delivered": 5, "case": 2, "escalated": 1},
)


def _settle_over_http(town: Town) -> None:
    town.settle_over_http(ROUTES)
    town.workspace.requests.retries = (0.0, 0.3, 1.0, 3.0)  # to the desk that takes the dead one's place


FORWARDING = {
    "store.keep",
    "store.commit",
    "tx.outbox.owe_claimed",
    "store.claim",
    "workspace.post",
    "workspace.everyone",
    "workspace.replies",
    "tx.ledger.append",
}
OVER_HTTP = replace(FORWARDS, settle=_settle_over_http)
SAMPLE = ("store.keep:before:1", "store.keep:after:2")
"""Where an event over HTTP is not kept yet, and where it is kept and not answered."""


def rss(*titles: str) -> Page:
    """A feed with these entries, the newest first; "1=改題" is the first one with another title."""
    pairs = [title.partition("=") for title in titles]
    items = "".join(
        f"<item><title>{words or f'記事{number}'}</title><link>https://feed.example/{number}</link>"
        f"<guid>{number}</guid></item>"
        for number, _, words in reversed(pairs)
    )
    text = f'<rss version="2.0"><channel><title>架空ニュース</title>{items}</channel></rss>'
    return Page(body=text.encode(), headers={"Content-Type": "application/rss+xml"})


class Feeds:
    """A feed that brings three posts, then a burst with a digest, then another title."""

    def __init__(self, server: FeedServer) -> None:
        self._server = server

    def settle(self, town: Town) -> None:
        url = self._server.put("/feed", rss("1", "2", "3", "4"))
        top = f"""[fetch]
allow_private = ["127.0.0.0/8"]
burst = 2
[[feeds]]
name = "架空ニュース"
url = "{url}"
channel = "#security-news"
"""
        town.settle(ROUTES, top=top)

    def play(self, town: Town, watch: Watch) -> None:
        def seen(count: int, word: str) -> None:
            watch.until(lambda: len(town.workspace.messages(NEWS)) >= count and word in self._said(town))

        seen(3, "記事4")
        self._server.put("/feed", rss("1", "2", "3", "4", "5", "6", "7"))
        seen(6, "記事7")
        self._server.put("/feed", rss("1", "2", "3", "4", "5", "6", "7=改題しました"))
        seen(6, "改題しました")

    def wrong(self, town: Town) -> str:
        found = town.workspace.messages(NEWS)
        if len(found) != 6:
            return f"{len(found)} messages: {[one['text'] for one in found]}"
        said = self._said(town)
        missing = [
            word for word in ("記事2", "記事3", "記事4", "記事5", "記事6", "改題しました") if word not in said
        ]
        return f"missing: {missing}" if missing or "記事7" in said or "記事1" in said else ""

    @staticmethod
    def _said(town: Town) -> str:
        return json.dumps(town.workspace.messages(NEWS), ensure_ascii=False)

    @property
    def scenario(self) -> Scenario:
        counts = {"entry": 7, "published": 6, "revision": 1}
        return Scenario(settle=self.settle, play=self.play, wrong=self.wrong, counts=counts)


def _try_points(
    scenario: Scenario,
    shard: int,
    *,
    needed: set[str],
    store_url: str,
    desks: Desks,
    folder: Path,
    request: pytest.FixtureRequest,
) -> None:
    started = time.monotonic()
    is_postgres = not store_url.startswith("sqlite")
    points = points_of(scenario, desks, folder, store_url)
    names = {point.rpartition(":")[0].rpartition(":")[0] for point in points}
    assert needed <= names, needed - names
    wrong = []
    chosen = points[3 * is_postgres :: EVERY]
    for number, point in enumerate(chosen[shard::SHARDS]):
        own = folder / str(number)
        own.mkdir()
        server = request.getfixturevalue("pg_server") if is_postgres else None
        database = server_with_tables(server) if server else f"sqlite:///{own / 'desk.db'}"
        wrong.append(crash_at(point, scenario, desks, own, database))
    print(f"{len(wrong)} of {len(points)} points in {time.monotonic() - started:.0f} s")
    assert not [one for one in wrong if one], "\n".join(one for one in wrong if one)


@pytest.mark.thorough("postgres")
@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_each_forward_stands_exactly_once_wherever_the_desk_is_killed(
    shard: int, store_url: str, desks: Desks, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _try_points(
        FORWARDS,
        shard,
        needed=FORWARDING,
        store_url=store_url,
        desks=desks,
        folder=tmp_path,
        request=request,
    )


@pytest.mark.skipif(not FULL, reason="needs MATRIX=full; a sample of it is always tried")
@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_each_forward_stands_exactly_once_also_where_events_come_over_http(
    shard: int, store_url: str, desks: Desks, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _try_points(
        OVER_HTTP,
        shard,
        needed=FORWARDING,
        store_url=store_url,
        desks=desks,
        folder=tmp_path,
        request=request,
    )


@pytest.mark.postgres
@pytest.mark.skipif(not FULL, reason="needs MATRIX=full; tests/crash/test_helping.py always tries some of it")
@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_each_forward_stands_exactly_once_also_where_two_workers_share_the_work(
    shard: int, pg_url: str, desks: Desks, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _try_points(
        replace(FORWARDS, is_helped=True),
        shard,
        needed=FORWARDING,
        store_url=pg_url,
        desks=desks,
        folder=tmp_path,
        request=request,
    )


@pytest.mark.parametrize("point", SAMPLE)
def test_an_event_over_http_counts_once_although_the_desk_is_killed_before_it_answers(
    point: str, desks: Desks, tmp_path: Path
) -> None:
    assert crash_at(point, OVER_HTTP, desks, tmp_path, f"sqlite:///{tmp_path / 'desk.db'}") == ""


@pytest.mark.thorough("postgres")
@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_each_post_of_a_feed_stands_exactly_once_wherever_the_desk_is_killed(
    shard: int, store_url: str, desks: Desks, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    needed = {
        "store.claim_feeds",
        "fetching.fetch_all",
        "tx.entries.add",
        "tx.publications.post",
        "tx.outbox.owe",
        "tx.feeds.put",
    }
    with feed_server() as server:
        _try_points(
            Feeds(server).scenario,
            shard,
            needed=needed | {"workspace.post", "workspace.edit", "store.commit"},
            store_url=store_url,
            desks=desks,
            folder=tmp_path,
            request=request,
        )
