"""`sweep` and `poll`: the same desk for one pass. It works by claims, beside any number of `run`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from threatstamp.app.clock import SystemClock
from threatstamp.app.desk import Desk
from threatstamp.app.patience import patiently
from threatstamp.app.workspace import open_calls, open_workspace, whoami
from threatstamp.config.secrets import Secret
from threatstamp.config.settings import Settings
from threatstamp.core.entry import Fetched
from threatstamp.core.feed import FeedClaim, Request
from threatstamp.desk.gather import Gathered
from threatstamp.desk.ports import Fetching, Timing
from threatstamp.desk.sweep import Swept
from threatstamp.store import SqlStore

BINDING_TRIES = 5
LOOK_AGAIN = 0.5
"""Another process may be at work on what is owed, and end long before its lease does."""

PATIENCE = 60.0
"""How long a pass waits for what it owes to go out, before it leaves the rest to the next one."""


class Watch(Protocol):
    """Whoever waits for a pass, and is told how far it is."""

    def looked(self, swept: Swept, *, channels: int) -> None: ...
    def answered(self, count: int, *, feeds: int) -> None: ...
    def delivering(self, left: int) -> None: ...


class Unwatched:
    """Nobody waits."""

    def looked(self, swept: Swept, *, channels: int) -> None:
        pass

    def answered(self, count: int, *, feeds: int) -> None:
        pass

    def delivering(self, left: int) -> None:
        pass


class _Counted:
    """Feeds are asked as they would be, and each answer is counted for somebody who waits."""

    def __init__(self, fetching: Fetching, watch: Watch) -> None:
        self._fetching = fetching
        self._watch = watch

    def fetch_all(self, requests: Sequence[tuple[FeedClaim, Request]]) -> Iterator[tuple[FeedClaim, Fetched]]:
        self._watch.answered(0, feeds=len(requests))
        for count, answer in enumerate(self._fetching.fetch_all(requests), 1):
            self._watch.answered(count, feeds=len(requests))
            yield answer


def sweep_once(
    settings: Settings,
    token: Secret,
    *,
    store: SqlStore,
    days: float,
    forward_existing: bool,
    timing: Timing | None = None,
    watch: Watch | None = None,
) -> tuple[Swept, int, int]:
    """Sweeps and delivers; returns what it did, how many stamps it released, and what is still owed."""
    watch = watch or Unwatched()
    desk = _open_desk(settings, token, store=store, timing=timing or Timing(), watch=watch)
    desk.on_look = lambda swept: watch.looked(swept, channels=len(desk.policy.sources))
    swept = desk.sweep(days=days)
    released = desk.stamps.release_existing() if forward_existing else 0
    desk.tend()
    return swept, released, _deliver_all(desk, watch)


def poll_once(
    settings: Settings,
    token: Secret,
    *,
    store: SqlStore,
    timing: Timing | None = None,
    watch: Watch | None = None,
) -> tuple[Gathered, int]:
    """Asks all feeds, whatever their interval, and delivers; returns what it did, and what is still owed."""
    watch = watch or Unwatched()
    desk = _open_desk(settings, token, store=store, timing=timing or Timing(), watch=watch)
    try:
        gathered = desk.poll(due_only=False)
        desk.tend()
        return gathered, _deliver_all(desk, watch)
    finally:
        desk.close()


def _open_desk(settings: Settings, token: Secret, *, store: SqlStore, timing: Timing, watch: Watch) -> Desk:
    clock = SystemClock()
    calls = open_calls(settings, token, timing=timing)
    workspace = open_workspace(settings, calls, who=whoami(calls), clock=clock)

    def open_desk() -> Desk:
        return Desk(
            settings=settings,
            store=store,
            workspace=workspace,
            clock=clock,
            timing=timing,
            wrap_fetching=lambda fetching: _Counted(fetching, watch),
        )

    desk = patiently(open_desk, wait=clock.wait, tries=BINDING_TRIES)
    assert desk is not None  # nobody asks this clock to end
    desk.meet()
    return desk


def _deliver_all(desk: Desk, watch: Watch) -> int:
    """Delivers until nothing is owed, waiting for each destination's pace; returns what is left.

    It goes on for as long as something goes out, and gives up after PATIENCE without.
    """
    until = desk.clock.steady() + PATIENCE
    left = desk.store.owed_count()
    watch.delivering(left)
    while desk.clock.steady() < until:
        while desk.deliver.one():
            watch.delivering(desk.store.owed_count())
        now = desk.clock.now()
        due = desk.store.next_due(now=now)
        if due is None:
            return 0
        still = desk.store.owed_count()
        if still < left:
            left, until = still, desk.clock.steady() + PATIENCE
        wait = (due - now) / 1_000_000
        if desk.clock.steady() + wait > until:
            break
        desk.clock.wait(min(max(wait, 0.01), LOOK_AGAIN))
    return desk.store.owed_count()
