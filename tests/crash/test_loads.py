"""A load of facts is killed (SIGKILL, a real process) at each of its commits, and goes on: nothing lost or double."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import create_engine, select

from tests.support.facts import write_epss
from tests.support.fakes import FakeClock, memory_store
from tests.support.feedserver import Page, feed_server
from tests.support.forks import Forked, Forks
from threatstamp.app.facts_by_clock import FactsByClock
from threatstamp.app.facts_process import Errand
from threatstamp.config.settings import read_settings
from threatstamp.core.time import DAY
from threatstamp.desk.facts.load import LoadFacts
from threatstamp.facts.epss import open_epss
from threatstamp.store.bulk import FIRST, bulk_file
from threatstamp.store.connection import driver_url, sqlite_path
from threatstamp.store.facts import FactLookup, open_facts
from threatstamp.store.tables.facts import assessments, fact_changes

DYING = "tests.support.dying_load:main"
ROWS = 5 * FIRST
"""Of which the load of a first document is in several transactions, however quick the machine is."""

Facts = tuple[list[tuple[object, ...]], list[tuple[object, ...]]]


def documents(folder: Path) -> tuple[Path, Path]:
    """Two days of EPSS: on the second one some are missing, some are new, and of some it rose by much."""

    def day(name: str, date: str, numbers: range, risen: int) -> Path:
        rows = (f"CVE-2099-{10_000 + n},{0.9 if n % risen == 0 else 0.1},0.5" for n in numbers)
        comment = f"#model_version:v9,score_date:2099-11-{date}T00:00:00+0000"
        return write_epss(folder / name, *rows, comment=comment)

    return day("1.csv.gz", "20", range(ROWS), ROWS + 1), day("2.csv.gz", "21", range(20, ROWS + 20), 7)


def loaded(database: str) -> Facts:
    """Returns all that is loaded and what has changed, without times."""
    file = sqlite_path(database)
    url = driver_url(database) if file is None else driver_url(database).set(database=str(bulk_file(file)))
    engine = create_engine(url)
    said, changed = assessments.c, fact_changes.c
    rows = select(said.source, said.cve, said.version, said.body).order_by(said.source, said.cve)
    changes = select(changed.cve, changed.kind, changed.before, changed.after).order_by(changed.cve)
    with engine.connect() as connection:
        found = (
            [tuple(row) for row in connection.execute(rows)],
            [tuple(r) for r in connection.execute(changes)],
        )
    engine.dispose()
    return found


def load(database: str, path: Path, *, day: int) -> None:
    facts = open_facts(database)
    for _ in LoadFacts(open_epss(path), facts, FakeClock(day * DAY)).run():
        pass
    facts.close()


class Desk:
    """Settings on a database with the first day's facts, and what stands there if nothing disturbs the second."""

    def __init__(self, folder: Path, url: str, programs: Forks, *, more: str = "") -> None:
        self.folder, self.url, self._programs = folder, url, programs
        self.settings = folder / "threatstamp.toml"
        self.settings.write_text(
            f'language = "en"\ndatabase = "{url}"\n[[sources]]\nchannel = "#news"\n[[routes]]\n'
            f'reaction = "siren"\nto = []\n{more}',
            encoding="utf-8",
        )
        self.first, self.second = documents(folder)
        undisturbed = f"sqlite:///{folder / 'undisturbed.db'}"
        for database in (undisturbed, url):
            load(database, self.first, day=1)
        load(undisturbed, self.second, day=2)
        self.expected = loaded(undisturbed)
        assert self.expected[1], "nothing has changed between the two days"
        assert loaded(url) != self.expected

    def start(self, ends_at: int, *args: str) -> Forked:
        """Starts the program, which kills itself before or after one of its commits."""
        return self._programs.start(
            DYING, str(ends_at), "--config", str(self.settings), *args, cwd=self.folder
        )

    def position(self) -> int:
        """Returns how far the load of the second day is."""
        [one] = FactLookup(self.url).last_loads()
        return one.position if one.edition == "2099-11-21" else 0


def killed_at_each_commit(desk: Desk, attempt: Callable[[int], int]) -> list[int]:
    """Tries until one attempt comes to its end; returns how far the load was after each. attempt: its exit code."""
    positions: list[int] = []
    for ends_at in range(1, 200):
        code = attempt(ends_at)
        positions.append(desk.position())
        if code == 0:
            return positions
        assert code == -signal.SIGKILL
    raise AssertionError("it never comes to an end")


def test_a_load_from_a_file_goes_on_where_it_was_killed(
    tmp_path: Path, store_url: str, programs: Forks
) -> None:
    desk = Desk(tmp_path, store_url, programs)
    said: list[str] = []

    def attempt(ends_at: int) -> int:
        forked = desk.start(ends_at, "vulns", "update", "epss", "--from", str(desk.second))
        code = forked.wait()
        said.append(forked.out())
        return code

    positions = killed_at_each_commit(desk, attempt)
    assert positions == sorted(positions), "a load went back"
    assert len({*positions} - {0, ROWS}) > 1, "it was never killed in the middle"
    assert positions[-1] == ROWS
    assert loaded(store_url) == desk.expected
    assert f"{positions[-2]} records were done before the interruption" in said[-1]


def test_the_load_by_the_clock_goes_on_where_it_was_killed_and_fetches_nothing_twice(
    tmp_path: Path, store_url: str, programs: Forks
) -> None:
    with feed_server() as server:
        url = server.url("/epss")
        desk = Desk(tmp_path, store_url, programs, more=f'[facts]\nsources = ["epss"]\nepss_url = "{url}"\n')
        server.put("/epss", Page(body=desk.second.read_bytes(), etag='"2"'))
        settings = read_settings(desk.settings, {})
        started: list[Forked] = []

        def attempt(ends_at: int) -> int:
            def start(errand: Errand, said: Path) -> subprocess.Popen[bytes]:
                said.touch()
                started.append(desk.start(ends_at, "vulns", "update", *errand.sources))
                return started[-1]  # type: ignore[return-value]

            FactsByClock(memory_store(), FakeClock(), settings=lambda: settings, start=start).run()
            code = started[-1].poll()
            assert code is not None
            return code

        positions = killed_at_each_commit(desk, attempt)
        whole = [one for one in server.asked("/epss") if "if-none-match" not in one.headers]
    assert len(started) == len(positions), "an attempt was not made"
    assert positions == sorted(positions), "a load went back"
    assert len({*positions} - {0, ROWS}) > 1, "it was never killed in the middle"
    assert loaded(store_url) == desk.expected
    assert len(whole) == 1
