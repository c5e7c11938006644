"""The desk as one thing: its steps, wired to the store and to Slack."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from threatstamp.app.clock import SystemClock
from threatstamp.app.couriers import Couriers
from threatstamp.app.fetching import LazyFetching
from threatstamp.app.vitals import Vitals, holder_name
from threatstamp.app.workspace import bind
from threatstamp.config.settings import Settings
from threatstamp.core.ids import FeedName
from threatstamp.desk.alert import find_troubles, tell_head, tell_troubles
from threatstamp.desk.cases import Owing
from threatstamp.desk.deliver import Deliver
from threatstamp.desk.gather import Gather, Gathered
from threatstamp.desk.meet import meet
from threatstamp.desk.ports import Fetching, Store, Timing, Workspace
from threatstamp.desk.stamp import TakeStamps
from threatstamp.desk.sweep import Sweep, Swept
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.intake import Intake
from threatstamp.store import SqlStore

log = logging.getLogger(__name__)

DAYS = 3.0
DAY = 86_400_000_000


T = TypeVar("T")


def _itself(port: T) -> T:
    return port


def _log_error(feed: FeedName, error: Exception) -> None:
    log.error("what feed %s brought could not be recorded", feed, exc_info=error)


class Desk:
    """Everything that works on one database and one workspace. Starts nothing by itself."""

    def __init__(
        self,
        *,
        settings: Settings,
        store: SqlStore,
        workspace: SlackWorkspace,
        clock: SystemClock,
        timing: Timing,
        wrap_store: Callable[[Store], Store] = _itself,
        wrap_workspace: Callable[[Workspace], Workspace] = _itself,
        wrap_fetching: Callable[[Fetching], Fetching] = _itself,
    ) -> None:
        self.settings = settings
        self.store = store
        self.workspace = workspace
        self.clock = clock
        self.timing = replace(timing, pace=settings.slack.pace)
        self.vitals = Vitals(holder=holder_name(), started_at=clock.now())
        self.policy = bind(settings, workspace)
        self._sweeping = threading.Lock()
        self.swept = threading.Event()
        """Set after each sweep."""
        self.on_look: Callable[[Swept], None] = lambda _: None
        """Told how far a sweep is."""
        self._port = wrap_store(store)
        self._slack = wrap_workspace(workspace)
        self._fetcher = LazyFetching(settings.fetch.allow_private)
        self._wrap_fetching = wrap_fetching
        self._gathering = threading.Lock()
        self._make_steps()
        self.couriers = Couriers(self.deliver, store=self._port, clock=clock, timing=self.timing)
        self.gather.on_news = self.couriers.wake
        self.gather.on_error = _log_error
        self.intake = Intake(store=self._port, stamps=self.stamps, workspace=workspace, clock=clock)
        self.intake.on_owed = self._forward_at_once
        self.stamps.may_claim = self.couriers.is_free

    def _make_steps(self) -> None:
        policy, store, workspace, clock = self.policy, self._port, self._slack, self.clock
        timing, holder = self.timing, self.vitals.holder
        self.stamps = TakeStamps(
            policy=policy, store=store, workspace=workspace, clock=clock, timing=timing, holder=holder
        )
        self.deliver = Deliver(
            policy=policy, store=store, workspace=workspace, clock=clock, timing=timing, holder=holder
        )
        self.gather = Gather(
            policy=policy,
            store=store,
            workspace=workspace,
            fetching=self._wrap_fetching(self._fetcher),
            clock=clock,
            timing=timing,
            holder=holder,
            chance=random.random,
        )

    def _forward_at_once(self, owing: Owing) -> None:
        self.couriers.hand(owing.claims, since=owing.since)
        if owing.more:
            self.couriers.wake()

    def meet(self) -> bool:
        """Notes what is new in the policy; True if something wants a first look."""
        since = self.clock.now() + min(self.workspace.calls.skew, 0) * 1_000_000
        return bool(meet(self.policy, store=self.store, clock=self.clock, since=since))

    def adopt(self, settings: Settings) -> bool:
        """Takes over a changed file's sources and routes; True if something wants a first look."""
        policy = bind(settings, self.workspace)
        if settings.fetch.allow_private != self.settings.fetch.allow_private:
            self._fetcher.close()
            self._fetcher = LazyFetching(settings.fetch.allow_private)
            self.gather.fetching = self._wrap_fetching(self._fetcher)
        self.settings, self.policy = settings, policy
        self.stamps.policy = self.deliver.policy = self.gather.policy = policy
        return self.meet()

    def sweep(self, *, days: float = DAYS) -> Swept:
        """One pass over the sources; a second one waits for the first."""
        with self._sweeping:
            step = Sweep(
                policy=self.policy,
                store=self._port,
                workspace=self._slack,
                clock=self.clock,
                take=lambda page, shared: self.stamps.page(page, shared=shared),
            )
            step.on_look = self.on_look
            swept = step.run(days=days)
        self.vitals.last_sweep_at = self.clock.now()
        self.couriers.wake()
        self.swept.set()
        log.info("swept %d channels: %d posts, %d new turns", swept.channels, swept.posts, swept.turns)
        return swept

    def poll(self, *, due_only: bool) -> Gathered:
        """One round of the feeds; a second one waits for the first."""
        with self._gathering:
            gathered = self.gather.round(due_only=due_only)
        if gathered.asked:
            log.info("asked %d feeds: %d new entries", gathered.asked, gathered.new)
        return gathered

    def close(self) -> None:
        """Ends what is under way towards feeds; the rest is ended by those who began it."""
        self._fetcher.close()

    def tend(self) -> None:
        """What is looked after every few seconds: the inbox, those who wait, what an operator must know."""
        now = self.clock.now()
        if self.store.is_calm(now=now, late_before=now - round(self.timing.late * 1_000_000)):
            return
        owed = self.intake.scan() > 0
        owed = self.stamps.judge_again() or owed
        find_troubles(store=self.store, clock=self.clock, timing=self.timing)
        owed = tell_troubles(policy=self.policy, store=self.store, clock=self.clock) or owed
        if owed:
            self.couriers.wake()

    def tidy(self) -> None:
        """What is looked after once a day: what need not be kept, and the ledger's head for safe keeping."""
        now = self.clock.now()
        self.store.purge(before_sightings=now - round((DAYS + 1) * DAY), before_failed=now - 30 * DAY)
        with self.store.reading() as tx:
            last = next(iter(tx.entries(newest=True, limit=1)), None)
        if last is not None:
            tell_head(last.hash, last.sequence, policy=self.policy, store=self.store, clock=self.clock)
            self.couriers.wake()
