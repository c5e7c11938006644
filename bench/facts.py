"""Bulk loads of facts, as `vulns update --from` does them, and looks beside them; invented records.

Beside each load stands the least that any program has to do with the same document: unpack it, read its JSON
or its lines, and write as many bytes into an SQLite table.
"""

from __future__ import annotations

import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import orjson

from bench import documents
from bench.stamps import postgres, quantile
from threatstamp.app.clock import SystemClock
from threatstamp.cli.vulns import NICE
from threatstamp.core.facts.assessment import CVELIST, EPSS, JVN, NVD, FactSource
from threatstamp.core.facts.cve import CveId
from threatstamp.desk.facts.load import LoadFacts
from threatstamp.facts.sources import SOURCES
from threatstamp.store.bulk import bulk_file
from threatstamp.store.facts import FactLookup, open_facts

LOOKS = 5_000


def run(*, quick: bool, sizes: Sequence[int] | None = None) -> None:
    """Measures and prints records a second, memory, and p50 and p99 of a look. sizes: how many records."""
    count = sizes[0] if sizes else 20_000 if quick else 300_000
    sources = {CVELIST: count, EPSS: count, NVD: min(count, 50_000), JVN: min(count, 30_000)}
    with postgres() as new_database, tempfile.TemporaryDirectory() as folder:
        paths = {source: documents.write(source, Path(folder), many) for source, many in sources.items()}
        for kind in ("sqlite", "postgres"):
            database = f"sqlite:///{folder}/desk.db" if kind == "sqlite" else new_database()
            for source, path in paths.items():
                first = _run("load", database, source, str(path))
                again = _run("load", database, source, str(path))
                print(f"{kind:8} {source:8} {first}\n{'':17} again: {again}", flush=True)
                if kind == "sqlite" and source in (CVELIST, EPSS):
                    print(f"{'':17} the least: {_run('least', folder, source, str(path))}", flush=True)
            if kind == "sqlite":
                size = bulk_file(Path(folder) / "desk.db").stat().st_size
                print(f"{kind:8} {size / 1e6:.0f} MB on disk", flush=True)
            _looks(kind, database, count)
            path = paths[CVELIST]
            path.touch()  # another document of the same content: the load begins anew
            with _started("load", database, CVELIST, str(path)) as beside:
                time.sleep(1.0)
                _looks(f"{kind}, beside a load", database, count, until=beside)
                beside.communicate()


def _started(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.facts", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _run(*arguments: str) -> str:
    with _started(*arguments) as process:
        said = process.communicate()[0].strip()
    assert process.returncode == 0
    return said


def _looks(name: str, database: str, count: int, *, until: subprocess.Popen[str] | None = None) -> None:
    """Prints how long a look takes, by the clock and of the processor.

    Where others want the processor, some looks wait for it; the rest, too, is told by the clock.
    """
    with closing(FactLookup(database, keep=True)) as lookup:
        found: list[tuple[float, float, bool]] = []
        while len(found) < LOOKS and (until is None or until.poll() is None):
            found.append(_look(lookup, count))
    for what, took in (
        ("by the clock", [one for one, _, _ in found]),
        ("undisturbed", [one for one, _, is_disturbed in found if not is_disturbed]),
        ("of CPU", [one for _, one, _ in found]),
    ):
        p50, p99 = quantile(sorted(took), 0.5), quantile(sorted(took), 0.99)
        print(
            f"{name}: a look {what}: p50 {p50 * 1e3:.2f} ms  p99 {p99 * 1e3:.2f} ms  n={len(took)}",
            flush=True,
        )


def _look(lookup: FactLookup, count: int) -> tuple[float, float, bool]:
    """Returns seconds by the clock and of CPU, and whether the processor was given to somebody else."""
    cve = CveId(documents.cve(random.choice(documents.numbers(count))))
    switches = _switches()
    began, worked = time.perf_counter(), time.thread_time()
    found = lookup.known([cve])
    took = time.perf_counter() - began, time.thread_time() - worked
    assert [one.cve for one in found] == [cve]
    return *took, _switches() != switches


def _switches() -> int:
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw


def load(database: str, source: str, path: str) -> None:
    """Loads one document, and prints how long that took and how much memory."""
    os.nice(NICE)
    before, began = time.process_time(), time.perf_counter()
    facts = open_facts(database)
    step = LoadFacts(SOURCES[FactSource(source)](Path(path)), facts, SystemClock())
    for _ in step.run():
        pass
    facts.close()
    _tell(step.done.loaded, time.perf_counter() - began, time.process_time() - before)


def least(folder: str, source: str, path: str) -> None:
    """Reads the same document without any rules, and writes as much."""
    os.nice(NICE)
    before, began = time.process_time(), time.perf_counter()
    file = Path(folder) / f"{source}.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("CREATE TABLE t (cve TEXT, body TEXT, PRIMARY KEY (cve))")
        rows, count = list[tuple[str, str]](), 0
        for content in documents.contents(Path(path), FactSource(source)):
            if source == CVELIST:
                body = orjson.loads(content)
                written = orjson.dumps(body["containers"]["cna"]).decode()[:700]
                rows.append((body["cveMetadata"]["cveId"], written))
            else:
                rows.append((content.decode().partition(",")[0], content.decode()))
            if len(rows) == 5_000:
                count += len(rows)
                with connection:
                    connection.executemany("INSERT OR REPLACE INTO t VALUES (?, ?)", rows)
                rows.clear()
        with connection:
            connection.executemany("INSERT OR REPLACE INTO t VALUES (?, ?)", rows)
    _tell(count + len(rows), time.perf_counter() - began, time.process_time() - before)


def _tell(count: int, took: float, worked: float) -> None:
    print(
        f"{count} records in {took:.1f} s ({count / took:.0f}/s),"
        f" {worked:.1f} s of CPU ({count / worked:.0f}/s), {_memory()} MB"
    )


def _memory() -> int:
    """Returns the most megabytes that this process has had; `getrusage` counts those of its parent, too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


if __name__ == "__main__":
    {"load": load, "least": least}[sys.argv[1]](*sys.argv[2:])
