"""CVSS scores: who gave which, and which of them counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

CISA = "cisa-adp"
"""The source of what CISA adds to the records of others (Vulnrichment)."""


class Scorer(StrEnum):
    """As what a source has scored a vulnerability, in the order in which they usually count."""

    CNA = "cna"
    """Who has assigned the CVE id, often the vendor."""
    ADP = "adp"
    """Who adds to the record of another: an authorized data publisher, such as CISA."""
    NVD = "nvd"
    JVN = "jvn"
    ADVISORY = "advisory"
    """Who has published an advisory of its own, such as GitHub."""


class Severity(StrEnum):
    """CVSS's own words for a score (https://www.first.org/cvss/v4-0/specification-document, 6)."""

    NONE = "none"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A base score. source: a short name in small letters. version: of CVSS, "3.1".

    score: computed from the vector, or the published one where no score follows from that. published: what
    the source itself says, None if it says none.
    """

    source: str
    scorer: Scorer
    version: str
    vector: str
    score: float
    published: float | None

    @property
    def severity(self) -> Severity:
        if self.version == "2.0":  # which knows neither none nor critical
            return Severity.LOW if self.score < 4 else Severity.MEDIUM if self.score < 7 else Severity.HIGH
        least = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.1, Severity.LOW))
        return next((severity for bound, severity in least if self.score >= bound), Severity.NONE)

    @property
    def differs(self) -> bool:
        """True if the source says another number than its own vector gives."""
        return self.published is not None and self.published != self.score


Ranking = tuple[str, ...]
"""In which order scores count: a Scorer's value each, and CISA, which comes before other ADPs of its own."""

USUAL: Ranking = (Scorer.CNA.value, CISA, Scorer.ADP.value, *list(map(str, Scorer))[2:])
"""The order where nobody wants another."""


def ranking_of(first: Iterable[str]) -> Ranking:
    """Returns a whole order that begins with some; the others follow in the usual order.

    CISA goes with the other ADPs where it is not named itself.
    """
    said = tuple(dict.fromkeys(first))
    if Scorer.ADP in said and CISA not in said:
        at = said.index(Scorer.ADP)
        said = (*said[:at], CISA, *said[at:])
    return (*said, *(one for one in USUAL if one not in said))


def best_of(scores: Iterable[Score], ranking: Ranking = USUAL) -> Score | None:
    """Returns the score that counts; None where nobody has scored, which is not a low score.

    By who gave it, then the newest version of CVSS, then the highest.
    """

    def rank(one: Score) -> tuple[int, float, float]:
        is_cisa = one.scorer is Scorer.ADP and one.source == CISA
        return ranking.index(CISA if is_cisa else one.scorer), -float(one.version), -one.score

    return min(scores, key=rank, default=None)
