"""Every method of every port on the way from event to record is a crash point: kill -9 before and after it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desks import Zygote, wait, zygote
from tests.support.town import ALERT, NEWS, SERVERS, SUZUKI, TANAKA, YAMADA, Town, open_town
from threatstamp.app.verify import verify_ledger
from threatstamp.store import open_store

SHARDS = 6
ROUTES = """
[[routes]]
name = "ciso"
reaction = "rotating_light"
to = ["#sec-alert", "#server-team"]
mention = ["U0SUZUKI"]
text = "至急ご確認ください。"

[[routes]]
name = "each"
reaction = "wrench"
to = ["#staff"]
each = true
"""


@pytest.fixture(scope="module")
def desks() -> Iterator[Zygote]:
    with zygote() as made:
        yield made


def _play(town: Town, alive: object) -> None:
    """What people do; whether the desk is there or not, they do not wait for it longer than they must."""
    workspace = town.workspace
    first, second = town.post("記事1", "https://news.example/1"), town.post("記事2", "https://news.example/2")

    def seen(channel: str, count: int, word: str = "") -> None:
        def there() -> bool:
            found = workspace.messages(channel)
            return len(found) >= count and word in json.dumps(found, ensure_ascii=False)

        wait(lambda: there() or not alive(), 8)  # type: ignore[operator]

    workspace.react(YAMADA, NEWS, first, "rotating_light")
    seen(ALERT, 1)
    workspace.react(TANAKA, NEWS, first, "rotating_light")
    seen(ALERT, 1, TANAKA)
    workspace.react(YAMADA, NEWS, second, "rotating_light")
    seen(ALERT, 2)
    workspace.unreact(YAMADA, NEWS, second, "rotating_light")
    seen(ALERT, 2, "スタンプを外しました")
    workspace.react(SUZUKI, NEWS, second, "wrench")
    seen("C0STAFF", 1)


def _expected(town: Town) -> str:
    """Returns what is wrong with the workspace's messages, "" if nothing is."""
    workspace = town.workspace
    for channel, count in ((ALERT, 2), (SERVERS, 2), ("C0STAFF", 1)):
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


def _points(desks: Zygote, folder: Path, database: str) -> list[str]:
    """Plays once without a crash, and returns every point that was passed, first and second time."""
    record = folder / "points"
    with open_town(folder, database) as town:
        town.settle(ROUTES)
        desk = desks.start(town, crash="?", RECORD=str(record))
        assert desk.wait_ready(), desk.log.read_text()
        _play(town, desk.is_alive)
        assert wait(lambda: not _expected(town), 10), _expected(town)
        desk.end()
    points = {line for line in record.read_text(encoding="utf-8").splitlines() if line.endswith((":1", ":2"))}
    return sorted(points)


def _crash_at(point: str, desks: Zygote, folder: Path, database: str) -> str:
    """Crashes at a point, starts again; returns what is wrong afterwards."""
    with open_town(folder, database) as town:
        town.settle(ROUTES)
        doomed = desks.start(town, crash=point)
        if not doomed.wait_ready():
            return f"{point}: it died before it listened\n{doomed.log.read_text()}"
        _play(town, doomed.is_alive)
        hit = wait(lambda: not doomed.is_alive(), 2)
        if not hit:  # another order of threads did not pass here a second time
            doomed.end()
        heir = desks.start(town)
        if not heir.wait_ready():
            return f"{point}: the next one does not start\n{heir.log.read_text()}"
        wait(lambda: not _expected(town), 12)
        store = open_store(database)
        wait(lambda: store.owed_count() == 0 and store.inbox_count() == (0, 0), 8)
        wrong = _expected(town)
        found = verify_ledger(store)
        with store.reading() as tx:
            delivered = sum(1 for _ in tx.entries(kind="delivered"))
        store.close()
        heir.end()
        if wrong or not found.ok or delivered != 5:
            return f"{point}: {wrong}; ledger {found}; {delivered} deliveries recorded\n{heir.log.read_text()[-3000:]}"
    return ""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_each_forward_stands_exactly_once_wherever_the_desk_is_killed(
    shard: int, store_url: str, desks: Zygote, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    is_postgres = not store_url.startswith("sqlite")
    hits = (":1", ":2") if os.environ.get("CI") or os.environ.get("FULL_MATRIX") else (":1",)
    points = [point for point in _points(desks, tmp_path, store_url) if point.endswith(hits)]
    names = {point.rpartition(":")[0].rpartition(":")[0] for point in points}
    assert {"store.keep", "store.commit", "store.claim", "workspace.post", "tx.append"} <= names
    wrong = []
    for number, point in enumerate(points[shard::SHARDS]):
        folder = tmp_path / str(number)
        folder.mkdir()
        server = request.getfixturevalue("pg_server") if is_postgres else None
        database = server.new_database() if server else f"sqlite:///{folder / 'desk.db'}"
        wrong.append(_crash_at(point, desks, folder, database))
    assert not [one for one in wrong if one], "\n".join(one for one in wrong if one)
