"""What has changed about a vulnerability between two loads of a source, as far as somebody should know."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from threatstamp.core.facts.assessment import Assessment
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.score import USUAL, Ranking, best_of
from threatstamp.core.time import Micros

JUMP = 0.1
"""By how much EPSS has to rise, within one model, to be worth a word."""


class ChangeKind(StrEnum):
    """What has changed."""

    LISTED = "listed"
    """It is in the catalogue KEV now."""
    DELISTED = "delisted"
    """It was removed from the catalogue KEV."""
    LIKELIER = "likelier"
    """Exploitation has become more probable: EPSS has risen by much, by one and the same model."""
    SCORED = "scored"
    """The score of this source that counts is another one, or the first one."""
    FIXED = "fixed"
    """A version without the flaw is named for a product for which there was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FactChange:
    """A change about a CVE. at: when the load began that found it. before, after: the numbers, if any."""

    cve: CveId
    kind: ChangeKind
    at: Micros
    before: float | None = None
    after: float | None = None


def changes_between(
    before: Assessment | None, after: Assessment, at: Micros, ranking: Ranking = USUAL
) -> tuple[FactChange, ...]:
    """Returns what has changed between what a source said and what it says. before: None for nothing.

    ranking: which of several scores of the source counts.
    """
    cve, found = after.cve, list[FactChange]()
    if after.exploited is not None and (before is None or before.exploited is None):
        found.append(FactChange(cve=cve, kind=ChangeKind.LISTED, at=at))
    old, new = before.epss if before else None, after.epss
    if old and new and new.model and old.model == new.model and new.score - old.score >= JUMP:
        found.append(FactChange(cve=cve, kind=ChangeKind.LIKELIER, at=at, before=old.score, after=new.score))
    if before is not None and (scored := best_of(after.scores, ranking)) is not None:
        was = best_of(before.scores, ranking)
        if was is None or was.score != scored.score:
            first = was.score if was else None
            found.append(FactChange(cve=cve, kind=ChangeKind.SCORED, at=at, before=first, after=scored.score))
    if before is not None and before.affected and _fixed(after) - _fixed(before):
        found.append(FactChange(cve=cve, kind=ChangeKind.FIXED, at=at))
    return tuple(found)


def _fixed(said: Assessment) -> frozenset[tuple[str, str]]:
    """Returns the products of which affected versions end before one that is not affected."""
    ended = (one for one in said.affected if any(some.before is not None for some in one.ranges))
    return frozenset((one.vendor, one.product) for one in ended)
