"""The morning line and the pass of reminders with 1,000 and 10,000 open cases, and as many closed ones.

The baseline of the same run reads the same rows of the open cases and does nothing with them.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from datetime import time as at_time
from pathlib import Path

from sqlalchemy import insert
from tests.support.fakes import FakeClock, FakeSlack, tools_of

from threatstamp.app.kinds import departings
from threatstamp.core.cases.case import CLOSED, CaseState
from threatstamp.core.ids import ChannelId, TeamId, UserId
from threatstamp.core.policy import Policy, Reminding
from threatstamp.core.time import SECOND, Micros
from threatstamp.desk.cases.reminding import remind_of_cases
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.store import SqlStore, open_store
from threatstamp.store.tables.cases import cases

BARE = "reading them all"
DAY = date(2026, 10, 14)


def run(*, quick: bool) -> None:
    """Prints what each takes, and how much more ten times as many cases take."""
    sizes = (200, 2_000) if quick else (1_000, 10_000)
    taken = {size: _measure(size) for size in sizes}
    small, large = (taken[size] for size in sizes)
    for name in small:
        few, many = (f"{one[name][0] * 1e3:.1f} ms ({one[name][1] * 1e3:.1f} CPU)" for one in (small, large))
        print(
            f"agenda: {name}: {few} with {sizes[0]:,} open cases, {many} with {sizes[1]:,}"
            f" (× {large[name][1] / small[name][1]:.1f}; × {large[name][1] / large[BARE][1]:.2f} of {BARE})",
            flush=True,
        )


def _measure(size: int) -> dict[str, tuple[float, float]]:
    """Returns seconds by the clock and of the CPU, medians of fifteen."""
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
            states = tuple(one for one in CaseState if one not in CLOSED)
            found: dict[str, Callable[[], object]] = {
                BARE: lambda: list(read.cases.every(states=states)),
                "the morning line's cases": lambda: read.cases.agenda(team, DAY, now=Micros(1), limit=5),
                "a page of reminders": lambda: read.cases.due(team, until=DAY, after=0, limit=100),
            }
            taken = {name: _median([_taken(act) for _ in range(15)]) for name, act in found.items()}
        days = [_morning(store, team, day) for day in range(5)]
        store.close()
    return {**taken, "the whole morning line": _median(days)}


def _morning(store: SqlStore, team: TeamId, day: int) -> tuple[float, float]:
    """Says the line of one morning, from the look at the clock to the rendered message, with a fake Slack."""
    clock = FakeClock(round(datetime(2026, 10, 14, tzinfo=UTC).timestamp() + 7 * day * 86_400) * SECOND)
    slack, room = FakeSlack(clock), ChannelId("C0ROOM")
    policy = Policy(
        team=team,
        me=UserId("U0ME"),
        sources=frozenset(),
        routes=(),
        reminding=Reminding(channel=room, at=at_time(0)),
    )
    tools = tools_of(policy, store=store, slack=slack, clock=clock)
    deliver = Deliver(tools, departings(tools))

    def say() -> None:
        assert remind_of_cases(tools)  # each Wednesday
        while deliver.one():
            clock.time += SECOND
        assert slack.messages

    return _taken(say)


def _median(taken: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(one for one, _ in taken), statistics.median(one for _, one in taken)


def _taken(act: Callable[[], object]) -> tuple[float, float]:
    began, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - began, time.process_time() - cpu
