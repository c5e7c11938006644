"""What every test has: no network, a PostgreSQL server when it asks for one, counts for CI."""

from __future__ import annotations

import gc
import json
import os
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support import examples, postgres
from tests.support.commands import MODULES, TownWithCommands, open_town_with_commands
from tests.support.databases import file_with_tables, server_with_tables
from tests.support.desks import Desks
from tests.support.forks import Forks, forks
from tests.support.matrix import FULL
from tests.support.provoked import provoked, watch

for name in list(os.environ):
    if name.startswith("SLACK_") or name.lower().endswith("_proxy"):
        del os.environ[name]
os.environ["LANG"] = os.environ["LC_ALL"] = "C.UTF-8"

settings.register_profile(
    "chosen",
    max_examples=examples.MANY,
    derandomize=examples.SAME,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("chosen")

QUICKLY = "THREATSTAMP_TESTS_QUICKLY"
"""Set for a plain `make test`, which leaves the tests marked as thorough to `make check` and to CI."""

_counts: Counter[str] = Counter()
_connect = socket.socket.connect


def _guarded(self: socket.socket, address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else "unix"
    if host not in ("127.0.0.1", "::1", "localhost", "unix"):
        raise RuntimeError(f"a test tried to reach {host}: the network is off in tests")
    _connect(self, address)


def pytest_configure(config: pytest.Config) -> None:
    socket.socket.connect = _guarded  # type: ignore[assignment, method-assign]
    watch()
    is_plain = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    is_plain = is_plain and not os.environ.get("CI") and not FULL
    os.environ.setdefault(QUICKLY, "1" if is_plain else "")  # once for all workers


def pytest_xdist_auto_num_workers() -> int:
    """Two workers a core where cores are few: half of what the tests do is wait for other processes."""
    cores = os.cpu_count() or 1
    return max(cores, min(2 * cores, 8))


LONGEST = (
    *("tests/crash/", "/test_dying.py", "/test_any_order.py", "test_whatever_happens_to_a_post"),
    *("test_operations_page.py", "test_two_workers.py", "test_the_demo_plays_without"),
)
WAITING = ("tests/test_",)
"""Beginnings of the names of tests that take longest, and of those that mostly wait for other processes."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, the rest so that some wait while others compute, and the last test is a short one.

    xdist gives each worker one stretch of the list; every second one begins with its share of the longest.
    """
    if os.environ[QUICKLY]:
        for item in items:
            thorough = item.get_closest_marker("thorough")
            if thorough and all(item.get_closest_marker(name) for name in thorough.args):
                item.add_marker(pytest.mark.skip(reason="`make check` plays it, or naming its file does"))
    gc.freeze()  # what was collected stays to the end: no collection of garbage needs to go through it
    rest = list(items)
    longest = _taken(rest, LONGEST)
    rest = _spread(_taken(rest, WAITING), rest)
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    total = len(items)
    items.clear()
    for worker in range(workers):
        if worker % 2 == 0:
            items += longest[worker // 2 :: (workers + 1) // 2]
        end = max(0, total * (worker + 1) // workers - len(items))
        items += rest[:end]
        rest = rest[end:]
    assert len(items) == total, "a test would be left out"


def _taken(items: list[pytest.Item], names: tuple[str, ...]) -> list[pytest.Item]:
    """Takes those with one of these parts of a name out of the list, and returns them."""
    found = [item for item in items if any(name in item.nodeid for name in names)]
    taken = set(found)
    items[:] = [item for item in items if item not in taken]
    return found


def _spread(few: list[pytest.Item], many: list[pytest.Item]) -> list[pytest.Item]:
    """Puts a few evenly among many."""
    places = [(index / len(few), item) for index, item in enumerate(few)]
    places += [(index / len(many), item) for index, item in enumerate(many)]
    return [item for _, item in sorted(places, key=lambda place: place[0])]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    yield
    item.user_properties.extend(("provoked", one) for one in provoked())


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Counts what passed, by marker, and what was provoked: CI fails if something was not, or no test of a marker ran."""
    if report.when == "call" and report.passed:
        _counts.update(str(value) for name, value in report.user_properties if name == "provoked")
        for marker in ("postgres", "browser"):
            if marker in report.keywords:
                _counts[marker] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    file = os.environ.get("THREATSTAMP_TEST_COUNTS")
    if file and not hasattr(session.config, "workerinput"):
        Path(file).write_text(json.dumps(_counts), encoding="utf-8")


@pytest.fixture(scope="session")
def pg_server() -> Iterator[postgres.Server]:
    """One PostgreSQL server for all workers of a test run."""
    with postgres.shared_server() as server:
        yield server


@pytest.fixture
def pg_url(pg_server: postgres.Server) -> str:
    """A database with its tables, and nothing in them."""
    return server_with_tables(pg_server)


@pytest.fixture
def bare_pg_url(pg_server: postgres.Server) -> str:
    """A database without tables."""
    return pg_server.new_database()


BOTH = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind in turn, with its tables, and nothing in them."""
    if request.param == "sqlite":
        return file_with_tables(tmp_path / "desk.db")
    url: str = request.getfixturevalue("pg_url")
    return url


@pytest.fixture(params=BOTH)
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of each kind in turn: a file that is not there yet, or one without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'desk.db'}"
    url: str = request.getfixturevalue("bare_pg_url")
    return url


@pytest.fixture(scope="session")
def programs() -> Iterator[Forks]:
    """Starts commands of the program in milliseconds; one for each worker of a test run."""
    with forks(*MODULES) as made:
        yield made


@pytest.fixture
def desks(programs: Forks) -> Iterator[Desks]:
    """Starts desks as processes of their own, which can crash at a chosen point."""
    yield Desks(programs)
    programs.end_all()


@pytest.fixture
def town(tmp_path: Path, programs: Forks) -> Iterator[TownWithCommands]:
    """A sandbox with people and channels, a desk that can be started in it, and the commands beside it."""
    with open_town_with_commands(tmp_path, programs) as made:
        yield made
