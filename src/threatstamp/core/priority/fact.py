"""What is known where a priority is found: one name, one value, and who says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from threatstamp.core.assets.product import Criticality, Product
from threatstamp.core.facts.assessment import KEV, CveState, FactSource
from threatstamp.core.facts.score import CISA
from threatstamp.core.facts.vulnerability import Vulnerability
from threatstamp.core.priority.exposure import ExposureAnswer
from threatstamp.core.time import Micros

YES, NO = "yes", "no"
SETTINGS, ANSWER, STORY, PERSON = "settings", "answer", "story", "person"
"""Sources that are no publishers: the list of products, a person who was asked, and a story's own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing known. A name may occur several times, as `tag` does.

    value: as text, numbers in decimal ("9.8", "0.9432"), so that it stands in the record as it is; None: not
    known. source: who says so, "" for nobody. read_at: when it was read, or a person said it; None
    for what the settings say.
    """

    name: str
    value: str | None
    source: str = ""
    read_at: Micros | None = None


QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "kev": (NO, YES),
    "ransomware": (NO, YES),
    "exposed": (NO, YES),
    "automatable": (NO, YES),
    "technical_impact": ("partial", "total"),
    "exploitation": ("none", "public poc", "active"),
    "exposure": ("small", "controlled", "open"),
    "human_impact": ("low", "medium", "high", "very high"),
    "criticality": ("low", "medium", "high"),
    "severity": ("none", "low", "medium", "high", "critical"),
}
"""What a table may ask, with all answers from the least to the most grave one."""

_EXPLOITATION = {"none": "none", "poc": "public poc", "public poc": "public poc", "active": "active"}
_IMPACT = {Criticality.LOW: "low", Criticality.MEDIUM: "medium", Criticality.HIGH: "very high"}
"""A coarser answer counts as the gravest of the finer ones that it may mean. So does `exposed = false`."""


def facts_of(
    cve: Vulnerability,
    product: Product | None = None,
    *,
    exposed: bool | None = None,
    answer: ExposureAnswer | None = None,
    loaded: Mapping[FactSource, Micros],
) -> tuple[Fact, ...]:
    """Returns what is known of a CVE, and of the product that it is in.

    exposed: what whoever looks assumes, which counts before what the product's entry says. answer: what
    somebody has answered about the product, which counts after it. loaded: when each source was read: that
    the catalogue KEV does not list a CVE is known only once it was.
    """
    found = [*_exploitation(cve, loaded), *_ssvc(cve), *_scores(cve)]
    if cve.state is not None:
        found.insert(0, Fact(name="state", value=cve.state.value, source="cvelist"))
    if product is not None:
        found += _product(product)
    if exposed is not None:
        found += _exposure(exposed, ANSWER)
    elif product is not None and product.exposed is not None:
        found += _exposure(product.exposed, SETTINGS)
    elif product is not None and answer is not None:
        found += _exposure(answer.exposed, ANSWER, answer.at)
    return tuple(found)


def is_rejected(facts: Iterable[Fact]) -> bool:
    """True if the CVE List has taken the id back."""
    return any(one.name == "state" and one.value == CveState.REJECTED.value for one in facts)


def _exploitation(cve: Vulnerability, loaded: Mapping[FactSource, Micros]) -> Iterator[Fact]:
    """Yields exploitation: the catalogue's word for `kev`; that or CISA's own SSVC for `exploitation`."""
    listed = cve.kev
    read_at = next((one.read_at for one in cve.said if one.said.source == KEV), loaded.get(KEV))
    if listed is not None or KEV in loaded:
        yield Fact(name="kev", value=YES if listed else NO, source=KEV, read_at=read_at)
    if listed is not None and listed.ransomware is not None:
        value = YES if listed.ransomware else NO
        yield Fact(name="ransomware", value=value, source=KEV, read_at=read_at)
    for one in cve.said:
        if one.said.exploited is not None:
            who = one.said.exploited.by
            yield Fact(name="exploited_by", value=who, source=one.said.source, read_at=one.read_at)
    if listed is not None:
        yield Fact(name="exploitation", value="active", source=KEV, read_at=read_at)


def _ssvc(cve: Vulnerability) -> Iterator[Fact]:
    said = next((one for one in cve.said if one.said.ssvc), None)
    if said is None or said.said.ssvc is None:
        return
    ssvc, read_at = said.said.ssvc, said.read_at
    answers = {
        "exploitation": _EXPLOITATION.get((ssvc.exploitation or "").lower()),
        "automatable": (ssvc.automatable or "").lower(),
        "technical_impact": (ssvc.technical_impact or "").lower(),
    }
    for name, value in answers.items():
        if value in QUESTIONS[name] and not (name == "exploitation" and cve.kev):
            yield Fact(name=name, value=value, source=CISA, read_at=read_at)


def _scores(cve: Vulnerability) -> Iterator[Fact]:
    best = cve.best
    if best is not None:
        read_at = next((one.read_at for one in cve.said if best in one.said.scores), None)
        yield Fact(name="cvss", value=f"{best.score:.1f}", source=best.source, read_at=read_at)
        yield Fact(name="severity", value=best.severity.value, source=best.source, read_at=read_at)
    said = next((one for one in cve.said if one.said.epss), None)
    if said is not None and said.said.epss is not None:
        value = f"{said.said.epss.score:.5f}"
        yield Fact(name="epss", value=value, source=said.said.source, read_at=said.read_at)


def _product(product: Product) -> Iterator[Fact]:
    yield Fact(name="product", value=product.name, source=SETTINGS)
    if product.vendor:
        yield Fact(name="vendor", value=product.vendor, source=SETTINGS)
    for tag in product.tags:
        yield Fact(name="tag", value=tag, source=SETTINGS)
    if product.where is not None:
        yield Fact(name="where", value=product.where.value, source=SETTINGS)
    if product.criticality is not None:
        yield Fact(name="criticality", value=product.criticality.value, source=SETTINGS)
        yield Fact(name="human_impact", value=_IMPACT[product.criticality], source=SETTINGS)


def _exposure(exposed: bool, source: str, at: Micros | None = None) -> Iterator[Fact]:
    yield Fact(name="exposed", value=YES if exposed else NO, source=source, read_at=at)
    yield Fact(name="exposure", value="open" if exposed else "controlled", source=source, read_at=at)
