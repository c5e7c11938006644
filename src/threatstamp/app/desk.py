"""The desk as one thing: its steps, wired to the store and to Slack. It starts nothing by itself."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import replace

from threatstamp.app.couriers import Couriers
from threatstamp.app.fetching import LazyFetching
from threatstamp.app.kinds import departings
from threatstamp.app.seams import Seams
from threatstamp.app.vitals import holder_name
from threatstamp.app.workspace import bind
from threatstamp.config.settings import Settings
from threatstamp.core.ids import FeedName
from threatstamp.core.time import later
from threatstamp.desk.news.gather import Gather, Gathered
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.ports.slack import Page
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Clock, Timing
from threatstamp.desk.ports.tools import PolicyInForce, Tools
from threatstamp.desk.stamps.again import JudgeAgain
from threatstamp.desk.stamps.sweep import Sweep, Swept
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.desk.troubles.tell import find_troubles, tell_head, tell_troubles
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.intake import Intake

log = logging.getLogger(__name__)

SWEPT_DAYS = 3.0
KEPT_DAYS = SWEPT_DAYS + 1
"""Days that looks are kept: no sweep goes further back, so no late event needs older ones."""

FAILED_DAYS = 30.0
DAY_SECONDS = 86_400.0


class Desk:
    """Everything that works on one database and one workspace.

    on_channels: called when a channel changed in a way that the policy may care for.
    Raises SlackError while the names of the file cannot be looked up.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        workspace: SlackWorkspace,
        clock: Clock,
        timing: Timing,
        seams: Seams,
        on_channels: Callable[[], None],
    ) -> None:
        self.settings = settings
        self.workspace = workspace
        self._sweeping = threading.Lock()
        self._gathering = threading.Lock()
        self.swept = threading.Event()
        """Set after each sweep."""
        self.tools = tools = Tools(
            store=seams.store(store),
            workspace=seams.workspace(workspace),
            clock=clock,
            timing=replace(timing, pace=settings.slack.pace),
            holder=holder_name(),
            in_force=PolicyInForce(bind(settings, workspace)),
        )
        self.deliver = Deliver(tools, departings(tools))
        self.couriers = Couriers(self.deliver, tools)
        self.stamps = TakeStamps(tools)
        self.again = JudgeAgain(tools, self.stamps)
        self._fetching = LazyFetching(settings.fetch.allow_private)
        self._gather = Gather(
            tools,
            seams.fetching(self._fetching),
            chance=random.random,
            wake=self.couriers.wake,
            report=_log_error,
        )
        self.intake = Intake(
            tools,
            stamps=self.stamps,
            workspace=workspace,
            couriers=self.couriers,
            on_channels=on_channels,
        )

    def meet(self) -> bool:
        """Notes what is new in the policy; True if something needs a first look."""
        # Slack's clock counts: with ours ahead, stamps of the last seconds would seem to be from before
        since = later(self.tools.clock.now(), min(self.workspace.calls.skew, 0))
        return bool(meet(self.tools, since=since))

    def adopt(self, settings: Settings) -> bool:
        """Takes over a changed file's sources and routes; True if something needs a first look."""
        policy = bind(settings, self.workspace)
        self._fetching.allow(settings.fetch.allow_private)
        self.settings, self.tools.in_force.now = settings, policy
        return self.meet()

    def sweep(self, *, days: float = SWEPT_DAYS, report: Callable[[Swept], None] | None = None) -> Swept:
        """One pass over the sources; a second one waits for the first. report: told how far it is."""
        with self._sweeping:
            swept = Sweep(self.tools, take=self._take_page, report=report).run(days=days)
        self.couriers.wake()
        self.swept.set()
        log.info("swept %d channels: %d posts, %d new turns", swept.channels, swept.posts, swept.turns)
        return swept

    def _take_page(self, page: Page, shared: bool) -> int:
        return self.stamps.page(page, shared=shared)

    def poll(self, *, due_only: bool) -> Gathered:
        """One round of the feeds; a second one waits for the first."""
        with self._gathering:
            gathered = self._gather.round(due_only=due_only)
        if gathered.asked:
            log.info("asked %d feeds: %d new entries", gathered.asked, gathered.new)
        return gathered

    def close(self) -> None:
        """Ends what is under way towards feeds; the rest is ended by those who began it."""
        self._fetching.close()

    def tend(self) -> None:
        """What is looked after every few seconds: the inbox, those who wait, what an operator must know."""
        tools = self.tools
        now = tools.clock.now()
        if tools.store.is_calm(now=now, late_before=later(now, -tools.timing.late)):
            return
        owed = self.intake.scan() > 0
        owed = self.again.waiting() or owed
        find_troubles(tools)
        owed = tell_troubles(tools) or owed
        if owed:
            self.couriers.wake()

    def tidy(self) -> None:
        """What is looked after once a day: what need not be kept, and the ledger's head for safe keeping."""
        now = self.tools.clock.now()
        self.tools.store.purge(
            looks_before=later(now, -KEPT_DAYS * DAY_SECONDS),
            failed_before=later(now, -FAILED_DAYS * DAY_SECONDS),
        )
        if tell_head(self.tools):
            self.couriers.wake()


def _log_error(feed: FeedName, error: Exception) -> None:
    log.error("what feed %s brought could not be recorded", feed, exc_info=error)
