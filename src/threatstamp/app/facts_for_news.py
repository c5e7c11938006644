"""What news names and no source has said anything about yet is asked for at once, not with the next round.

Beside everything else: a story is posted and forwarded without, and its message is edited once more is known.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from threatstamp.app.facts_process import Errand, Spawn, carry_out, spawn
from threatstamp.app.loops import Loop
from threatstamp.config.settings import Settings
from threatstamp.core.errors import FactsError, FactsFault
from threatstamp.core.facts.asking import AT_ONCE, KEPT, CveQuestion, to_ask
from threatstamp.core.facts.assessment import FactSource
from threatstamp.core.facts.cve import CveId, cves_said
from threatstamp.core.time import MINUTE, Micros
from threatstamp.desk.ports.store import Store
from threatstamp.desk.ports.time import Clock
from threatstamp.store.facts import FactLookup

log = logging.getLogger(__name__)

EVERY = 20.0
"""Seconds between two looks for what is new."""

LONGEST = 120.0
"""Seconds after which a process is ended that asks."""

OVERLAP = 2 * MINUTE
"""So much of what the last look saw is looked at again: other processes' clocks may be behind."""

MOST_STORIES = 500
MOST_WAITING = 1_000
"""So many ids wait to be asked, at most; those beyond come with the next round of their source."""


class FactsForNews(Loop):
    """A thread that asks the sources in the settings about the CVEs in new stories.

    What waits is in memory alone: after a start, the stories of the last day are looked at again.
    on_found: called with the time since when stories may have to be assessed again.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        settings: Callable[[], Settings],
        on_found: Callable[[Micros], None],
        start: Spawn = spawn,
    ) -> None:
        super().__init__("asking about new CVEs", self.run, clock=clock)
        self._store = store
        self._settings = settings
        self._on_found = on_found
        self._start = start
        self._waiting: dict[FactSource, dict[CveId, CveQuestion]] = {}
        self._until: Micros | None = None

    def run(self) -> None:
        """Asks about what is new, and again about what was not known. Raises StoreError."""
        settings = self._settings()
        sources = [one for one in settings.facts.sources if one in AT_ONCE]
        if not sources:
            return
        now = self._clock.now()
        named = self._named(now)
        try:
            self._note(settings.database, sources, named, now)
            for source in sources:
                asked = to_ask(tuple(self._waiting[source].values()), source, now)
                if asked and not self._is_ended:
                    self._ask(settings, source, asked)
        except FactsError as error:
            log.warning("new CVEs cannot be asked about: %s", error)

    def _named(self, now: Micros) -> tuple[CveId, ...]:
        """Returns the CVEs that new stories are about, the newest first."""
        since = Micros(now - KEPT if self._until is None else self._until - OVERLAP)
        with self._store.reading() as read:
            stories = read.stories.told_since(since, most=MOST_STORIES)
            found = [cves_said(one.title, read.stories.words(one.id)) for one in stories]
        self._until = now
        return tuple(dict.fromkeys(cve for some in found for cve in some))

    def _note(
        self, database: str, sources: Sequence[FactSource], named: Sequence[CveId], now: Micros
    ) -> None:
        """Notes what is to be asked, and forgets what is known by now, or is waited for too long."""
        for source in sources:
            waiting = self._waiting.setdefault(source, {})
            wanted = dict.fromkeys((*waiting, *named))
            known = self._known(database, source, wanted)
            for cve in known | {cve for cve, one in waiting.items() if one.is_over(now)}:
                waiting.pop(cve, None)
            for cve in named:
                if cve not in known and len(waiting) < MOST_WAITING:
                    waiting.setdefault(cve, CveQuestion(cve=cve, since=now))

    def _known(self, database: str, source: FactSource, cves: Iterable[CveId]) -> set[CveId]:
        try:
            found = FactLookup(database).find(tuple(cves))
        except FactsError as error:
            if error.fault is FactsFault.LAYOUT:  # they are thrown away and loaded again
                return set()
            raise
        return {one.cve for one in found if any(said.said.source == source for said in one.said)}

    def _ask(self, settings: Settings, source: FactSource, asked: Sequence[CveQuestion]) -> None:
        """Has a process ask. What it did not find waits longer: nobody knows it yet, or the line is down."""
        waiting = self._waiting[source]
        ids = tuple(one.cve for one in asked)
        errand = Errand(settings=settings.path, sources=(source,), ids=ids)
        carry_out(errand, self._start, self._clock, longest=LONGEST, is_ended=lambda: self._is_ended)
        now = self._clock.now()
        found = self._known(settings.database, source, ids)
        for one in asked:
            if one.cve in found:
                del waiting[one.cve]
            else:
                waiting[one.cve] = replace(one, tries=one.tries + 1, asked_at=now)
        if found:
            log.info("facts of new CVEs: %s from %s", ", ".join(sorted(found)), source)
            # after a start, a story may have been a day old when its CVE was asked about first
            self._on_found(Micros(now - 2 * KEPT))
