"""A burst of stamps on one, two and four workers that share a PostgreSQL database, as ratios of one run.

Each round measures every number of workers, so that what else the machine does meets all of them alike.
"""

from __future__ import annotations

from statistics import median

import psutil

from bench.stamps import DESTINATIONS, Field, burst, postgres

KINDS: dict[str, tuple[int, int]] = {"1": (1, 1), "2": (2, 2), "4": (4, 4), "1 + 3 without events": (4, 1)}
"""How many there are, and how many of them take events."""


def measure(database: str, workers: int, *, taking: int, latency: float, size: int) -> tuple[float, float]:
    """Returns forwards a second, and the CPU milliseconds that the workers spend on each."""
    with Field(database, pace="0s", latency=latency) as field:
        field.start(workers, taking=taking)
        processes = [psutil.Process(one.pid) for one in field.processes]
        before = sum(sum(one.cpu_times()[:2]) for one in processes)
        speed = burst(field, size)
        used = sum(sum(one.cpu_times()[:2]) for one in processes) - before
        return speed, 1000 * used / size


def run(*, quick: bool, repeat: int) -> None:
    """Measures and prints it. repeat: rounds, for the median of each one's ratio to one worker."""
    size = 100 if quick else 300
    for latency in (0.0, 0.15):
        found: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
        with postgres() as new_database:
            for _ in range(repeat):
                for kind, (workers, taking) in KINDS.items():
                    database = new_database()
                    one = measure(database, workers, taking=taking, latency=latency, size=size)
                    found[kind].append(one)
        for kind, rounds in found.items():
            speeds = [speed for speed, _ in rounds]
            ratio = median(speed / one for speed, (one, _) in zip(speeds, found["1"], strict=True))
            print(
                f"Slack {latency * 1000:3.0f} ms, burst of {size} over {DESTINATIONS} destinations, workers"
                f" {kind}: {median(speeds):.0f} forwards/s ({min(speeds):.0f} to {max(speeds):.0f}),"
                f" {ratio:.2f} times one, {median(cpu for _, cpu in rounds):.1f} ms CPU a forward",
                flush=True,
            )
