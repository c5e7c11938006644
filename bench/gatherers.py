"""Those who gather feeds, each in a process of its own: ours, `reader`, and loops with feedparser.

`python -m bench.gatherers <kind> <folder> <database>`; addresses come from <folder>/addresses. Each line on
standard input is one round; what it cost comes back as a line of JSON.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

Round = Callable[[], int]
"""Asks every feed once; returns how many entries were new."""


def ours(urls: list[str], database: str) -> Round:
    """The real step with the real store and the real fetcher, and a Slack that says nothing.

    Every feed has a channel and no backlog: at first contact nothing is owed, later each new entry is owed
    to Slack, and on record as owed. Slack's pace is not what is measured: nobody delivers.
    """
    from zoneinfo import ZoneInfo

    from tests.support.fakes import FakeClock, FakeFacts, FakeSlack

    from threatstamp.app.clock import SystemClock
    from threatstamp.core.ids import ChannelId, FeedName, TeamId, UserId
    from threatstamp.core.news.feed import BoundFeed, Feed
    from threatstamp.core.policy import Policy
    from threatstamp.desk.news.gather import Gather
    from threatstamp.desk.ports.time import Timing
    from threatstamp.desk.ports.tools import PolicyInForce, Tools
    from threatstamp.feeds.fetch import Fetcher
    from threatstamp.store import open_store

    zone, channel = ZoneInfo("Asia/Tokyo"), ChannelId("C0NEWS")
    feeds = tuple(
        BoundFeed(
            feed=Feed(name=FeedName(f"feed {number}"), url=url, zone=zone, channel=channel, backlog=0),
            channel=channel,
        )
        for number, url in enumerate(urls)
    )
    policy = Policy(team=TeamId("T0"), me=UserId("U0"), sources=frozenset({channel}), routes=(), feeds=feeds)
    tools = Tools(
        store=open_store(database),
        workspace=FakeSlack(FakeClock()),
        clock=SystemClock(),
        timing=Timing(),
        holder="bench",
        in_force=PolicyInForce(policy),
        facts=FakeFacts(),
    )
    gather = Gather(
        tools,
        Fetcher(allow_private=["127.0.0.0/8"]),
        chance=random.random,
        wake=lambda: None,
        report=lambda feed, error: None,
    )

    def again() -> int:
        found = gather.round(due_only=False)
        if found.asked != len(urls) or found.failed:
            raise SystemExit(f"asked {found.asked} of {len(urls)}, failed: {found.failed[:3]}")
        return found.new

    return again


def by_reader(urls: list[str], folder: Path, *, workers: int) -> Round:
    """`reader` as it comes, with its SQLite file."""
    import feedparser_sgmllib

    # its own copy of feedparser wants the older name of this package, which nothing installs any more
    sys.modules.setdefault("sgmllib", feedparser_sgmllib)
    from reader import UpdatedFeed, make_reader

    reader = make_reader(str(folder / "reader.sqlite"))
    for url in urls:
        reader.add_feed(url)

    def again() -> int:
        found = list(reader.update_feeds_iter(scheduled=False, workers=workers))
        if len(found) != len(urls) or any(isinstance(one.value, Exception) for one in found):
            raise SystemExit(f"reader: {len(found)} of {len(urls)}: {found[:3]}")
        return sum(one.value.new for one in found if isinstance(one.value, UpdatedFeed))

    return again


def by_loop(urls: list[str], *, conditional: bool) -> Round:
    """A loop with feedparser that remembers in memory what it has seen, and stores nothing."""
    import feedparser

    seen: set[tuple[str, str]] = set()
    etags: dict[str, str | None] = {}
    modified: dict[str, str | None] = {}

    def again() -> int:
        new = 0
        for url in urls:
            if conditional:
                found = feedparser.parse(url, etag=etags.get(url), modified=modified.get(url))
            else:
                found = feedparser.parse(url)
            if found.get("status") not in (200, 304):
                raise SystemExit(f"feedparser: {found}")
            if found.status == 200:
                etags[url], modified[url] = found.get("etag"), found.get("modified")
            before = len(seen)
            seen.update((url, entry.id) for entry in found.entries)
            new += len(seen) - before
        return new

    return again


def _made(kind: str, urls: list[str], folder: Path, database: str) -> Round:
    if kind.startswith("ours"):
        return ours(urls, database)
    if kind.startswith("reader"):
        return by_reader(urls, folder, workers=int(kind.partition("-")[2]))
    return by_loop(urls, conditional=kind == "loop-etag")


def _cpu() -> float:
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(one)[:2]) for one in who)


def _peak() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def main() -> None:
    kind, folder, database = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    again = _made(kind, (folder / "addresses").read_text(encoding="ascii").split(), folder, database)
    print("{}", flush=True)
    for _ in sys.stdin:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak of this round only
        used, begin = _cpu(), time.perf_counter()
        new = again()
        seconds = time.perf_counter() - begin
        cost = {"seconds": seconds, "cpu": _cpu() - used, "peak": _peak(), "new": new}
        print(json.dumps(cost), flush=True)


if __name__ == "__main__":
    main()
