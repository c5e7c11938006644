"""The morning line and the pass of reminders with 1,000 and 10,000 open cases, and as many closed ones."""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

DAY = date(2026, 10, 14)


def run(*, quick: bool) -> None:
    """Prints what each takes, and how much more ten times as many cases take."""
    sizes = (200, 2_000) if quick else (1_000, 10_000)
    taken = {size: _measure(size) for size in sizes}
    small, large = (taken[size] for size in sizes)
    for name in small:
        ratio = large[name] / small[name]
        print(
            f"agenda: {name}: {small[name] * 1e3:.1f} ms with {sizes[0]:,} open cases, "
            f"{large[name] * 1e3:.1f} ms with {sizes[1]:,} (× {ratio:.1f})",
            flush=True,
        )


def _measure(size: int) -> dict[str, float]:
    from sqlalchemy import insert

    from threatstamp.core.ids import TeamId
    from threatstamp.core.time import Micros
    from threatstamp.store import open_store
    from threatstamp.store.tables.cases import cases

    team = TeamId("T0")
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'agenda.db'}")
        rows = [
            {
                "team": team,
                "channel": "C0NEWS",
                "ts": f"{number}.000100",
                "track": "product",
                "state": "done"
                if number % 2
                else ("waiting", "responding", "new", "assessing")[number // 2 % 4],
                "version": 1,
                "owner": None if number % 6 == 0 else f"U{number % 40}",
                "opened_at": number,
                "opened_by": "U0",
                "priority": (None, "critical", "low")[number % 3],
                "due_on": None if number % 5 == 0 else f"2026-10-{number % 28 + 1:02d}",
            }
            for number in range(2 * size)
        ]
        with store.engine.begin() as connection:
            connection.execute(insert(cases), rows)
        with store.reading() as read:
            found = {
                "the morning line": lambda: read.cases.agenda(team, DAY, now=Micros(1), limit=5),
                "a page of reminders": lambda: read.cases.due(team, until=DAY, after=0, limit=100),
            }
            taken = {name: statistics.median(_seconds(act) for _ in range(15)) for name, act in found.items()}
        store.close()
    return taken


def _seconds(act: object) -> float:
    began = time.perf_counter()
    act()  # type: ignore[operator]
    return time.perf_counter() - began
