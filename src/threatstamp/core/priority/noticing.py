"""What somebody should know of what has changed about a story since it was assessed last."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from threatstamp.core.facts.assessment import KEV
from threatstamp.core.facts.change import JUMP
from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.score import USUAL, Ranking
from threatstamp.core.facts.vulnerability import Vulnerability

MOST = 20
"""So many CVEs of a story are watched."""


class NoticeKind(StrEnum):
    """What has changed. Each has words `notice_…` in the catalogue `concern`."""

    LISTED = "listed"
    LIKELIER = "likelier"
    SCORED = "scored"
    MATCHED = "matched"
    """The story concerns a product of the company's (`after`), which was found only now."""
    ANSWERED = "answered"
    """Somebody said whether the internet reaches a product (`before`): `after` is yes or no."""
    RULED = "ruled"
    """The priority is another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One change. cve: "" where the story as a whole is meant. before, after: the numbers or priorities."""

    kind: NoticeKind
    cve: str = ""
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What was known of a CVE. Each is "" for not known. kev: "yes" or "no"; score, epss: in decimal.

    model: of EPSS. A number of another model is no change.
    """

    kev: str = ""
    score: str = ""
    epss: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What was known of a story when it was assessed.

    sources: those that were loaded as a whole then; only what they said counts, so that the first load of
    another source changes nothing. basis: a digest of policy and products. ranking: the order in which scores
    counted: a score of another order is no news.
    """

    sources: tuple[str, ...]
    basis: str
    cves: Mapping[str, Sight]
    ranking: Ranking = USUAL


def sighting_of(found: Iterable[Vulnerability], *, sources: Iterable[str], basis: str) -> Sighting:
    """Returns what the given sources say of these."""
    names, some = tuple(sorted(sources)), list(found)[:MOST]
    seen = {str(one.cve): _sight(one, names) for one in some}
    return Sighting(sources=names, basis=basis, cves=seen, ranking=some[0].ranking if some else USUAL)


def notices(before: Sighting, found: Iterable[Vulnerability]) -> tuple[Notice, ...]:
    """Returns what has changed: never without a number before, and never by a source that is new."""
    made: list[Notice] = []
    for one in found:
        old = before.cves.get(str(one.cve))
        if old is not None:
            is_same = one.ranking == before.ranking
            made += _changes(one.cve, old, _sight(one, before.sources), with_score=is_same)
    return tuple(made)


def carried(before: Sighting, now: Sighting) -> Sighting:
    """Returns what is compared with next: EPSS as it was when somebody was told of it last, or lower."""
    return Sighting(
        sources=now.sources,
        basis=now.basis,
        cves={cve: _carried(before.cves.get(cve), one) for cve, one in now.cves.items()},
        ranking=now.ranking,
    )


def write_sighting(seen: Sighting) -> str:
    """Returns it as JSON text."""
    cves = {cve: [one.kev, one.score, one.epss, one.model] for cve, one in seen.cves.items()}
    more = {} if seen.ranking == USUAL else {"ranking": list(seen.ranking)}
    return json.dumps({"sources": list(seen.sources), "basis": seen.basis, "cves": cves, **more})


def read_sighting(text: str | None) -> Sighting | None:
    """Returns what `write_sighting` wrote; None if there is nothing, or nothing of ours."""
    try:
        said = json.loads(text or "")
        cves = {
            cve: Sight(kev=kev, score=score, epss=epss, model=model)
            for cve, (kev, score, epss, model) in said["cves"].items()
        }
        ranking = tuple(map(str, said.get("ranking", USUAL)))
        return Sighting(sources=tuple(said["sources"]), basis=said["basis"], cves=cves, ranking=ranking)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _sight(one: Vulnerability, sources: tuple[str, ...]) -> Sight:
    said = tuple(said for said in one.said if said.said.source in sources)
    some = replace(one, said=said)
    kev = "" if KEV not in sources else "yes" if some.kev else "no"
    best, epss = some.best, some.epss
    return Sight(
        kev=kev,
        score=f"{best.score:.1f}" if best else "",
        epss=f"{epss.score:.5f}" if epss and epss.model else "",
        model=(epss.model or "") if epss else "",
    )


def _changes(cve: CveId, old: Sight, new: Sight, *, with_score: bool) -> list[Notice]:
    made = []
    if (old.kev, new.kev) == ("no", "yes"):
        made.append(Notice(kind=NoticeKind.LISTED, cve=cve))
    if with_score and new.score and new.score != old.score:
        made.append(Notice(kind=NoticeKind.SCORED, cve=cve, before=old.score, after=new.score))
    if _jumped(old, new):
        made.append(Notice(kind=NoticeKind.LIKELIER, cve=cve, before=old.epss, after=new.epss))
    return made


def _jumped(old: Sight, new: Sight) -> bool:
    is_comparable = bool(old.epss and new.epss) and old.model == new.model
    return is_comparable and float(new.epss) - float(old.epss) >= JUMP


def _carried(old: Sight | None, new: Sight) -> Sight:
    is_creeping = old is not None and old.model == new.model and bool(old.epss and new.epss)
    if old is None or not is_creeping or _jumped(old, new) or float(new.epss) < float(old.epss):
        return new
    return Sight(kev=new.kev, score=new.score, epss=old.epss, model=old.model)
