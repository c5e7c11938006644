"""Bulk loads of facts, as `vulns update --from` does them, and looking up beside them; invented records."""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import closing
from pathlib import Path

from bench.stamps import postgres, quantile
from threatstamp.app.clock import SystemClock
from threatstamp.core.facts.assessment import CVELIST, EPSS, FactSource
from threatstamp.core.facts.cve import CveId
from threatstamp.desk.facts.load import LoadFacts
from threatstamp.facts.sources import SOURCES
from threatstamp.store.facts import FactLookup, open_facts

LOOKS = 2_000


def run(*, quick: bool) -> None:
    """Measures and prints records a second, memory, and p50 and p99 of a look."""
    count = 20_000 if quick else 300_000
    with postgres() as new_database, tempfile.TemporaryDirectory() as folder:
        paths = {CVELIST: _records(Path(folder), count), EPSS: _scores(Path(folder), count)}
        for kind in ("sqlite", "postgres"):
            database = f"sqlite:///{folder}/desk.db" if kind == "sqlite" else new_database()
            for source, path in paths.items():
                command = [sys.executable, "-m", "bench.facts", database, source, str(path)]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                print(f"{kind:8} {source:8} {done.stdout.strip()}", flush=True)
            with closing(FactLookup(database, keep=True)) as lookup:
                took = sorted(_look(lookup, count) for _ in range(LOOKS))
            p50, p99 = quantile(took, 0.5), quantile(took, 0.99)
            print(f"{kind:8} a look   p50 {p50 * 1000:.2f} ms  p99 {p99 * 1000:.2f} ms", flush=True)


def _look(lookup: FactLookup, count: int) -> float:
    cve = CveId(f"CVE-2026-{random.randrange(count) + 1000}")
    began = time.perf_counter()
    found = lookup.known([cve])
    took = time.perf_counter() - began
    assert [one.cve for one in found] == [cve]
    return took


def _records(folder: Path, count: int) -> Path:
    path = folder / "all.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(1000, count + 1000):
            archive.writestr(f"cves/2026/CVE-2026-{number}.json", json.dumps(_record(number)))
    return path


def _record(number: int) -> dict[str, object]:
    """Returns a record of about 2 kB, with one of some hundred vectors."""
    letters = "NLH"
    vector = "CVSS:3.1/AV:N/AC:L/PR:{}/UI:N/S:U/C:{}/I:{}/A:{}".format(
        *(letters[number // 3**i % 3] for i in range(4))
    )
    versions = [
        {"version": "1.0", "status": "affected", "lessThan": f"1.{number % 90}", "versionType": "semver"}
    ]
    return {
        "cveMetadata": {
            "cveId": f"CVE-2026-{number}",
            "state": "PUBLISHED",
            "dateUpdated": "2026-11-26T00:00:00Z",
        },
        "containers": {
            "cna": {
                "providerMetadata": {"orgId": "0", "shortName": "example"},
                "title": f"A flaw in product {number % 5_000}",
                "descriptions": [{"lang": "en", "value": "Somebody can do something. " * 40}],
                "affected": [{"vendor": "Example", "product": f"P{number % 5_000}", "versions": versions}],
                "metrics": [{"cvssV3_1": {"version": "3.1", "vectorString": vector, "baseScore": 5.0}}],
                "problemTypes": [{"descriptions": [{"cweId": f"CWE-{number % 900 + 1}"}]}],
                "references": [{"url": f"https://vendor.example/{number}/{one}"} for one in range(3)],
            }
        },
    }  # fmt: skip


def _scores(folder: Path, count: int) -> Path:
    path = folder / "epss.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("#model_version:v9,score_date:2026-11-26T00:00:00+0000\ncve,epss,percentile\n")
        for number in range(1000, count + 1000):
            file.write(f"CVE-2026-{number},{number % 1000 / 1000},{number % 100 / 100}\n")
    return path


def load(database: str, source: str, path: str) -> None:
    """Loads one document, and prints how long that took and how much memory."""
    facts, began = open_facts(database), time.perf_counter()
    step = LoadFacts(SOURCES[FactSource(source)](Path(path)), facts, SystemClock())
    for _ in step.run():
        pass
    took = time.perf_counter() - began
    facts.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    worked = time.process_time()
    print(
        f"{step.done.loaded} records in {took:.1f} s ({step.done.loaded / took:.0f}/s), "
        f"{worked:.1f} s of a processor, {memory} MB"
    )


if __name__ == "__main__":
    load(*sys.argv[1:])
