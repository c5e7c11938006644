"""Base scores, computed from their vectors: what a source says of its own is not always what follows."""

from __future__ import annotations

import re
from functools import lru_cache

from threatstamp.core.facts.score import Score, Scorer
from threatstamp.facts.loose import Loose, number, words

_BASE = frozenset({"AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"})
"""The base metrics of version 4.0, whose formula also counts threat and environment where a vector has them
(https://www.first.org/cvss/v4-0/specification-document, 1.2)."""

VERSIONS = ("4.0", "3.1", "3.0", "2.0")
_VERSION = re.compile(r"CVSS:(\d\.\d)/")


def version_of(vector: str) -> str:
    """Returns the version of CVSS that a vector is of; only 2.0 has no prefix."""
    found = _VERSION.match(vector)
    return found[1] if found else "2.0"


@lru_cache(maxsize=20_000)
def base_score(vector: str) -> float | None:
    """Returns the base score of a vector; None if it is none. Few different ones make up most records."""
    from cvss import CVSS2, CVSS3, CVSS4
    from cvss.exceptions import CVSSError

    version = version_of(vector)
    try:
        if version == "4.0":
            return float(CVSS4(_base_metrics(vector)).base_score)
        if version == "2.0":
            return float(CVSS2(vector.strip("()")).base_score)
        return float(CVSS3(vector).base_score)
    except CVSSError:
        return None


def _base_metrics(vector: str) -> str:
    prefix, *metrics = vector.split("/")
    return "/".join([prefix, *(one for one in metrics if one.partition(":")[0] in _BASE)])


def score_of(metric: Loose, source: str, scorer: Scorer) -> Score | None:
    """Returns the score in a table like those of CVSS's own JSON schemas.

    None where there is neither a vector that makes sense nor a number.
    """
    vector, published = words(metric.get("vectorString")), number(metric.get("baseScore"))
    if published is not None and not 0 <= published <= 10:
        published = None
    computed = base_score(vector) if vector else None
    score = published if computed is None else computed
    if score is None:
        return None
    version = version_of(vector) if computed is not None else words(metric.get("version"))
    return Score(
        source=source,
        scorer=scorer,
        version=version if version in VERSIONS else "2.0",
        vector=vector,
        score=score,
        published=published,
    )
