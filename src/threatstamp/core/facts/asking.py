"""Which ids a source is asked about, beside all that it publishes, and when again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from threatstamp.core.facts.assessment import CVELIST, NVD, FactSource
from threatstamp.core.facts.cve import CveId
from threatstamp.core.time import DAY, HOUR, MINUTE, Micros

AT_ONCE: Mapping[FactSource, int] = {CVELIST: 20, NVD: 5}
"""So many ids are asked at a time, by each source's own limit: NVD lets itself be asked 5 times in 30 seconds
without a key. A source that is not here cannot be asked for what it has not published yet."""

FIRST_WAIT, LONGEST_WAIT = MINUTE, 2 * HOUR
"""After how long an id is asked again that was not known, or could not be asked: twice as long each time."""

KEPT = DAY
"""After so long it is left to what the source publishes as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CveQuestion:
    """An id that a source is to be asked about. since: when news named it. tries: how often it was asked."""

    cve: CveId
    since: Micros
    tries: int = 0
    asked_at: Micros | None = None

    def is_due(self, now: Micros) -> bool:
        """True if it is to be asked now."""
        if self.asked_at is None:
            return True
        return now - self.asked_at >= min(FIRST_WAIT << min(self.tries - 1, 20), LONGEST_WAIT)

    def is_over(self, now: Micros) -> bool:
        """True if it is not asked any more."""
        return now - self.since > KEPT


def to_ask(questions: Sequence[CveQuestion], source: FactSource, now: Micros) -> tuple[CveQuestion, ...]:
    """Returns what a source is asked now: what was asked least often first, of that the newest."""
    due = [one for one in questions if one.is_due(now) and not one.is_over(now)]
    return tuple(sorted(due, key=lambda one: (one.tries, -one.since))[: AT_ONCE.get(source, 0)])
