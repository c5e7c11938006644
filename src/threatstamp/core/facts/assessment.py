"""An assessment: what one source says about one CVE, in one version, read at one time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from operator import attrgetter
from typing import NewType, TypeVar

import orjson

from threatstamp.core.facts.cve import CveId
from threatstamp.core.facts.score import Score, Scorer
from threatstamp.core.time import Micros

T = TypeVar("T")
FactSource = NewType("FactSource", str)
"""A source of facts by its name on the command line."""

CVELIST, NVD = FactSource("cvelist"), FactSource("nvd")
KEV, EPSS = FactSource("kev"), FactSource("epss")
JVN, OSV, GHSA = FactSource("jvn"), FactSource("osv"), FactSource("ghsa")
FACT_SOURCES = (CVELIST, NVD, KEV, EPSS, JVN, OSV, GHSA)
"""Each has what opens its documents in `facts/sources.py`. What an earlier one says of title and state counts
before what a later one says."""


class CveState(StrEnum):
    """What a source says of an id."""

    PUBLISHED = "published"
    REJECTED = "rejected"
    """The id is to be used no longer: it was assigned twice, in error, or to no vulnerability."""
    WITHDRAWN = "withdrawn"
    """Who has published the advisory does not stand by it any more."""
    AWAITING = "awaiting"
    """NVD has not analysed it yet."""
    DEFERRED = "deferred"
    """NVD will not analyse it: no score and no CPE are to come from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploited:
    """Somebody says that it is exploited. None: not known.

    by: who says so; only the catalogue KEV is "kev". ransomware, forensic_triage: as the catalogue has them.
    """

    by: str
    added_on: date
    due_on: date | None = None
    ransomware: bool | None = None
    forensic_triage: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Epss:
    """How probable exploitation is within 30 days, and the share of CVEs that are less probable; 0 to 1.

    model, on: which model said so, for which day. Numbers of two models are not comparable.
    """

    score: float
    percentile: float | None
    model: str | None
    on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ssvc:
    """CISA's answers to the questions of SSVC, in its own words; None where one is missing."""

    exploitation: str | None
    automatable: str | None
    technical_impact: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRange:
    """Affected versions: from the first, up to but without `before`, or with `through`; else that one alone.

    after: instead of the first, which is then "": the last one that is not affected. scheme: how versions
    compare, as the record says: "semver", "custom".
    """

    first: str
    before: str | None = None
    through: str | None = None
    scheme: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """A product with the affected versions; without any, those that no range names are affected.

    cpe, purl: how others name it, without a version. is_name_only: the source says nothing of versions at
    all. unaffected: versions that are not affected. default: what counts for versions that no range names,
    in the record's word: "affected", "unaffected", "unknown"; None if it has none.
    """

    vendor: str
    product: str
    ranges: tuple[VersionRange, ...] = ()
    cpe: str | None = None
    purl: str | None = None
    is_name_only: bool = False
    unaffected: tuple[VersionRange, ...] = ()
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What a source says about a CVE. None and empty: it says nothing of that.

    cve: an advisory is kept under each CVE that it is about, and under its own id. version: of the source's
    record or document, such that later ones sort after earlier ones. ids: names of the same vulnerability
    elsewhere, such as GHSA-….
    """

    cve: CveId
    source: FactSource
    version: str
    state: CveState | None = None
    title: str | None = None
    scores: tuple[Score, ...] = ()
    exploited: Exploited | None = None
    epss: Epss | None = None
    ssvc: Ssvc | None = None
    cwes: tuple[str, ...] = ()
    affected: tuple[Affected, ...] = ()
    cpes: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAssessment:
    """An assessment with the time at which it was read."""

    said: Assessment
    read_at: Micros


_LISTS = ("cwes", "cpes", "ids", "references")


def write_assessment(said: Assessment) -> str:
    """Returns what is said as JSON text, without its key and what it says nothing of.

    By hand, since `dataclasses.asdict` takes ten times as long, and a load writes hundreds of thousands.
    """
    body: dict[str, object] = {}
    if said.state:
        body["state"] = said.state
    if said.title:
        body["title"] = said.title
    if said.scores:
        body["scores"] = [_fields(one) for one in said.scores]
    for name in ("exploited", "epss", "ssvc"):
        part = getattr(said, name)
        if part is not None:
            body[name] = _fields(part)
    if said.affected:
        body["affected"] = [_written(one) for one in said.affected]
    for name in _LISTS:
        several = getattr(said, name)
        if several:
            body[name] = several
    return orjson.dumps(body).decode()


def _fields(part: Score | Exploited | Epss | Ssvc) -> dict[str, object]:
    names, values = _PARTS[type(part)]
    return dict(zip(names, values(part), strict=True))


def _reader_of(kind: type) -> tuple[tuple[str, ...], attrgetter[tuple[object, ...]]]:
    names = tuple(one.name for one in fields(kind))
    return names, attrgetter(*names)


_PARTS = {kind: _reader_of(kind) for kind in (Score, Exploited, Epss, Ssvc)}


def _written(product: Affected) -> dict[str, object]:
    """Returns a product without what it says nothing of."""
    body: dict[str, object] = {"vendor": product.vendor, "product": product.product}
    body["ranges"] = [_brief(one) for one in product.ranges]
    for name in ("cpe", "purl", "default"):
        text = getattr(product, name)
        if text is not None:
            body[name] = text
    if product.is_name_only:
        body["is_name_only"] = True
    if product.unaffected:
        body["unaffected"] = [_brief(one) for one in product.unaffected]
    return body


def _brief(range_: VersionRange) -> dict[str, object]:
    """Returns a range of versions without what it says nothing of."""
    body: dict[str, object] = {"first": range_.first} if range_.first else {}
    for name in ("before", "through", "scheme", "after"):
        text = getattr(range_, name)
        if text is not None:
            body[name] = text
    return body


def read_assessment(cve: CveId, source: FactSource, version: str, text: str) -> Assessment:
    """Returns what `write_assessment` wrote. Raises ValueError for anything else."""
    try:
        body = orjson.loads(text)
        return Assessment(
            cve=cve,
            source=source,
            version=version,
            state=CveState(body["state"]) if "state" in body else None,
            title=body.get("title"),
            scores=tuple(_score(one) for one in body.get("scores", ())),
            exploited=_made(Exploited, body.get("exploited")),
            epss=_made(Epss, body.get("epss")),
            ssvc=_made(Ssvc, body.get("ssvc")),
            affected=tuple(_affected(one) for one in body.get("affected", ())),
            **{name: tuple(map(str, body.get(name, ()))) for name in _LISTS},
        )
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _made(kind: Callable[..., T], values: Mapping[str, object] | None) -> T | None:
    return None if values is None else kind(**{name: _value(name, one) for name, one in values.items()})


def _value(name: str, value: object) -> object:
    if value is None:
        return None
    if name in ("score", "percentile"):
        return float(str(value))
    return date.fromisoformat(str(value)) if name == "on" or name.endswith("_on") else value


def _score(values: Mapping[str, object]) -> Score:
    published = values["published"]
    return Score(
        source=str(values["source"]),
        scorer=Scorer(str(values["scorer"])),
        version=f"{float(str(values['version']))}",
        vector=str(values["vector"]),
        score=float(str(values["score"])),
        published=None if published is None else float(str(published)),
    )


def _affected(values: Mapping[str, object]) -> Affected:
    return Affected(
        vendor=str(values["vendor"]),
        product=str(values["product"]),
        ranges=_ranges(values["ranges"]),
        cpe=_text(values.get("cpe")),
        purl=_text(values.get("purl")),
        is_name_only=values.get("is_name_only") is True,
        unaffected=_ranges(values.get("unaffected", [])),
        default=_text(values.get("default")),
    )


def _ranges(values: object) -> tuple[VersionRange, ...]:
    if not isinstance(values, list):
        raise TypeError("the ranges of a product are no list")
    return tuple(VersionRange(**{"first": "", **one}) for one in values)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
