"""`run`: everything in one process until a signal."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace

from threatstamp.app.clock import SystemClock
from threatstamp.app.desk import Desk
from threatstamp.app.patience import patiently
from threatstamp.app.workspace import Whoami, open_calls, open_workspace, whoami
from threatstamp.config.proxies import proxy_for
from threatstamp.config.secrets import Secrets
from threatstamp.config.settings import Settings
from threatstamp.config.watch import SettingsWatch
from threatstamp.core.errors import PolicyError, SlackError, StoreError
from threatstamp.core.ids import ts_of
from threatstamp.desk.ports import Fetching, Store, Timing, Workspace
from threatstamp.engine import Engine, Schedule
from threatstamp.http import knock
from threatstamp.slack.calls import Calls
from threatstamp.slack.socket import Line, LineState
from threatstamp.store import SqlStore, open_store
from threatstamp.texts.catalogue import Texts

log = logging.getLogger(__name__)

TEND = 2.0
WRITE_VITALS = 15.0
HEARTBEAT = 300.0
LINE_PATIENCE = 60.0
REBIND = 10.0


class Run:
    """One running desk. `start` returns once it listens; `close` ends it within ten seconds."""

    def __init__(
        self,
        *,
        settings: Settings,
        secrets: Secrets,
        timing: Timing | None = None,
        schedules: bool = True,
    ) -> None:
        self._settings = settings
        self._secrets = secrets
        self.ended = threading.Event()
        self._clock = SystemClock(self.ended)
        self._timing = timing or Timing()
        self._watch = SettingsWatch(settings)
        self._schedules = schedules
        self._sweep_wanted = threading.Event()
        self._poll_wanted = threading.Event()
        self._rebind_wanted = False
        self._rebind_at = 0.0
        self._vitals_wanted = False
        self._may_be_lost = True
        """The record may say that the line is lost: this process said so, or one before it."""
        self._threads: list[threading.Thread] = []
        self._engine: Engine | None = None
        self._line: Line | None = None
        self.desk: Desk | None = None

    def start(self) -> None:
        """Opens the database, meets Slack, and starts every thread.

        Raises StoreError; SlackError where Slack refuses the token. While Slack cannot be reached it waits.
        """
        assert self._secrets.bot_token is not None
        assert self._secrets.app_token is not None
        store = open_store(self._settings.database)
        calls = open_calls(self._settings, self._secrets.bot_token, timing=self._timing)
        who = patiently(lambda: whoami(calls), wait=self._clock.wait)
        desk = (
            None if who is None else patiently(lambda: self._open(store, calls, who), wait=self._clock.wait)
        )
        if desk is None:
            return
        self.desk = desk
        desk.intake.on_channels = self._want_rebind
        desk.meet()
        desk.vitals.write(store, self._clock)
        desk.couriers.start()
        self._start_line(calls)
        self._sweep_wanted.set()
        self._poll_wanted.set()
        loops = (("sweeper", self._sweep_loop), ("feeds", self._poll_loop), ("house", self._house_loop))
        for name, loop in loops:
            self._start_thread(name, loop)
        if self._schedules:
            self._start_engine()

    def _open(self, store: SqlStore, calls: Calls, who: Whoami) -> Desk:
        return Desk(
            settings=self._settings,
            store=store,
            workspace=open_workspace(self._settings, calls, who=who, clock=self._clock),
            clock=self._clock,
            timing=self._timing,
            wrap_store=self.wrap_store,
            wrap_workspace=self.wrap_workspace,
            wrap_fetching=self.wrap_fetching,
        )

    def wrap_store(self, store: Store) -> Store:
        """Where a test puts its crash points."""
        return store

    def wrap_workspace(self, workspace: Workspace) -> Workspace:
        """The same, for Slack."""
        return workspace

    def wrap_fetching(self, fetching: Fetching) -> Fetching:
        """The same, for the feeds' servers."""
        return fetching

    def close(self) -> None:
        """Ends in order: the line first, so that nothing new is taken, then what is under way."""
        self.ended.set()
        self._sweep_wanted.set()
        self._poll_wanted.set()
        if self._line is not None:
            self._line.close(2.0)
        if self.desk is None:
            return
        self.desk.close()
        self.desk.intake.close()
        self.desk.couriers.close(3.0)
        if self._engine is not None:
            self._engine.close(1.0)
        for thread in self._threads:
            thread.join(0.5)
        try:
            self.desk.vitals.forget(self.desk.store)
        except StoreError as error:
            log.warning("while ending: %s", error)
        self.desk.store.close()

    def _start_line(self, calls: Calls) -> None:
        assert self._secrets.app_token is not None
        self._line = Line(
            calls=calls,
            app_token=self._secrets.app_token.reveal(),
            proxy=proxy_for(self._settings.slack.api_url, os.environ),
            take=self._take,
            on_connect=self._sweep_wanted.set,
            on_state=self._note_line,
            clock=self._clock,
        )
        self._line.start()

    def _start_engine(self) -> None:
        schedules = (
            Schedule(name="threatstamp_sweep", cron="*/30 * * * *", act=self._sweep_wanted.set),
            Schedule(name="threatstamp_poll", cron="* * * * *", act=self._poll_wanted.set),
            Schedule(name="threatstamp_tidy", cron="17 3 * * *", act=self._tidy),
        )
        engine = Engine(
            self._settings.database, schedules, zone=getattr(self._settings.timezone, "key", "UTC")
        )
        engine.start()
        self._engine = engine

    def _start_thread(self, name: str, loop: Callable[[], object]) -> None:
        thread = threading.Thread(target=loop, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _take(self, body: Mapping[str, object]) -> None:
        assert self.desk is not None
        self.desk.intake.take(body)
        self.desk.vitals.last_event_at = self._clock.now()

    def _note_line(self, state: LineState) -> None:
        assert self.desk is not None
        before = self.desk.vitals.line
        if state.error and (before is None or before.error != state.error):
            texts = Texts(self.desk.settings.language)
            log.error("%s", texts("cli.app_token_refused", code=state.error))
        if before is None or (before.connected, before.error) != (state.connected, state.error):
            self._vitals_wanted = True
        elif before.connected == state.connected:
            state = replace(state, since=before.since)
        self.desk.vitals.line = state

    def _want_rebind(self) -> None:
        self._rebind_wanted = True

    def _sweep_loop(self) -> None:
        assert self.desk is not None
        while not self.ended.is_set():
            self._sweep_wanted.wait()
            self._sweep_wanted.clear()
            if self.ended.is_set():
                return
            try:
                self.desk.sweep()
            except (StoreError, SlackError) as error:
                log.warning("a sweep could not be finished: %s", error)
            except Exception:  # the loop must go on: the next sweep finds the same
                log.exception("a sweep failed")

    def _poll_loop(self) -> None:
        """Asks the feeds whose turn it is: at once at the start, then whenever the schedule says."""
        assert self.desk is not None
        due_only = False  # at the start everything is asked, whatever its interval
        while not self.ended.is_set():
            self._poll_wanted.wait()
            self._poll_wanted.clear()
            if self.ended.is_set():
                return
            try:
                self.desk.poll(due_only=due_only)
                due_only = True
            except StoreError as error:
                log.warning("feeds have to wait: %s", error)
            except Exception:  # the loop must go on: the next round asks again
                log.exception("a round of the feeds failed")

    def _house_loop(self) -> None:
        assert self.desk is not None
        written = knocked = self._clock.steady() - HEARTBEAT
        while self._clock.wait(TEND):
            now = self._clock.steady()
            try:
                self._reread()
                self.desk.tend()
                self._watch_line()
                if self._vitals_wanted or now - written >= WRITE_VITALS:
                    written, self._vitals_wanted = now, False
                    self.desk.vitals.write(self.desk.store, self._clock)
                if now - knocked >= HEARTBEAT and self._is_well():
                    knocked = now
                    self._knock()
            except (StoreError, SlackError) as error:
                log.warning("housekeeping has to wait: %s", error)
            except Exception:  # the loop must go on
                log.exception("housekeeping failed")

    def _reread(self) -> None:
        assert self.desk is not None
        changed = self._watch.poll()
        if isinstance(changed, PolicyError):
            log.error("the changed file is wrong, the old one goes on:\n%s", changed)
            self._trouble("settings", "settings", problem="\n".join(changed.problems[:5]))
            return
        now = self._clock.steady()
        if changed is not None:
            self._settings, self._rebind_wanted, self._rebind_at = changed, True, now
        if self._rebind_wanted and now >= self._rebind_at:
            self._rebind(now)

    def _rebind(self, now: float) -> None:
        """Looks the file's names up again, which costs calls: not more often than Slack likes."""
        assert self.desk is not None
        self._rebind_wanted, self._rebind_at = False, now + REBIND
        is_news = self._settings is not self.desk.settings
        try:
            wants_look = self.desk.adopt(self._settings)
        except SlackError as error:
            self._rebind_wanted = True
            self._rebind_at = now + (error.retry_after or REBIND)
            raise
        if wants_look:
            self._sweep_wanted.set()
        self._poll_wanted.set()
        if is_news:
            log.info("the changed file is in force")
            with self.desk.store.transaction() as tx:
                tx.mend_trouble("settings", now=self._clock.now())

    def _watch_line(self) -> None:
        assert self.desk is not None
        line = self.desk.vitals.line
        if line is None:
            return
        if line.connected and self._may_be_lost:
            with self.desk.store.transaction() as tx:
                tx.mend_trouble("socket", now=self._clock.now())
            self._may_be_lost = False
        elif not line.connected and self._clock.now() - line.since > LINE_PATIENCE * 1_000_000:
            self._may_be_lost = True
            self._trouble("socket", "socket", since=ts_of(line.since))

    def _trouble(self, key: str, kind: str, **values: str) -> None:
        assert self.desk is not None
        with self.desk.store.transaction() as tx:
            tx.open_trouble(key, kind, values=values, now=self._clock.now())

    def _is_well(self) -> bool:
        assert self.desk is not None
        line = self.desk.vitals.line
        with self.desk.store.reading() as tx:
            return bool(line and line.connected) and not tx.troubles()

    def _knock(self) -> None:
        assert self.desk is not None
        if self.desk.settings.heartbeat:
            wrong = knock(self.desk.settings.heartbeat)
            if wrong:
                log.warning("the heartbeat's address does not answer: %s", wrong)

    def _tidy(self) -> None:
        assert self.desk is not None
        self.desk.tidy()
        if self._engine is not None:
            self._engine.clean()
