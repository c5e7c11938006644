"""What the readers of advisories share: one is kept under each CVE that it is about, and under its own id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from threatstamp.core.facts.assessment import Assessment
from threatstamp.core.facts.cve import cve_of

T = TypeVar("T")


def each_name(said: Assessment, others: Iterable[str]) -> tuple[Assessment, ...]:
    """Returns what an advisory says, under each name. said: under its own id. others: its other names."""
    names = dict.fromkeys((str(said.cve), *(cve_of(one) or one for one in others if one)))
    kept = [cve for one in names if (cve := cve_of(one)) is not None and cve != said.cve]
    return tuple(
        replace(said, cve=name, ids=tuple(one for one in names if one != name)) for name in (*kept, said.cve)
    )


def merged(first: Assessment, second: Assessment) -> Assessment:
    """Returns what two advisories about one CVE say together; the later one's title and state count."""
    newer, older = (second, first) if second.version >= first.version else (first, second)
    return replace(
        newer,
        title=newer.title or older.title,
        scores=_both(newer.scores, older.scores),
        cwes=_both(newer.cwes, older.cwes),
        affected=_both(newer.affected, older.affected),
        cpes=_both(newer.cpes, older.cpes),
        ids=_both(newer.ids, older.ids),
        references=_both(newer.references, older.references),
    )


def _both(first: tuple[T, ...], second: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys((*first, *second)))
