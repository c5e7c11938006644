"""What is known of a vulnerability, in one line."""

from __future__ import annotations

from collections.abc import Iterator

from threatstamp.core.facts.score import Score
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.texts.catalogue import Texts
from threatstamp.texts.fit import fit
from threatstamp.texts.numbers import say_percentile, say_share

LONGEST_SOURCE = 40


def fact_line(one: Vulnerability, texts: Texts) -> str:
    """Returns what is known of one CVE; "" if that is nothing that a line has room for."""
    parts = [texts("slack.facts_rejected")] if one.is_rejected else list(_parts(one, texts))
    return texts("slack.facts", cve=one.cve, facts=texts("slack.facts_joint").join(parts)) if parts else ""


def _parts(one: Vulnerability, texts: Texts) -> Iterator[str]:
    best = one.best
    if best is not None:
        yield _score(best, texts)
    elif one.is_unscored:
        yield texts("slack.facts_unscored")
    kev = one.kev
    if kev is not None:
        yield texts("slack.facts_kev", date=kev.added_on.isoformat())
    epss = one.epss
    if epss is not None and epss.percentile is not None:
        percentile = say_percentile(epss.percentile, texts.language)
        yield texts("slack.facts_epss", score=say_share(epss.score), percentile=percentile)
    elif epss is not None:
        yield texts("slack.facts_epss_alone", score=say_share(epss.score))


def _score(best: Score, texts: Texts) -> str:
    return texts("slack.facts_cvss", score=f"{best.score:.1f}", source=fit(best.source, LONGEST_SOURCE))
