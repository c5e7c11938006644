"""kill -9 before and after every method of every port on the way from event to record."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desks import Zygote, wait, zygote
from tests.support.town import ALERT, NEWS, SERVERS, SUZUKI, TANAKA, YAMADA, Town, open_town
from threatstamp.app.verify import verify_ledger
from threatstamp.store import open_store

SHARDS = 2
FULL = os.environ.get("MATRIX") == "full"
EVERY = 1 if FULL else 6 if os.environ.get("CI") else 12
"""Without MATRIX=full only every so many points are tried, others on each kind of database."""
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


class _Watch:
    """Keeps a desk at work: when the doomed one has died, the next one is started, once."""

    def __init__(self, town: Town, desks: Zygote, *, crash: str, record: str = "") -> None:
        self._town = town
        self._desks = desks
        self.desk = desks.start(town, crash=crash, RECORD=record)
        self.died = False

    def until(self, done: object, timeout: float = 15) -> bool:
        """Waits for something, and looks after the desk meanwhile."""
        return wait(lambda: self._tended(done), timeout)

    def _tended(self, done: object) -> bool:
        if not self.desk.is_alive() and not self.died:
            self.died = True
            self.desk = self._desks.start(self._town)
        return bool(done())  # type: ignore[operator]


def _play(town: Town, watch: _Watch) -> None:
    """What people do, each step once the one before can be seen."""
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
        watch = _Watch(town, desks, crash="?", record=str(record))
        assert watch.desk.wait_ready(), watch.desk.log.read_text()
        _play(town, watch)
        assert wait(lambda: not _expected(town), 10), _expected(town)
        watch.desk.end()
    points = {line for line in record.read_text(encoding="utf-8").splitlines() if line.endswith((":1", ":2"))}
    return sorted(points)


def _crash_at(point: str, desks: Zygote, folder: Path, database: str) -> str:
    """Crashes at a point, starts again; returns what is wrong afterwards."""
    with open_town(folder, database) as town:
        town.settle(ROUTES)
        watch = _Watch(town, desks, crash=point)
        if not watch.desk.wait_ready():
            return f"{point}: it died before it listened\n{watch.desk.log.read_text()}"
        _play(town, watch)
        watch.until(lambda: not _expected(town))
        store = open_store(database)
        watch.until(lambda: store.owed_count() == 0 and store.inbox_count() == (0, 0))
        wrong = _expected(town)
        found = verify_ledger(store)
        with store.reading() as tx:
            delivered = sum(1 for _ in tx.entries(kind="delivered"))
        store.close()
        watch.desk.send(signal.SIGKILL)
        if wrong or not found.ok or delivered != 5:
            log = watch.desk.log.read_text()[-3000:]
            return f"{point}: {wrong}; ledger {found}; {delivered} deliveries recorded\n{log}"
    return ""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("shard", range(SHARDS))
def test_each_forward_stands_exactly_once_wherever_the_desk_is_killed(
    shard: int, store_url: str, desks: Zygote, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    started = time.monotonic()
    is_postgres = not store_url.startswith("sqlite")
    points = _points(desks, tmp_path, store_url)
    names = {point.rpartition(":")[0].rpartition(":")[0] for point in points}
    assert {"store.keep", "store.commit", "store.claim", "workspace.post", "tx.append"} <= names
    wrong = []
    chosen = points[3 * is_postgres :: EVERY]
    for number, point in enumerate(chosen[shard::SHARDS]):
        folder = tmp_path / str(number)
        folder.mkdir()
        server = request.getfixturevalue("pg_server") if is_postgres else None
        database = server.new_database() if server else f"sqlite:///{folder / 'desk.db'}"
        wrong.append(_crash_at(point, desks, folder, database))
    print(f"{len(wrong)} of {len(points)} points in {time.monotonic() - started:.0f} s")
    assert not [one for one in wrong if one], "\n".join(one for one in wrong if one)
