"""Rounds of many feeds beside `reader` and loops with feedparser, and one long document beside feedparser.

Servers and competitors are processes of their own on the same machine; all ask the same loopback addresses,
one competitor after the other, and do the same four rounds. What each found new is checked.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil

from bench.publishers import ENTRIES, MOST_HOSTS, addresses, hosts

KINDS = {
    "ours-sqlite": "ours, SQLite",
    "ours-postgres": "ours, PostgreSQL",
    "reader-1": "reader, 1 worker",
    "reader-16": "reader, 16 workers",
    "loop-etag": "feedparser, conditional",
    "loop": "feedparser, plain loop",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One round. edition, validators: what the servers say. new: entries of a feed that nobody had seen."""

    name: str
    edition: int
    validators: bool
    new: int


TASKS = (
    Task(name="all new", edition=0, validators=True, new=ENTRIES),
    Task(name="unchanged, 304", edition=0, validators=True, new=0),
    Task(name="unchanged, same body", edition=0, validators=False, new=0),
    Task(name="one new each", edition=1, validators=True, new=1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a round cost. cpu: of the process itself; served: of PostgreSQL's server beside it."""

    seconds: float
    cpu: float
    peak: float
    served: float = 0.0


Costs = dict[tuple[str, str], list[Cost]]
"""By competitor and round, one for each repetition."""


class Other:
    """A process that answers each line with a line."""

    def __init__(self, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", module, *arguments]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.greeting = self._line()

    def ask(self, line: str = "") -> str:
        assert self._process.stdin is not None
        print(line, file=self._process.stdin, flush=True)
        return self._line()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._process.args!r} ended with {self._process.wait()}")
        return line.strip()


class Field:
    """The servers, and a PostgreSQL for those who want one."""

    def __init__(self, count: int, *, delay: float, new_database: Callable[[], str]) -> None:
        self.count = count
        self.delay = delay
        self.new_database = new_database
        self._servers = Other("bench.publishers", str(count))
        self.urls = addresses(count, int(self._servers.greeting))

    def serve(self, task: Task) -> int:
        """Lets the servers say that edition; returns a document's mean size."""
        said = self._servers.ask(f"{task.edition} {int(task.validators)} {self.delay}")
        return int(said.split()[0])

    def close(self) -> None:
        self._servers.close()

    def gather(self, kind: str) -> dict[str, Cost]:
        """Lets one competitor do all rounds, from an empty database on."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "addresses").write_text("\n".join(self.urls), encoding="ascii")
            on_server = kind.endswith("postgres")
            database = self.new_database() if on_server else f"sqlite:///{folder / 'ours.sqlite'}"
            other = Other("bench.gatherers", kind, str(folder), database)
            try:
                return {task.name: self._round(other, task, on_server=on_server) for task in TASKS}
            finally:
                other.close()

    def _round(self, other: Other, task: Task, *, on_server: bool) -> Cost:
        self.serve(task)
        before = _served() if on_server else 0.0
        found = json.loads(other.ask())
        if found["new"] != task.new * self.count:
            raise SystemExit(f"{task.name}: {found['new']} new entries, not {task.new * self.count}")
        served = _served() - before if on_server else 0.0
        return Cost(seconds=found["seconds"], cpu=found["cpu"], peak=found["peak"], served=served)


def _served() -> float:
    """Returns the CPU seconds of PostgreSQL's processes."""
    folder = Path(tempfile.gettempdir()) / f"threatstamp-pg-{os.getpid()}"
    postmaster = psutil.Process(int((folder / "postmaster.pid").read_text(encoding="ascii").split()[0]))
    servers = [postmaster, *postmaster.children(recursive=True)]
    return sum(float(sum(one.cpu_times()[:2])) for one in servers)


def run(*, sizes: list[int], repeat: int, kinds: list[str], delay: float) -> None:
    """Measures all of it and prints it."""
    parse_time(repeat=max(5, 5 * repeat))
    with _postgres(kinds) as new_database:
        growth: dict[int, Costs] = {}
        for count in sizes:
            growth[count] = _measure(
                count, repeat=repeat, kinds=kinds, delay=delay, new_database=new_database
            )
            _show(growth[count], count=count, kinds=kinds)
    _show_growth(growth, kinds=kinds)


def _measure(
    count: int, *, repeat: int, kinds: list[str], delay: float, new_database: Callable[[], str]
) -> Costs:
    field = Field(count, delay=delay, new_database=new_database)
    costs: Costs = defaultdict(list)
    try:
        size = field.serve(TASKS[0])
        print(
            f"\n{count} feeds on {len(hosts(count))} hosts (most {MOST_HOSTS}), {ENTRIES} entries and"
            f" {size / 1000:.1f} kB each, servers answer after {delay * 1000:.0f} ms;"
            f" median of {repeat}; load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        for _ in range(repeat):
            for kind in kinds:
                for name, cost in field.gather(kind).items():
                    costs[kind, name].append(cost)
    finally:
        field.close()
    return costs


def _median(costs: list[Cost], what: Callable[[Cost], float]) -> float:
    return statistics.median(map(what, costs))


def _seconds(cost: Cost) -> float:
    return cost.seconds


def _work(cost: Cost) -> float:
    """CPU seconds, those of PostgreSQL's server too: what others do on the machine distorts them less."""
    return cost.cpu + cost.served


def _show(costs: Costs, *, count: int, kinds: list[str]) -> None:
    """Prints each round: seconds and CPU, and how many times those of the first competitor they are."""
    for task in TASKS:
        print(f"  {task.name}")
        first = costs[kinds[0], task.name]
        for kind in kinds:
            found = costs[kind, task.name]
            seconds, work = _median(found, _seconds), _median(found, _work)
            spread = f"{min(map(_seconds, found)):.2f} to {max(map(_seconds, found)):.2f}"
            times = seconds / _median(first, _seconds)
            served = _median(found, lambda cost: cost.served)
            print(
                f"    {KINDS[kind]:24} {seconds:7.2f} s ({spread}), x {times:5.2f}"
                f"  CPU {work:6.2f} s, x {work / _median(first, _work):5.2f}"
                f"{f' (server {served:.2f})' if served else ''}"
                f"  peak {_median(found, lambda cost: cost.peak):4.0f} MB"
                f"  {count * ENTRIES / seconds:7.0f} entries/s",
                flush=True,
            )


def _show_growth(growth: dict[int, Costs], *, kinds: list[str]) -> None:
    print("\nmilliseconds a feed as they grow, and of these CPU:", ", ".join(map(str, growth)), "feeds")
    for task in TASKS:
        for kind in kinds:
            each = [
                f"{_median(costs[kind, task.name], _seconds) * 1000 / count:7.2f}"
                f" {_median(costs[kind, task.name], _work) * 1000 / count:6.2f}"
                for count, costs in growth.items()
            ]
            print(f"  {task.name:22} {KINDS[kind]:24} {'  |'.join(each)}")


def parse_time(*, repeat: int, count: int = 500) -> None:
    """A document of so many entries in JVN iPedia's manner: ours and feedparser in turns."""
    import feedparser
    from tests.feeds.jvnrss import make_jvnrss

    from threatstamp.feeds.reading import read_document

    body, zone = make_jvnrss(count), ZoneInfo("Asia/Tokyo")
    readers: dict[str, Callable[[], int]] = {
        "ours": lambda: len(read_document(body, content_type="application/xml", zone=zone).entries),
        "feedparser": lambda: len(feedparser.parse(body).entries),
    }
    times: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(repeat):
        for name, read in readers.items():
            begin = time.process_time()
            if read() != count:
                raise SystemExit(f"{name} did not read {count} entries")
            times[name].append(time.process_time() - begin)
    mine, theirs = (statistics.median(found[1:]) * 1000 for found in times.values())
    print(
        f"JVN iPedia's manner, {count} entries, {len(body) / 1000:.0f} kB: ours {mine:.0f} ms,"
        f" feedparser {theirs:.0f} ms, x {theirs / mine:.1f} (CPU, median of {repeat - 1} in turns)",
        flush=True,
    )


@contextmanager
def _postgres(kinds: list[str]) -> Iterator[Callable[[], str]]:
    if not any(kind.endswith("postgres") for kind in kinds):
        yield lambda: ""
        return
    from tests.support.postgres import shared_server

    with shared_server() as server:
        yield server.new_database
