"""`sweep` and `poll`: the same desk for one pass. It works by claims, beside any number of `run`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from threatstamp.app.clock import SystemClock
from threatstamp.app.desk import Desk
from threatstamp.app.patience import patiently
from threatstamp.app.seams import Seams
from threatstamp.app.workspace import open_calls, open_workspace, whoami
from threatstamp.config.secrets import Secret
from threatstamp.config.settings import Settings
from threatstamp.core.news.entry import Fetched
from threatstamp.core.news.feed import FeedClaim, Request
from threatstamp.core.time import SECOND
from threatstamp.desk.news.gather import Gathered
from threatstamp.desk.ports.feeds import Fetching
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Timing
from threatstamp.desk.stamps.sweep import Swept

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
    store: Store,
    days: float,
    forward_existing: bool,
    timing: Timing | None = None,
    watch: Watch | None = None,
) -> tuple[Swept, int, int]:
    """Sweeps and delivers; returns what it did, how many stamps it released, and what is still owed."""
    watch = watch or Unwatched()
    desk = _open_desk(settings, token, store=store, timing=timing or Timing(), watch=watch)
    channels = len(desk.tools.policy.sources)
    swept = desk.sweep(days=days, report=lambda swept: watch.looked(swept, channels=channels))
    released = desk.again.existing() if forward_existing else 0
    desk.tend()
    return swept, released, _deliver_all(desk, watch)


def poll_once(
    settings: Settings,
    token: Secret,
    *,
    store: Store,
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


def _open_desk(settings: Settings, token: Secret, *, store: Store, timing: Timing, watch: Watch) -> Desk:
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
            seams=Seams(fetching=lambda fetching: _Counted(fetching, watch)),
            on_channels=_nobody_listens,
        )

    desk = patiently(open_desk, wait=clock.wait, tries=BINDING_TRIES)
    assert desk is not None  # nobody asks this clock to end
    desk.meet()
    return desk


def _deliver_all(desk: Desk, watch: Watch) -> int:
    """Delivers until nothing is owed, waiting for each destination's pace; returns what is left.

    It goes on for as long as something goes out, and gives up after PATIENCE without.
    """
    store, clock = desk.tools.store, desk.tools.clock
    until = clock.steady() + PATIENCE
    left = _owed(store)
    watch.delivering(left)
    while clock.steady() < until:
        while desk.deliver.one():
            watch.delivering(_owed(store))
        now = clock.now()
        due = store.next_due(now=now)
        if due is None:
            return 0
        still = _owed(store)
        if still < left:
            left, until = still, clock.steady() + PATIENCE
        wait = (due - now) / SECOND
        if clock.steady() + wait > until:
            break
        clock.wait(min(max(wait, 0.01), LOOK_AGAIN))
    return _owed(store)


def _owed(store: Store) -> int:
    with store.reading() as read:
        return read.outbox.count()


def _nobody_listens() -> None:
    """A pass hears no events."""
