"""Facts are fetched by the clock, in a process of its own: in ours a load would hold up stamps."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from threatstamp.app.facts_process import Errand, Spawn, carry_out, spawn
from threatstamp.app.loops import Loop
from threatstamp.config.published import EVERY
from threatstamp.config.settings import Settings
from threatstamp.core.errors import FactsError, FactsFault
from threatstamp.core.facts.assessment import FactSource
from threatstamp.core.facts.document import SourceState
from threatstamp.core.time import SECOND, Micros
from threatstamp.core.trouble import TroubleKind
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Clock
from threatstamp.store.facts import FactLookup
from threatstamp.texts.catalogue import Texts

log = logging.getLogger(__name__)

LONGEST = 6_000.0
"""Seconds after which a process is ended; the next one goes on where it was."""

SOON = 600.0
"""Seconds after which a source is tried again that has failed once; twice as many after each further time."""

LASTING, OLD = 3, 86_400.0
"""A source is reported in alerts after so many failures in a row, if it was fetched so many seconds ago."""


class FactsByClock(Loop):
    """A thread that waits for the process. What it fetches is what the settings name at the time.

    Several workers may be asked to at once: each source is claimed in the facts themselves.
    """

    def __init__(
        self, store: Store, clock: Clock, *, settings: Callable[[], Settings], start: Spawn = spawn
    ) -> None:
        super().__init__("fetching facts", self.run, clock=clock)
        self._store = store
        self._settings = settings
        self._start = start

    def run(self) -> None:
        """Fetches what is due, and opens and closes troubles. Raises StoreError."""
        settings = self._settings()
        wanted = settings.facts.sources
        states = self._states(settings.database) if wanted else {}
        if states is None:
            return
        now = self._clock.now()
        due = [one for one in wanted if is_due(states.get(one), now, EVERY[one])]
        if due:
            self._fetch(settings.path, due)
            states = self._states(settings.database) or {}
        self._tell(wanted, states, Texts(settings.language))

    def _states(self, database: str) -> dict[FactSource, SourceState] | None:
        """Returns how fetching goes; None if that cannot be read, which `status` says."""
        try:
            return {one.source: one for one in FactLookup(database).states()}
        except FactsError as error:
            if error.fault is FactsFault.LAYOUT:  # they are thrown away and loaded again
                return {}
            log.warning("facts about vulnerabilities cannot be fetched: %s", error)
            return None

    def _fetch(self, settings: Path, due: Sequence[FactSource]) -> None:
        errand = Errand(settings=settings, sources=due)
        carry_out(errand, self._start, self._clock, longest=LONGEST, is_ended=lambda: self._is_ended)

    def _tell(
        self, wanted: Sequence[FactSource], states: dict[FactSource, SourceState], texts: Texts
    ) -> None:
        store, now = self._store, self._clock.now()
        with store.reading() as read:
            opened = {one.subject: one for one in read.troubles.unfixed(TroubleKind.FACTS)}
        for source in {*wanted, *map(FactSource, opened)}:
            state = states.get(source)
            if source in wanted and state is not None and is_lasting(state, now):
                assert state.problem is not None
                problem = texts.told(state.problem.key, state.problem.values)
                if source not in opened:
                    values = {"name": str(source), "problem": problem}
                    with store.transaction() as tx:
                        tx.troubles.open(TroubleKind.FACTS, source, values=values, now=now)
            elif source in opened and not (source in wanted and state is not None and state.problem):
                with store.transaction() as tx:
                    tx.troubles.fix(TroubleKind.FACTS, source, now=now)


def is_due(state: SourceState | None, now: Micros, every: float) -> bool:
    """True if a source is to be fetched; one whose load was cut at once, one that failed soon."""
    if state is None:
        return True
    if not state.failures and (state.fetched_at is None or state.fetched_at < state.tried_at):
        return True
    wait = min(every, SOON * 2 ** min(state.failures - 1, 10)) if state.failures else every
    return now - state.tried_at >= wait * SECOND


def is_lasting(state: SourceState, now: Micros) -> bool:
    """True if somebody should know: it has failed several times, and what is loaded is old."""
    is_old = state.fetched_at is None or now - state.fetched_at >= OLD * SECOND
    return state.problem is not None and state.failures >= LASTING and is_old
