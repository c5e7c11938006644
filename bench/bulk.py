"""Stamps while the CVE List is loaded beside the desk, and without; in turns, for a fair comparison.

The load is the real one: archives unpacked, records read, scores computed, facts written, at its usual low
priority in a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import documents
from bench.stamps import Field, latencies, postgres, quantile
from threatstamp.core.facts.assessment import CVELIST

RATE = 10.0


def run(*, quick: bool) -> None:
    """Measures and prints p50 and p99 of a forward with a load and without.

    records: enough for the load to outlast the stamps that are measured beside it.
    """
    count, records = (100, 40_000) if quick else (300, 150_000)
    with postgres() as new_database, tempfile.TemporaryDirectory() as folder:
        path = documents.cvelist(Path(folder), records)
        for kind in ("sqlite", "postgres"):
            database = f"sqlite:///{folder}/desk.db" if kind == "sqlite" else new_database()
            with Field(database, pace="0s", latency=0.0) as field:
                field.start()
                without, beside = [], []
                loads: list[str] = []
                for _ in range(3):
                    without += latencies(field, rate=RATE, count=count // 3)
                    path.touch()  # another document of the same content: the load begins anew
                    with _load(database, path) as load:
                        found = latencies(field, rate=RATE, count=count // 3)
                        ended_early = load.poll() is not None
                        beside += found
                        load.terminate()
                        printed = load.communicate()[0].strip()
                    loads.append(printed + (" (ended before the stamps did)" if ended_early else ""))
            for name, values in (("alone", sorted(without)), ("beside a load", sorted(beside))):
                p50, p99 = quantile(values, 0.5), quantile(values, 0.99)
                print(f"{kind:8} {name:14} p50 {p50:6.1f} ms  p99 {p99:6.1f} ms  n={len(values)}", flush=True)
            print(*(f"  load: {one}" for one in loads if one), sep="\n", flush=True)


def _load(database: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench.facts", "load", database, CVELIST, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(path.parent)},
    )
