"""The settings of a running desk: it follows the file, tabs of the spreadsheet, and the names in Slack."""

from __future__ import annotations

import logging
import threading

from threatstamp.app.desk import Desk
from threatstamp.app.loops import Loop
from threatstamp.app.shadow import quiet
from threatstamp.app.spreadsheet import MOST_SAID
from threatstamp.app.tabs import completed, with_tabs
from threatstamp.config.settings import Settings
from threatstamp.config.watch import SettingsWatch
from threatstamp.core.errors import PolicyError, SlackError
from threatstamp.core.trouble import TroubleKind
from threatstamp.slack.directory import LOOK_AGAIN

log = logging.getLogger(__name__)

REBIND = 10.0
"""Seconds at least between two resolutions of the names in the settings, each of which costs many calls."""


class SettingsFollower:
    """Puts in force what has changed; if that is wrong, the previous settings stay.

    wanted: set when the names in the settings have to be resolved again. A round of `polls` follows then,
    and one of `sweeps` if the sources have to be looked at.
    """

    def __init__(
        self,
        desk: Desk,
        settings: Settings,
        wanted: threading.Event,
        *,
        sweeps: Loop,
        polls: Loop,
        in_shadow: bool,
    ) -> None:
        self.of_file = settings
        """As the file has them, without what tabs say."""

        self._desk = desk
        self._clock = desk.tools.clock
        self._store = desk.tools.store
        self._adopted = settings
        self._watch = SettingsWatch(settings)
        self._wanted = wanted
        self._sweeps = sweeps
        self._polls = polls
        self._in_shadow = in_shadow
        self._not_before = 0.0

    def follow(self) -> None:
        """Reads a changed file, and puts in force what is new. Raises SlackError; StoreError."""
        changed = self._watch.poll()
        if isinstance(changed, PolicyError):
            self._say_wrong(changed)
            return
        now = self._clock.steady()
        if changed is not None:
            self.of_file = quiet(changed) if self._in_shadow else changed
            self._not_before = now
            self._wanted.set()
        if self._desk.tools.policy.lost and now >= self._not_before + LOOK_AGAIN:
            self._wanted.set()  # no event tells that a public channel was made
        if self._wanted.is_set() and now >= self._not_before:
            self._adopt(now)

    def _adopt(self, now: float) -> None:
        """Resolves the names in the settings, and puts the resulting policy into effect."""
        self._wanted.clear()
        self._not_before = now + REBIND
        is_changed = self.of_file is not self._adopted
        settings, fits = self._with_tabs()
        try:
            needs_look = self._desk.adopt(settings)
        except SlackError as error:
            self._wanted.set()
            self._not_before = now + (error.retry_after or REBIND)
            raise
        if fits:
            self._adopted = self.of_file
        if needs_look:
            self._sweeps.request()
        self._polls.request()
        if is_changed and fits:
            log.info("the changed settings are in force")
            with self._store.transaction() as tx:
                tx.troubles.fix(TroubleKind.SETTINGS, "", now=self._clock.now())

    def _with_tabs(self) -> tuple[Settings, bool]:
        """Returns what to put in force, and whether that is what the file says.

        Until another tab is read, what is in force stays. If the file does not fit what is in the
        spreadsheet, everything stays until that has been read again.
        """
        try:
            settings = with_tabs(self.of_file, self._store)
        except PolicyError as error:
            self._say_wrong(error)
            return self._desk.settings, False
        return completed(settings, self._desk.settings), True

    def _say_wrong(self, error: PolicyError) -> None:
        log.error("the changed settings are wrong, the previous ones stay in force:\n%s", error)
        values = {"problem": "\n".join(error.problems[:MOST_SAID])}
        with self._store.transaction() as tx:
            tx.troubles.open(TroubleKind.SETTINGS, "", values=values, now=self._clock.now())
