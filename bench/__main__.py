"""Measures in one run: `python -m bench [stamps|clicks|workers|bulk|facts|feeds|naming|agenda|search]`."""

from __future__ import annotations

import argparse
import os
import platform

from bench import agenda, bulk, clicks, facts, feeds, naming, search, stamps, workers


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument(
        "what",
        nargs="?",
        choices=(
            "stamps",
            "clicks",
            "workers",
            "bulk",
            "facts",
            "feeds",
            "naming",
            "agenda",
            "search",
            "all",
        ),
        default="all",
    )
    parser.add_argument("--quick", action="store_true", help="fewer samples")
    parser.add_argument("--burst", type=int, default=1000, help="stamps: how many at once")
    parser.add_argument(
        "--sizes", type=_numbers, help="facts, feeds, search: how many, for example 100,300,1000"
    )
    parser.add_argument("--repeat", type=int, help="feeds, workers: how often, for the median")
    parser.add_argument("--only", help="feeds: these competitors, separated by commas")
    parser.add_argument("--delay", type=float, default=0.0, help="feeds: seconds until a server answers")
    given = parser.parse_args()
    print(f"Python {platform.python_version()} on {os.cpu_count()} cores, {platform.platform()}", flush=True)
    if given.what in ("stamps", "all"):
        stamps.run(quick=given.quick, size=given.burst)
    if given.what in ("clicks", "all"):
        clicks.run(quick=given.quick)
    if given.what in ("workers", "all"):
        workers.run(quick=given.quick, repeat=given.repeat or (1 if given.quick else 3))
    if given.what in ("bulk", "all"):
        bulk.run(quick=given.quick)
    if given.what in ("facts", "all"):
        facts.run(quick=given.quick, sizes=given.sizes if given.what == "facts" else None)
    if given.what in ("naming", "all"):
        naming.run(quick=given.quick)
    if given.what in ("agenda", "all"):
        agenda.run(quick=given.quick)
    if given.what in ("search", "all"):
        search.run(quick=given.quick, sizes=given.sizes if given.what == "search" else None)
    if given.what in ("feeds", "all"):
        feeds.run(
            sizes=given.sizes or ([30, 100] if given.quick else [100, 300, 1000]),
            repeat=given.repeat or (1 if given.quick else 3),
            kinds=given.only.split(",") if given.only else list(feeds.KINDS),
            delay=given.delay,
        )


def _numbers(said: str) -> list[int]:
    return [int(number) for number in said.split(",")]


if __name__ == "__main__":
    main()
