"""The CVE List, version 5: each record with what its CNA says and what others (ADPs) add to it.

It comes as files of one record each: a file, a folder, or the archives that are published, of which the
daily one contains another. Shape: https://github.com/CVEProject/cve-schema
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

from threatstamp.core.facts.assessment import CVELIST, Assessment, CveState, Ssvc
from threatstamp.core.facts.cve import cve_of
from threatstamp.core.facts.document import BrokenRecord, DocumentError, DocumentFault, FactDocument, Record
from threatstamp.core.facts.score import CISA, Score, Scorer
from threatstamp.facts.archives import Member, members
from threatstamp.facts.files import digest_of
from threatstamp.facts.loose import BrokenError, Loose, read_json, table, tables, words
from threatstamp.facts.products import affected_in, cpes_in
from threatstamp.facts.scoring import score_of

CISA_ORGANISATION = "134c704f-9b21-4f2e-91b3-4a353364bcd1"
"""Of the ADP container that is CISA's: others have their own, and say other things in the same form."""

_METRICS = ("cvssV4_0", "cvssV3_1", "cvssV3_0", "cvssV2_0")
_STATES = {"PUBLISHED": CveState.PUBLISHED, "REJECTED": CveState.REJECTED}


def open_cvelist(path: Path) -> FactDocument:
    """Opens a record, a folder or an archive of them. Raises DocumentError."""
    found = members(path, 0)
    first = next(found, None)
    if first is None:
        raise DocumentError(DocumentFault.FOREIGN)
    opened = [chain((first,), found)]

    def records(begin: int) -> Iterator[Record]:
        """An archive's list of members is long: what was opened to look at the first of them is read on."""
        rest = islice(opened.pop(), begin, None) if opened else members(path, begin)
        return map(_record, rest)

    return FactDocument(
        source=CVELIST,
        edition="",
        digest=digest_of(path),
        is_whole=False,
        records=records,
    )


def _record(member: Member) -> Record:
    try:
        record = table(read_json(member.read()))
        return read_record(record)
    except BrokenError as error:
        return BrokenRecord(name=member.name, place=member.place, what=str(error))
    except (ValueError, OSError) as error:
        what = "JSON" if isinstance(error, ValueError) else str(error)
        return BrokenRecord(name=member.name, place=member.place, what=what)


def read_record(record: Loose) -> Assessment:
    """Returns what a record says. Raises BrokenError if it is none."""
    meta, containers = table(record.get("cveMetadata")), table(record.get("containers"))
    cve, state = cve_of(words(meta.get("cveId"))), _STATES.get(words(meta.get("state")))
    if cve is None:
        raise BrokenError("cveMetadata.cveId")
    if state is None:
        raise BrokenError("cveMetadata.state")
    cna, adps = table(containers.get("cna")), list(tables(containers.get("adp")))
    both = [cna, *adps]
    updates = [meta.get("dateUpdated"), *(_provider(one).get("dateUpdated") for one in both)]
    is_valid = state is not CveState.REJECTED
    return Assessment(
        cve=cve,
        source=CVELIST,
        version=max(map(words, updates)),
        state=state,
        title=_title(cna),
        scores=tuple(_scores(cna, adps)) if is_valid else (),
        ssvc=next((_ssvc(one) for one in adps if _is_cisa(one)), None) if is_valid else None,
        cwes=tuple(dict.fromkeys(cwe for one in both for cwe in _cwes(one))),
        affected=tuple(product for one in both for product in affected_in(one)),
        cpes=tuple(dict.fromkeys(cpe for one in both for cpe in cpes_in(one))),
        ids=tuple(_ids(cna)),
        references=tuple(dict.fromkeys(link for one in both for link in _references(one))),
    )


def _title(cna: Loose) -> str | None:
    """Returns the record's title, which older ones lack: then the beginning of their description."""
    described = tables(cna.get("descriptions"))
    english = (words(one.get("value")) for one in described if words(one.get("lang")).startswith("en"))
    return words(cna.get("title")) or next(english, "") or None


def _provider(container: Loose) -> Loose:
    return table(container.get("providerMetadata"))


def _is_cisa(container: Loose) -> bool:
    return words(_provider(container).get("orgId")).lower() == CISA_ORGANISATION


def _source(container: Loose) -> str:
    return CISA if _is_cisa(container) else words(_provider(container).get("shortName")).lower() or "?"


def _scores(cna: Loose, adps: list[Loose]) -> Iterator[Score]:
    for container in (cna, *adps):
        scorer = Scorer.CNA if container is cna else Scorer.ADP
        for metric in tables(container.get("metrics")):
            for name in _METRICS:
                if name in metric:
                    score = score_of(table(metric[name]), _source(container), scorer)
                    if score is not None:
                        yield score


def _ssvc(container: Loose) -> Ssvc | None:
    for metric in tables(container.get("metrics")):
        other = table(metric.get("other"))
        if words(other.get("type")).lower() == "ssvc":
            answers = {
                name: words(value)
                for option in tables(table(other.get("content")).get("options"))
                for name, value in option.items()
            }
            return Ssvc(
                exploitation=answers.get("Exploitation") or None,
                automatable=answers.get("Automatable") or None,
                technical_impact=answers.get("Technical Impact") or None,
            )
    return None


def _cwes(container: Loose) -> Iterator[str]:
    for problem in tables(container.get("problemTypes")):
        for described in tables(problem.get("descriptions")):
            if cwe := words(described.get("cweId")):
                yield cwe


def _ids(cna: Loose) -> Iterator[str]:
    advisory = words(table(cna.get("source")).get("advisory"))
    if advisory:
        yield advisory


def _references(container: Loose) -> Iterator[str]:
    return filter(None, (words(one.get("url")) for one in tables(container.get("references"))))
