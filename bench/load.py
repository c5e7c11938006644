"""Loads bulk data beside a desk, as a process of its own: `python -m bench.load DATABASE ROWS`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator

from sqlalchemy import Column, Float, MetaData, Table, Text

from threatstamp.store.bulk import open_bulk

TABLES = MetaData()
SCORES = Table(
    "bench_scores",
    TABLES,
    Column("cve", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("vector", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("summary", Text, nullable=False),
)


def rows(count: int) -> Iterator[tuple[object, ...]]:
    """Yields records of the size of a CVE's: about 600 bytes."""
    for number in range(count):
        yield (
            f"CVE-2026-{number:06d}",
            "cvelist",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
            number % 100 / 10,
            f"A flaw in product {number}. " * 20,
        )


def main(database: str, count: int) -> None:
    os.nice(10)
    bulk = open_bulk(database, TABLES)
    bulk.discard()
    began = time.perf_counter()
    written = list(bulk.load(SCORES, rows(count)))
    bulk.close()
    took = time.perf_counter() - began
    print(f"{written[-1]} rows in {took:.1f} s, {written[-1] / len(written):.0f} a transaction", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
