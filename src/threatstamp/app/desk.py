"""The desk: its steps, wired to the store and to Slack. It starts no threads and opens no connection."""

from __future__ import annotations

import contextlib
import logging
import random
import threading
from collections.abc import Callable
from dataclasses import replace

from threatstamp.app.calls import zone_named
from threatstamp.app.couriers import CourierThreads
from threatstamp.app.fetching import LazyFetching
from threatstamp.app.kinds import departings
from threatstamp.app.matching import LoreInForce
from threatstamp.app.naming import KnownNames
from threatstamp.app.seams import Seams
from threatstamp.app.suggesting import Suggesting
from threatstamp.app.vitals import holder_name
from threatstamp.app.workspace import bind
from threatstamp.config.settings import Settings
from threatstamp.core import signs
from threatstamp.core.cases.call import Member
from threatstamp.core.errors import FactsError, is_about_one
from threatstamp.core.ids import ChannelId, FeedName
from threatstamp.core.outbox.departure import Departure
from threatstamp.core.time import DAY, Micros, later
from threatstamp.desk.cases.act import Acting
from threatstamp.desk.cases.briefing import BriefClock
from threatstamp.desk.cases.calling import Calling
from threatstamp.desk.cases.calls_by_clock import erase_answers, tend_calls
from threatstamp.desk.cases.clock import CaseClock
from threatstamp.desk.cases.reminding import remind_of_cases
from threatstamp.desk.cases.steps import StepClock
from threatstamp.desk.news.daily import PostRelevant
from threatstamp.desk.news.gather import Gather, Gathered
from threatstamp.desk.outbox.deliver import Deliver
from threatstamp.desk.outbox.search import read_gap
from threatstamp.desk.policy.meet import meet
from threatstamp.desk.ports.roles import may_act
from threatstamp.desk.ports.slack import Page
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Clock, Timing
from threatstamp.desk.ports.tools import PolicyInForce, Tools
from threatstamp.desk.priority.assess import AssessStories
from threatstamp.desk.priority.exposing import Exposing
from threatstamp.desk.record.retain import empty_old_posts
from threatstamp.desk.stamps.addressing import address_forwards
from threatstamp.desk.stamps.again import JudgeAgain
from threatstamp.desk.stamps.sweep import Sweep, Swept
from threatstamp.desk.stamps.take import TakeStamps
from threatstamp.desk.troubles.tell import find_troubles, tell_head, tell_troubles
from threatstamp.slack.audience import audience
from threatstamp.slack.client import SlackWorkspace
from threatstamp.slack.intake import Intake
from threatstamp.store.facts import FactLookup

log = logging.getLogger(__name__)

SWEPT_DAYS = 3.0
"""How far a sweep looks back, in days."""

LOOKS_KEPT = 4 * DAY
"""A look is needed while an event from its time may still arrive. Slack repeats an event for about an hour
(https://docs.slack.dev/apis/events-api/#retries), and the inbox gives it up minutes later. The turns that
were derived from a look are kept for ever."""

FAILED_KEPT = 30 * DAY
"""How long a failed event is kept for an operator: it contains personal data."""


class Desk:
    """All steps of one process, on one database and one workspace.

    on_channels: called when a channel was renamed, archived, shared and the like, so that the names in the
    settings have to be resolved again. Raises SlackError while names cannot be resolved.
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
        self.settings, self.workspace = settings, workspace
        self._sweeping, self._gathering = threading.Lock(), threading.Lock()
        self.swept = threading.Event()
        """Set after each sweep."""
        self.tools = tools = Tools(
            store=seams.store(store),
            workspace=seams.workspace(workspace),
            clock=clock,
            timing=replace(timing, pace=settings.slack.pace),
            holder=holder_name(),
            in_force=PolicyInForce(bind(settings, workspace)),
            facts=(facts := _lookup(settings)),
            products_of=KnownNames().products_of,
            audience_of=self._audience,
        )
        self._facts, lore = facts, LoreInForce(lambda: self.settings)
        self._assess = AssessStories(tools, loads=facts.last_loads, lore=lore, spoke=facts.first_read)
        self._steps, self._briefs = StepClock(tools), BriefClock(tools)
        self._clock = CaseClock(tools, changes=facts.changes)
        with store.reading() as read:
            self.deliver = Deliver(tools, departings(tools), report=_log_departure, gap=read_gap(read))
        self.couriers = CourierThreads(self.deliver, tools)
        self.stamps, self.cases = TakeStamps(tools), Acting(tools)
        self.again = JudgeAgain(tools, self.stamps, odd=_log_odd)
        self._fetching = LazyFetching(settings.fetch.allow_private)
        self._gather = self._gather_with(seams)
        self.exposing = Exposing(tools, may_act=lambda user: may_act(tools, user))
        self.calling = Calling(tools, suggest=Suggesting(tools, lore).of)
        self.intake = self._intake_with(on_channels)

    def _intake_with(self, on_channels: Callable[[], None]) -> Intake:
        return Intake(
            self.tools,
            stamps=self.stamps,
            cases=self.cases,
            calling=self.calling,
            exposing=self.exposing,
            workspace=self.workspace,
            couriers=self.couriers,
            on_channels=on_channels,
        )

    def _audience(self, channel: ChannelId) -> tuple[Member, ...]:
        return audience(self.workspace.calls, channel, now=self.tools.clock.now())

    def _gather_with(self, seams: Seams) -> Gather:
        return Gather(
            self.tools,
            seams.fetching(self._fetching),
            chance=random.random,
            wake=self.couriers.wake,
            report=_log_error,
        )

    def meet(self) -> bool:
        """Puts the policy into effect; True if a route or source needs a first sweep."""
        needs_look = bool(meet(self.tools))
        if address_forwards(self.tools):
            self.couriers.wake()
        return needs_look

    def adopt(self, settings: Settings) -> bool:
        """Puts changed settings into effect; True if a route or source needs a first sweep.

        Raises SlackError, having changed nothing, while names cannot be resolved.
        """
        policy = bind(settings, self.workspace)
        self._fetching.allow(settings.fetch.allow_private)
        self._facts.ranking = settings.facts.scores
        self.settings, self.tools.in_force.now = settings, policy
        return self.meet()

    def sweep(self, *, days: float = SWEPT_DAYS, report: Callable[[Swept], None] | None = None) -> Swept:
        """Sweeps the sources once. A second sweep waits for the first: overlapping ones could contradict.

        days: how far back. report: called with the progress.
        """
        with self._sweeping:
            sweep = Sweep(
                self.tools,
                take=self._take_page,
                remember=self.stamps.remember,
                report=report,
                odd=_log_odd,
            )
            swept = sweep.run(days=days)
        self.couriers.wake()
        self.swept.set()
        log.info(
            "swept channels: %d, posts: %d, new stamps and withdrawals: %d",
            swept.channels,
            swept.posts,
            swept.turns,
        )
        return swept

    def _take_page(self, page: Page, shared: bool) -> int:
        return self.stamps.page(page, shared=shared)

    def poll(self, *, due_only: bool, insist: bool = False) -> Gathered:
        """Polls the feeds once; a second round waits for the first.

        due_only: only the feeds that are due. insist: also those that a back-off holds back.
        """
        with self._gathering:
            gathered = self._gather.round(due_only=due_only, insist=insist)
        if gathered.asked:
            log.info("polled %d feeds: %d new entries", gathered.asked, gathered.new)
        return gathered

    def assess(self) -> None:
        """Assesses the stories whose priority may be another one now. Nobody waits for it."""
        with contextlib.suppress(FactsError):  # said where a message goes out without facts
            count = self._assess.run()
            if count:
                log.info("priorities of stories that are new or changed: %d", count)
        has_posted = PostRelevant(self.tools).run()
        if self.exposing.ask() or has_posted:
            self.couriers.wake()

    def look_again(self, since: Micros) -> None:
        """Has the next `assess` look at stories again that were told since then."""
        self._assess.look_again(since)

    def watch_cases(self) -> None:
        """Reminds of accepted risks, and reopens what is over or has become graver."""
        changed = self._briefs.run()
        if self._clock.run() or changed:
            self.couriers.wake()

    def end_fetching(self) -> None:
        """Ends requests to feeds at once."""
        self._fetching.close()

    def close(self) -> None:
        """Ends requests to feeds, and looks at facts, once no thread needs them any more.

        Everything else is closed by whoever opened it.
        """
        self._fetching.close()
        self._facts.close()

    def tend(self) -> None:
        """Housekeeping of every few seconds: events left in the inbox, waiting stamps, troubles."""
        tools = self.tools
        now = tools.clock.now()
        if tools.store.is_calm(now=now, late_before=later(now, -tools.timing.late)):
            return
        owed = _all_of(
            lambda: self.intake.scan() > 0,
            self.again.waiting,
            lambda: address_forwards(tools),
            lambda: find_troubles(tools),
            lambda: tell_troubles(tools),
        )
        if owed:
            self.couriers.wake()

    def remind(self) -> None:
        """Says once a working day what there is to say of cases; calls remind people, and end."""
        ordered = remind_of_cases(self.tools)
        ordered = self._steps.run() or ordered
        if tend_calls(self.tools, zones=zone_named) or ordered:
            self.couriers.wake()

    def tidy(self) -> None:
        """Housekeeping of once a day: deletes what is kept no longer, and posts the ledger's head."""
        now = self.tools.clock.now()
        self.tools.store.purge(looks_before=Micros(now - LOOKS_KEPT), failed_before=Micros(now - FAILED_KEPT))
        if tell_head(self.tools):
            self.couriers.wake()
        erased = erase_answers(self.tools)
        if erased:
            log.info("who answered %d update calls is kept no longer", erased)
        emptied = empty_old_posts(self.tools)
        if emptied:
            log.info("the texts of %d entries are kept no longer", emptied)
        with self.tools.store.transaction() as tx:
            tx.vitals.put(signs.TIDIED, str(now), now=now)

    def tidy_daily(self) -> bool:
        """The same if nobody did it for a day; True then. A desk that only cron runs has no schedules."""
        with self.tools.store.reading() as read:
            last = read.vitals.get(signs.TIDIED)
        if last is not None and self.tools.clock.now() - int(last) < DAY:
            return False
        self.tidy()
        return True


def _lookup(settings: Settings) -> FactLookup:
    return FactLookup(settings.database, report=_log_facts, keep=True, ranking=settings.facts.scores)


def _log_departure(departure: Departure, error: Exception) -> None:
    log.error("#%d, a %s, cannot be delivered", departure.id, departure.kind.name, exc_info=error)


def _all_of(*parts: Callable[[], bool | None]) -> bool:
    """Does each part, though one fails for a fault of ours; True if any of them did something."""
    done = False
    for part in parts:
        try:
            done = bool(part()) or done
        except Exception as error:
            if not is_about_one(error):
                raise
            log.exception("a part of the housekeeping failed")
    return done


def _log_odd(what: str, error: Exception) -> None:
    log.error("%s could not be taken, and the rest goes on without it", what, exc_info=error)


def _log_error(feed: FeedName, error: Exception) -> None:
    log.error("what feed %s brought could not be recorded", feed, exc_info=error)


def _log_facts(error: FactsError | None) -> None:
    if error is None:
        log.info("facts about vulnerabilities can be read again")
    else:
        log.warning("facts about vulnerabilities cannot be read, and messages go out without them: %s", error)
