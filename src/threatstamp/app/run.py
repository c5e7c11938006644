"""`run`: the whole desk in one process, until a signal."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping

from threatstamp.app.clock import SystemClock
from threatstamp.app.desk import Desk
from threatstamp.app.facts_by_clock import FactsByClock
from threatstamp.app.facts_for_news import EVERY as ASK
from threatstamp.app.facts_for_news import FactsForNews
from threatstamp.app.following import SettingsFollower
from threatstamp.app.health import Health, Signs
from threatstamp.app.journal import Journal
from threatstamp.app.line import Line, events_source
from threatstamp.app.loops import Chore, ChoreThread, Loop, Pulse, safely
from threatstamp.app.monitoring import Monitoring
from threatstamp.app.outage import Outage
from threatstamp.app.patience import patiently
from threatstamp.app.schedules import Schedules
from threatstamp.app.seams import NO_SEAMS, Seams
from threatstamp.app.shadow import open_agreed
from threatstamp.app.spreadsheet import EVERY, spreadsheet_of
from threatstamp.app.tabs import tabs_or_none
from threatstamp.app.ticketing import EVERY as LOOK_FOR_TICKETS
from threatstamp.app.ticketing import Ticketing
from threatstamp.app.vitals import ProcessVitals
from threatstamp.app.workspace import open_calls, open_workspace, sign_in, whoami
from threatstamp.config.secrets import Secrets
from threatstamp.config.settings import Settings
from threatstamp.core.errors import StoreError
from threatstamp.core.time import Micros
from threatstamp.desk.policy.shadow import begin_shadow, leave_shadow
from threatstamp.desk.ports.time import Timing
from threatstamp.desk.views.running import NO_EVENTS
from threatstamp.engine import Engine, Schedule
from threatstamp.slack.calls import Calls
from threatstamp.slack.http import HttpEvents
from threatstamp.slack.socket import Socket
from threatstamp.store import SqlStore
from threatstamp.store.connection import sqlite_path
from threatstamp.texts.catalogue import Texts

log = logging.getLogger(__name__)

TICK = 2.0
"""Seconds between two checks which chores are due. So are all of the following."""

WRITE_VITALS = 15.0
ASSESS = 30.0
HEARTBEAT = 300.0
REMIND = 20.0

ENDING = 6.5
"""What all waits for what is ending may last together: `run` ends within ten, with a farewell in time."""


def open_run(
    *,
    settings: Settings,
    secrets: Secrets,
    ended: threading.Event | None = None,
    timing: Timing | None = None,
    schedules: bool = True,
    shadow: bool = False,
    seams: Seams = NO_SEAMS,
    texts: Texts | None = None,
) -> Run | None:
    """Opens the database and connects to Slack; returns a `Run` that is ready to start.

    While Slack cannot be reached it waits; None if `ended` is set meanwhile. ended: set by a signal handler.
    schedules: False leaves out the engine, for tests. shadow: nothing is said in Slack. texts: of the log.
    Raises StoreError; ShadowError; SlackError if Slack refuses the token.
    """
    assert secrets.bot_token is not None
    clock, rebind = SystemClock(ended or threading.Event()), threading.Event()
    timing, texts = timing or Timing(), texts or Texts(settings.language)
    settings, store = open_agreed(settings, Journal(texts), in_shadow=shadow, now=clock.now())
    calls = open_calls(settings, secrets.bot_token, timing=timing, clock=clock)
    desk = _open_desk(
        settings, store=store, calls=calls, clock=clock, timing=timing, seams=seams, on_channels=rebind.set
    )
    if desk is None:
        store.close()
        return None
    return Run(
        desk,
        settings=settings,
        store=store,
        calls=calls,
        secrets=secrets,
        clock=clock,
        rebind=rebind,
        schedules=schedules,
        texts=texts,
    )


def _open_desk(
    settings: Settings,
    *,
    store: SqlStore,
    calls: Calls,
    clock: SystemClock,
    timing: Timing,
    seams: Seams,
    on_channels: Callable[[], None],
) -> Desk | None:
    """Finds out who we are in Slack, and what the names in the settings mean; None if it has to end first."""
    who = patiently(lambda: whoami(calls), wait=clock.wait)
    if who is None:
        return None

    known = sign_in(store, who, now=clock.now())
    # one workspace for all attempts: it keeps what it has read of long lists
    workspace = open_workspace(settings, calls, who=who, clock=clock, known=known)

    def ask() -> Desk:
        return Desk(
            settings=tabs_or_none(settings, store),
            store=store,
            workspace=workspace,
            clock=clock,
            timing=timing,
            seams=seams,
            on_channels=on_channels,
        )

    return patiently(ask, wait=clock.wait)


class Run:
    """A running desk. `start` returns once all threads run; `close` ends them within ten seconds.

    settings: what the file says, and putting it in force. rebind: set when the names in it have to be
    resolved again.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        settings: Settings,
        store: SqlStore,
        calls: Calls,
        secrets: Secrets,
        clock: SystemClock,
        rebind: threading.Event,
        schedules: bool,
        texts: Texts,
    ) -> None:
        self.desk, self.store, self.ended = desk, store, clock.ended
        self.vitals = ProcessVitals(started_at=clock.now(), mode=settings.slack.mode, shadow=store.is_silent)
        self._tools, self._texts, self._clock = desk.tools, texts, clock
        self._polled_all = False
        self._sweeps = Loop("a sweep", desk.sweep, clock=clock)
        self._polls = Loop("a round of the feeds", self._poll, clock=clock)
        self._priorities = Loop("the priorities of stories", desk.assess, clock=clock)
        self.settings = SettingsFollower(
            desk, settings, rebind, sweeps=self._sweeps, polls=self._polls, in_shadow=store.is_silent
        )
        self.spreadsheet = spreadsheet_of(desk, of_file=lambda: self.settings.of_file, on_tabs=rebind.set)
        self.ticketing = Ticketing(desk)
        self._facts, self._new_cves = self._looks_at_facts()
        self._writing = Chore(name="a sign of life", every=WRITE_VITALS, act=self._write_vitals)
        self._outage = Outage(self._tools, on_end=self._go_on)
        self._line = Line(
            desk.tools, self.vitals, texts=texts, ended=self.ended, on_change=self._writing.request
        )
        self._beating = Chore(name="the heartbeat", every=HEARTBEAT, act=self._beat)
        self._chores = ChoreThread(self._all_chores(), clock=clock, tick=TICK)
        self._events = self._source(calls, secrets)
        self._engine = self._schedules() if schedules else None
        self.signs = Signs(began_at=clock.steady())
        self._scheduled = Schedules(desk.tools, self.signs)
        self.health = self._health()
        self.monitoring = self._monitoring()

    @property
    def refused(self) -> str:
        """Slack's code, if it refused the app token from the beginning: then the process has ended."""
        return self._line.refused

    @property
    def is_displaced(self) -> bool:
        """True if another process has begun the shadow since, or ended it: then this one has ended."""
        return self.vitals.is_displaced

    @property
    def _loops(self) -> tuple[Loop, ...]:
        return (self._sweeps, self._polls, self._facts, self._new_cves, self._priorities)

    def _assess_again(self, since: Micros) -> None:
        self.desk.look_again(since)
        self._priorities.request()

    def _looks_at_facts(self) -> tuple[FactsByClock, FactsForNews]:
        store, clock, desk = self.store, self._clock, self.desk
        return (
            FactsByClock(store, clock, settings=lambda: desk.settings),
            FactsForNews(store, clock, settings=lambda: desk.settings, on_found=self._assess_again),
        )

    def _all_chores(self) -> tuple[Chore, ...]:
        return (
            Chore(name="reading the file again", every=TICK, act=self.settings.follow),
            Chore(name="housekeeping", every=TICK, act=self.desk.tend),
            Chore(name="watching the database", every=TICK, act=self._watch_store),
            Chore(name="watching the connection", every=self._watch_every(), act=self._line.watch),
            Chore(name="reminders of cases and calls", every=REMIND, act=self.desk.remind),
            Chore(name="looking for something to assess", every=ASSESS, act=self._priorities.request),
            Chore(name="looking for new CVEs", every=ASK, act=self._new_cves.request),
            Chore(name="watching decided cases", every=ASSESS, act=self.desk.watch_cases),
            Chore(name="looking for something to copy", every=EVERY, act=self.spreadsheet.request),
            Chore(name="looking for tickets", every=LOOK_FOR_TICKETS, act=self.ticketing.request),
            self._writing,
            self._beating,
        )

    def _watch_every(self) -> float:
        return WRITE_VITALS if self.vitals.mode == NO_EVENTS else TICK  # what others write, or what is here

    def _source(self, calls: Calls, secrets: Secrets) -> Socket | HttpEvents | None:
        made = events_source(
            self.desk.settings,
            secrets,
            calls=calls,
            clock=self._clock,
            take=self._take,
            on_connect=self._sweeps.request,  # events of the interruption may be lost
            on_state=self._line.note,
            patience=self._tools.timing.reconnect,
        )
        if isinstance(made, Socket):
            self._line.recount = made.recount
        return made

    def _monitoring(self) -> Monitoring:
        slack = self._events.answer if isinstance(self._events, HttpEvents) else None
        return Monitoring(self.desk, self.health, vitals=self.vitals, texts=self._texts, slack=slack)

    def _schedules(self) -> Engine:
        settings = self.desk.settings
        schedules = (
            # sweeps and rounds run in their own threads, so that a slow one does not hold up the engine
            Schedule(name="threatstamp_sweep", cron="*/30 * * * *", act=self._sweeps.request),
            Schedule(name="threatstamp_poll", cron="* * * * *", act=self._poll_by_schedule),
            Schedule(name="threatstamp_facts", cron="*/5 * * * *", act=self._facts.request),
            Schedule(name="threatstamp_tidy", cron="17 3 * * *", act=self._tidy),
        )
        return Engine(settings.database, schedules, zone=settings.timezone.key)

    def _health(self) -> Health:
        return Health(
            signs=self.signs,
            clock=self._clock,
            ended=self.ended,
            pulses=self._pulses,
            connection=(lambda: self.vitals.socket) if self._events is not None else None,
            cannot_write=lambda: self._outage.is_on,
            file=sqlite_path(self.desk.settings.database),
        )

    def _pulses(self) -> tuple[Pulse, ...]:
        found = [
            *(loop.pulse() for loop in self._loops),
            self._chores.pulse(),
            self.ticketing.pulse(),
            *self.desk.couriers.pulses(),
        ]
        if isinstance(self._events, Socket):
            found.append(Pulse(name="socket", is_alive=self._events.is_watched))
        elif self._events is not None:
            found.append(Pulse(name="web", is_alive=self.monitoring.is_serving))
        return tuple(found)

    def start(self) -> None:
        """Puts the policy into effect and starts every thread. Raises StoreError; PolicyError for `listen`.

        First contacts are noted before events are taken, so that each finds them on record.
        """
        self.monitoring.start()
        if self.vitals.shadow:
            begin_shadow(self._tools)
        elif leave_shadow(self._tools):
            log.info(self._texts("shadow.left"))
        self.desk.meet()
        self._write_vitals()
        self.desk.couriers.start()
        if self._events is not None:
            self._events.start()
        self._sweeps.request()
        self._polls.request()
        for loop in self._loops:
            loop.start()
        self.spreadsheet.start()
        self.ticketing.start()
        self._chores.start()
        if self._engine is not None:
            self._engine.start()
            self._scheduled.expect()
        self.signs.is_started = True

    def close(self) -> None:
        """Ends everything in order: first no event is taken any more, then the work in progress.

        What does not end in time is abandoned, as after a crash: it is in the database, and is found again.
        """
        until = self._clock.steady() + ENDING

        def left(most: float) -> float:
            return max(0.0, min(most, until - self._clock.steady()))

        self.ended.set()
        for loop in self._loops:
            loop.end()
        self.spreadsheet.close()
        self.ticketing.close()
        self.monitoring.close()
        if self._events is not None:
            self._events.close(left(2.0))
        self.desk.end_fetching()
        self.desk.intake.close()
        self.desk.couriers.close(left(3.0))
        if self._engine is not None:
            self._engine.close(left(1.0))
        self._join(left)
        try:
            self.vitals.say_goodbye(self._tools)
        except StoreError as error:
            log.warning("while ending: %s", error)
        self.desk.close()
        self.store.close()

    def _join(self, left: Callable[[float], float]) -> None:
        for loop in self._loops:
            loop.join(left(0.5))
        self.spreadsheet.join(left(0.5))
        self.ticketing.join(left(0.5))
        self._chores.join(left(0.5))

    def _take(self, body: Mapping[str, object]) -> Mapping[str, object] | None:
        try:
            answer = self.desk.intake.take(body)
        except StoreError as error:  # not acknowledged; Slack may send it again, and a sweep will find it
            self._outage.note(error)
            raise
        is_first, self.vitals.last_event_at = self.vitals.last_event_at is None, self._clock.now()
        if is_first:
            self._writing.request()  # whoever tries the desk looks at `status` at once
        return answer

    def _poll(self) -> None:
        """Polls the feeds that are due; in the first round all of them."""
        self.desk.poll(due_only=self._polled_all)
        self._polled_all = True

    def _poll_by_schedule(self) -> None:
        self._polls.request()
        safely("a note of the schedule", self._scheduled.note)

    def _write_vitals(self) -> None:
        try:
            if self.health.is_file_lost:
                raise StoreError(self._texts("status.health_file"))
            self.vitals.write(self._tools, host_ahead=self._clock.host_ahead)
            if self.vitals.is_displaced:
                self.ended.set()
            self._scheduled.look()
        except StoreError as error:
            self._outage.note(error)
            raise
        self.signs.written_at = self._clock.steady()
        self._outage.end()

    def _watch_store(self) -> None:
        """Tries to write every few seconds while the database cannot be written."""
        if self._outage.is_on or self.desk.intake.is_stranded:
            self._write_vitals()
            if self.desk.intake.is_stranded:  # nobody had noticed more than that
                self._go_on()

    def _go_on(self) -> None:
        """Takes up what waited while the database could not be written; a sweep finds what was not taken."""
        self.desk.intake.resume()
        self.desk.couriers.wake()
        self._sweeps.request()

    def _beat(self) -> None:
        if not self.monitoring.beat():
            self._beating.request()  # as soon as all is well again, not five minutes later

    def _tidy(self) -> None:
        self.desk.tidy()
        if self._engine is not None:
            self._engine.clean()
