"""The table [facts]: which facts about vulnerabilities are fetched, and from where."""

from __future__ import annotations

from dataclasses import dataclass

from threatstamp.config.addresses import is_guarded
from threatstamp.config.published import ADDRESSES, CVE_RECORDS, WHOLE_SOURCES
from threatstamp.config.reader import Table, Words
from threatstamp.core.facts.assessment import CVELIST, EPSS, GHSA, JVN, KEV, NVD, OSV, FactSource
from threatstamp.core.facts.score import USUAL, Ranking, ranking_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsSettings:
    """sources: what is fetched by the clock; nothing by default, so that the desk calls nobody unasked.

    scores: in which order they count.
    """

    sources: tuple[FactSource, ...] = ()
    cvelist_url: str = ADDRESSES[CVELIST]
    nvd_url: str = ADDRESSES[NVD]
    kev_url: str = ADDRESSES[KEV]
    epss_url: str = ADDRESSES[EPSS]
    jvn_url: str = ADDRESSES[JVN]
    osv_url: str = ADDRESSES[OSV]
    ghsa_url: str = ADDRESSES[GHSA]
    record_url: str = CVE_RECORDS
    scores: Ranking = USUAL

    def address(self, source: FactSource) -> str:
        return {
            CVELIST: self.cvelist_url,
            NVD: self.nvd_url,
            KEV: self.kev_url,
            EPSS: self.epss_url,
            JVN: self.jvn_url,
            OSV: self.osv_url,
            GHSA: self.ghsa_url,
        }[source]

    def is_own(self, source: FactSource) -> bool:
        """True if the file names another address than the source's usual one."""
        is_record = source == CVELIST and self.record_url != CVE_RECORDS
        return is_record or self.address(source) != ADDRESSES[source]


def read_facts(table: Table, *, top: frozenset[str]) -> FactsSettings:
    """Returns the settings of facts; what is wrong with them is added to the table's problems."""
    sources: list[FactSource] = []
    for item, said in table.texts("sources"):
        if said in WHOLE_SOURCES:
            sources.append(FactSource(said))
            continue
        known, near = Words(", ".join(WHOLE_SOURCES)), table.hint(said, WHOLE_SOURCES)
        table.wrong("sources", "choice", item=item, value=said, choices=known, hint=near)
    addresses = {f"{name}_url": _address(table, name, usual) for name, usual in ADDRESSES.items()}
    record_url = _address(table, "record", CVE_RECORDS)
    scores = _scores(table)
    table.close(top=top)
    return FactsSettings(
        sources=tuple(dict.fromkeys(sources)), record_url=record_url, scores=scores, **addresses
    )


def _scores(table: Table) -> Ranking:
    found: list[str] = []
    for item, said in table.texts("scores"):
        if said not in USUAL:
            near = table.hint(said, USUAL)
            table.wrong("scores", "choice", item=item, value=said, choices=Words(", ".join(USUAL)), hint=near)
        elif said in found:
            table.wrong("scores", "listed_twice", item=item, value=said)
        found.append(said)
    return ranking_of(one for one in found if one in USUAL)


def _address(table: Table, name: str, usual: str) -> str:
    key = f"{name}_url"
    said = table.text(key, usual)
    if not is_guarded(said):
        table.wrong(key, "address")
    return said
