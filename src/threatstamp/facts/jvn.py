"""JVN iPedia: its feeds and MyJVN's lists, as RDF (HND) and as JSON (OKA).

An entry repeats `sec:references`, `sec:cpe` and `sec:cvss`, and may be about several CVEs.
Shapes: https://jvndb.jvn.jp/schema/jvnrss_3.2.xsd, https://jvndb.jvn.jp/schema/myjvn_feed_1.0.json
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from threatstamp.core.facts.assessment import JVN, Affected, Assessment
from threatstamp.core.facts.cve import CveId, fact_id_of
from threatstamp.core.facts.document import BrokenRecord, DocumentError, DocumentFault, FactDocument, Record
from threatstamp.core.facts.score import Score, Scorer
from threatstamp.facts.advisories import each_name, merged
from threatstamp.facts.cpes import cpe_parts
from threatstamp.facts.files import content_of, digest_of
from threatstamp.facts.loose import BrokenError, Loose, read_json, table, tables, words
from threatstamp.facts.scoring import VERSIONS, score_of
from threatstamp.facts.xmltree import BrokenXmlError, Element, elements

_ID = "JVNDB-"
T = TypeVar("T")


def open_jvn(path: Path) -> FactDocument:
    """Opens a feed or a list. Raises DocumentError."""
    content = content_of(path)
    is_json = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    entries = _json_entries(content) if is_json else _rdf_entries(content)
    found, broken, failure = _gathered(entries)
    if not found and not broken:
        raise failure or DocumentError(DocumentFault.FOREIGN)

    def records(begin: int) -> Iterator[Record]:
        yield from islice([*found, *broken], begin, None)
        if failure is not None:
            raise failure

    return FactDocument(source=JVN, edition="", digest=digest_of(path), is_whole=False, records=records)


Entry = tuple[Assessment, ...] | BrokenRecord


def _gathered(
    entries: Iterable[Entry],
) -> tuple[list[Assessment], list[BrokenRecord], DocumentError | None]:
    """Returns what is said by each name: several entries may be about one CVE. And where it breaks off."""
    found: dict[CveId, Assessment] = {}
    broken: list[BrokenRecord] = []
    try:
        for entry in entries:
            if isinstance(entry, BrokenRecord):
                broken.append(entry)
                continue
            for said in entry:
                found[said.cve] = merged(found[said.cve], said) if said.cve in found else said
    except DocumentError as error:
        return list(found.values()), broken, error
    return list(found.values()), broken, None


def _rdf_entries(content: bytes) -> Iterator[Entry]:
    try:
        for number, item in enumerate(elements(content, "item")):
            name = words(item.said("identifier"))
            try:
                yield _rdf_entry(item)
            except BrokenError as error:
                yield BrokenRecord(name=name, place=f"item[{number}]", what=str(error))
    except BrokenXmlError as error:
        raise DocumentError(DocumentFault.BROKEN, reason=str(error)) from error


def _rdf_entry(item: Element) -> tuple[Assessment, ...]:
    references = list(item.all("references"))
    ids = [words(one.attributes.get("id")) for one in references]
    links = [words(item.said("link")), *(words(one.text) for one in references)]
    cpes = [(words(one.text), one.attributes) for one in item.all("cpe")]
    said = Assessment(
        cve=_own_id(item.said("identifier"), "sec:identifier"),
        source=JVN,
        version=_version(item.said("modified") or item.said("date")),
        title=words(item.said("title")) or None,
        scores=tuple(filter(None, map(_rdf_score, item.all("cvss")))),
        cwes=_each(one for one in ids if _is_cwe(one)),
        affected=_each(_named(cpe, more.get("vendor"), more.get("product")) for cpe, more in cpes),
        cpes=_each(cpe for cpe, _ in cpes if cpe),
        references=_each(link for link in links if link),
    )
    known = (
        words(one.attributes.get("id"))
        for one in references
        if words(one.attributes.get("source")) in _NAMERS
    )
    return each_name(said, known)


_NAMERS = frozenset(
    {"CVE", "JVN", "JPCERT-AT", "JPCERT", "IPA SECURITY ALERT", "ICS-CERT ADVISORY", "US-CERT"}
)
"""The references that are ids of the same matter; others are links with a text."""


def _rdf_score(one: Element) -> Score | None:
    published = one.attributes.get("score", "")
    try:
        number = float(published)
    except ValueError:
        number = None
    metric = {
        "vectorString": one.attributes.get("vector"),
        "version": one.attributes.get("version"),
        "baseScore": number,
    }
    return _score(metric)


def _score(metric: Loose) -> Score | None:
    is_known = words(metric.get("version")) in VERSIONS  # the form has room for others
    return score_of(metric, JVN, Scorer.JVN) if is_known else None


def _json_entries(content: bytes) -> Iterator[Entry]:
    try:
        feed = table(table(read_json(content)).get("feed"))
    except ValueError as error:
        raise DocumentError(DocumentFault.FOREIGN) from error
    for number, entry in enumerate(tables(feed.get("entry"))):
        name = words(entry.get("id"))
        if not name.startswith(_ID):  # MyJVN's alerts have the same frame
            continue
        try:
            yield _json_entry(entry)
        except BrokenError as error:
            yield BrokenRecord(name=name, place=f"entry[{number}]", what=str(error))


def _json_entry(entry: Loose) -> tuple[Assessment, ...]:
    references, products = list(tables(entry.get("references"))), list(tables(entry.get("products")))
    metrics = [table(one.get("content")) for one in tables(entry.get("metrics"))]
    cpes = [words(table(one.get("product_ids")).get("cpe")) for one in products]
    links = [words(entry.get("link")), *(words(one.get("url")) for one in references)]
    said = Assessment(
        cve=_own_id(words(entry.get("id")), "id"),
        source=JVN,
        version=_version(words(entry.get("modified"))),
        title=words(entry.get("title")) or None,
        scores=tuple(
            found for one in metrics for value in one.values() if (found := _score(table(value))) is not None
        ),
        cwes=_each(
            words(one.get("id")) for one in tables(entry.get("cwes")) if _is_cwe(words(one.get("id")))
        ),
        affected=_each(_product(one) for one in products),
        cpes=_each(cpe for cpe in cpes if cpe),
        references=_each(link for link in links if link),
    )
    return each_name(
        said, (words(one.get("summary")) for one in references if words(one.get("source")) in _NAMERS)
    )


def _product(one: Loose) -> Affected:
    ids = table(one.get("product_ids"))
    purls = (words(id.get("value")) for id in tables(ids.get("id_refs")) if id.get("nameType") == "purl")
    return _named(words(ids.get("cpe")), one.get("vname"), one.get("pname"), purl=next(purls, None))


def _named(cpe: str, vendor: object, product: object, *, purl: str | None = None) -> Affected:
    """Returns a product whose versions nobody says: in JVN iPedia they stand in its pages alone."""
    parts = cpe_parts(cpe) or ("", "", "", "")
    return Affected(
        vendor=words(vendor) or parts[1],
        product=words(product) or parts[2],
        cpe=cpe or None,
        purl=purl,
        is_name_only=True,
    )


def _own_id(text: str, part: str) -> CveId:
    found = fact_id_of(words(text))
    if found is None:
        raise BrokenError(part)
    return found


def _is_cwe(text: str) -> bool:
    return text.startswith("CWE-") and text[4:].isdigit()


def _version(text: str) -> str:
    """Returns a time such that later ones sort after earlier ones: all are Japan's, some lack the seconds."""
    text = words(text)
    return f"{text[:16]}:00{text[16:]}" if text[16:17] in ("+", "Z") else text


def _each(found: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(found))
