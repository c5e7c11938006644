"""`sweep` and `poll`: the same desk for one pass. It works by claims, beside any number of `run`."""

from __future__ import annotations

from threatstamp.app.clock import SystemClock
from threatstamp.app.desk import Desk
from threatstamp.app.workspace import open_calls, open_workspace, whoami
from threatstamp.config.secrets import Secret
from threatstamp.config.settings import Settings
from threatstamp.core.departure import SETTLING
from threatstamp.desk.gather import Gathered
from threatstamp.desk.ports import Timing
from threatstamp.desk.sweep import Swept
from threatstamp.store import SqlStore

PATIENCE = 60.0
"""How long a pass waits for what it owes to go out, before it leaves the rest to the next one."""


def sweep_once(
    settings: Settings,
    token: Secret,
    *,
    store: SqlStore,
    days: float,
    forward_existing: bool,
    timing: Timing | None = None,
) -> tuple[Swept, int]:
    """Sweeps and delivers; returns what it did, and how many departures are still owed."""
    desk = _open_desk(settings, token, store=store, timing=timing or Timing())
    swept = desk.sweep(days=days)
    if forward_existing:
        desk.stamps.release_existing()
    desk.tend()
    return swept, _deliver_all(desk)


def poll_once(
    settings: Settings, token: Secret, *, store: SqlStore, timing: Timing | None = None
) -> tuple[Gathered, int]:
    """Asks all feeds, whatever their interval, and delivers; returns what it did, and what is still owed."""
    desk = _open_desk(settings, token, store=store, timing=timing or Timing())
    try:
        gathered = desk.poll(due_only=False)
        desk.tend()
        return gathered, _deliver_all(desk)
    finally:
        desk.close()


def _open_desk(settings: Settings, token: Secret, *, store: SqlStore, timing: Timing) -> Desk:
    clock = SystemClock()
    calls = open_calls(settings, token, timing=timing)
    workspace = open_workspace(settings, calls, who=whoami(calls), clock=clock)
    desk = Desk(settings=settings, store=store, workspace=workspace, clock=clock, timing=timing)
    desk.meet()
    return desk


def _deliver_all(desk: Desk) -> int:
    """Delivers until nothing is owed, waiting for each destination's pace; returns what is left.

    It goes on for as long as something goes out, and gives up after PATIENCE without.
    """
    until = desk.clock.steady() + PATIENCE
    left = desk.store.owed_count()
    while desk.clock.steady() < until:
        desk.couriers.drain()
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
        desk.clock.wait(min(max(wait, 0.01), SETTLING))
    return desk.store.owed_count()
