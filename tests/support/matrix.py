"""kill -9 at every point of a scenario: before and after each call of a port's method."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.desks import Desks, wait
from tests.support.town import Town, open_town
from threatstamp.desk.record.compare import compare_records
from threatstamp.desk.record.verify import verify_ledger
from threatstamp.store import SqlStore, open_store

FULL = os.environ.get("MATRIX") == "full"
EVERY = 1 if FULL else 9 if os.environ.get("CI") else 49
"""Without MATRIX=full only every n-th point is tried, with different points on each kind of database.

Points before and after an effect take turns, so n is odd. `make check` and CI try five times as many as
`make test`.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What happens, and what must be true in the end wherever the desk was killed.

    settle: writes the settings. play: what people and servers do, each step after the one before
    has had its effect. wrong: returns what is wrong with the workspace, "" if nothing. counts:
    entries of the ledger by kind. is_helped: a second desk works on the same database, which takes no events.
    """

    settle: Callable[[Town], None]
    play: Callable[[Town, Watch], None]
    wrong: Callable[[Town], str]
    counts: dict[str, int]
    is_helped: bool = False


class Watch:
    """Keeps a desk running: when the one with the crash point has died, it starts another, once."""

    def __init__(self, town: Town, desks: Desks, *, crash: str, record: str = "") -> None:
        self._town = town
        self._desks = desks
        self.desk = desks.start(town, crash=crash, RECORD=record)
        self.died = False

    def until(self, done: Callable[[], object], timeout: float = 60) -> bool:
        """Waits until `done` is true, and restarts the desk meanwhile if it died."""
        return wait(lambda: self._tended(done), timeout)

    def _tended(self, done: Callable[[], object]) -> bool:
        if not self.desk.is_alive() and not self.died:
            self.died = True
            self.desk = self._desks.start(self._town)
        return bool(done())


def points_of(scenario: Scenario, desks: Desks, folder: Path, database: str) -> list[str]:
    """Plays once without a crash; returns every point that was passed, the first and the second time."""
    record = folder / "points"
    with open_town(folder, database) as town:
        scenario.settle(town)
        watch = Watch(town, desks, crash="?", record=str(record))
        assert watch.desk.wait_ready(), watch.desk.log.read_text()
        scenario.play(town, watch)
        assert wait(lambda: not scenario.wrong(town), 60), scenario.wrong(town)
        watch.desk.end()
    points = {line for line in record.read_text(encoding="utf-8").splitlines() if line.endswith((":1", ":2"))}
    return sorted(points)


def crash_at(point: str, scenario: Scenario, desks: Desks, folder: Path, database: str) -> str:
    """Crashes at a point and starts another desk; returns what is wrong afterwards, "" if nothing."""
    with open_town(folder, database) as town:
        scenario.settle(town)
        watch = Watch(town, desks, crash=point)
        if not watch.desk.wait_ready() and watch.desk.is_alive():
            return f"{point}: the desk does not get ready\n{watch.desk.log.read_text()}"
        helpers = [desks.start(town, EVENTS="none")] if scenario.is_helped else []
        scenario.play(town, watch)
        watch.until(lambda: not scenario.wrong(town))
        store = open_store(database)
        watch.until(lambda: is_settled(store))
        wrong = scenario.wrong(town)
        found, differs = verify_ledger(store), compare_records(store).first
        with store.reading() as read:
            kinds = [entry.kind for entry in read.ledger.entries()]
        store.close()
        counts = {kind: kinds.count(kind) for kind in scenario.counts}
        for desk in (watch.desk, *helpers):
            desk.send(signal.SIGKILL)
        if wrong or not found.ok or differs or counts != scenario.counts:
            log = watch.desk.log.read_text()[-3000:]
            return f"{point}: {wrong}; ledger {found}; tables {differs}; recorded {counts}\n{log}"
    return ""


def is_settled(store: SqlStore) -> bool:
    """True if no event waits or has failed, and nothing is owed."""
    with store.reading() as read:
        return read.inbox.counts() == (0, 0) and read.backlog.count() == 0
