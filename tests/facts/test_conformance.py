"""Every CVE, CPE, CVSS vector and CWE that stands in the captured documents is read, counted another way."""

from __future__ import annotations

import csv
import gzip
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.facts.test_real_documents import captured
from threatstamp.core.facts.assessment import FACT_SOURCES, Assessment, FactSource
from threatstamp.facts.sources import SOURCES

_CVE = re.compile(r"CVE-\d{4}-\d{4,19}")
_CWE = re.compile(r"CWE-\d+")
_CPE = re.compile(r"cpe:(?:2\.3:[aoh]|/[aoh]):[^\s\"<]+")
_VECTOR = re.compile(r"(?:CVSS:(?:[34]\.\d)/)?AV:[NALP]/AC:[LMH][A-Za-z0-9:/.]*")


def found_in(source: str, name: str) -> list[Assessment]:
    records = list(SOURCES[FactSource(source)](captured(name)).records(0))
    assert all(isinstance(one, Assessment) for one in records)
    return [one for one in records if isinstance(one, Assessment)]


def values(text: str) -> str:
    """Returns the text without what names a schema or an example beside the facts."""
    return text.replace("CVSS:5.0/", "nothing:").replace("\\/", "/")


def check(text: str, said: list[Assessment]) -> None:
    """Compares what regular expressions find in a document with what was read of it."""
    text = values(text)
    cves = {str(one.cve) for one in said} | {name for one in said for name in one.ids}
    assert set(_CVE.findall(text)) <= cves | set(
        _CVE.findall(" ".join(link for one in said for link in one.references))
    )
    assert set(_CWE.findall(text)) <= {cwe for one in said for cwe in one.cwes}
    assert set(_CPE.findall(text)) <= {cpe for one in said for cpe in one.cpes}
    vectors = {score.vector for one in said for score in one.scores}
    assert {one for one in _VECTOR.findall(text) if f"nothing:{one}" not in text} <= vectors


@pytest.mark.parametrize("name", ["page-0", "page-3", "page-6", "ssvc-affected"])
def test_nvd(name: str) -> None:
    said = found_in("nvd", f"nvd/{name}.json")
    document = json.loads(captured(f"nvd/{name}.json").read_text(encoding="utf-8"))
    records = [one["cve"] for one in document["vulnerabilities"]]
    assert [str(one.cve) for one in said] == [one["id"] for one in records]
    for record, one in zip(records, said, strict=True):
        check(json.dumps({key: record.get(key) for key in ("id", "metrics", "weaknesses")}), [one])
        vulnerable = [
            match["criteria"] for match in _walk(record.get("configurations", [])) if match.get("vulnerable")
        ]
        assert set(vulnerable) == set(one.cpes)


def _walk(value: object) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        if "criteria" in value:
            yield value
        for one in value.values():
            yield from _walk(one)
    elif isinstance(value, list):
        for one in value:
            yield from _walk(one)


@pytest.mark.parametrize(
    "name",
    [
        "dataFeed_jvndb_rss_hnd.xml",
        "getVulnOverviewList_hnd.xml",
        "getVulnOverviewList_oka.json",
        "jvndb_2021.rdf",
        "jvndb_2023.rdf",
        "jvndb_new.rdf",
    ],
)
def test_jvn(name: str) -> None:
    said = found_in("jvn", f"myjvn/{name}")
    text = captured(f"myjvn/{name}").read_text(encoding="utf-8")
    # a text may mention a weakness or another flaw in passing: what counts are the fields
    fields = re.sub(r"<description>.*?</description>|\"summary\": \"[^\"]{60,}\"", "", text, flags=re.DOTALL)
    check(fields, said)
    assert {one.cve for one in said} >= set(re.findall(r"JVNDB-\d{4}-\d{6}", text))


def test_the_cve_list() -> None:
    said = {str(one.cve): one for one in found_in("cvelist", "cvelist/cvelistV5-main.tar.gz")}
    with tarfile.open(captured("cvelist/cvelistV5-main.tar.gz")) as archive:
        for info in archive:
            if re.fullmatch(r"CVE-\d+-\d+\.json", Path(info.name).name):
                file = archive.extractfile(info)
                assert file is not None
                record = json.load(file)
                containers = record["containers"]
                kept = {
                    "cna": {
                        k: v
                        for k, v in containers["cna"].items()
                        if k in ("metrics", "problemTypes", "affected")
                    }
                }
                check(
                    json.dumps({"id": record["cveMetadata"]["cveId"], **kept}), [said[Path(info.name).stem]]
                )


@pytest.mark.parametrize("day", ["2025-05-22", "2025-08-25"])
def test_kev(day: str) -> None:
    said = {str(one.cve): one for one in found_in("kev", f"kev/kev-{day}.json")}
    entries = json.loads(captured(f"kev/kev-{day}.json").read_text(encoding="utf-8"))["vulnerabilities"]
    assert set(said) == {one["cveID"] for one in entries}
    for entry in entries:
        one = said[entry["cveID"]]
        assert one.exploited is not None
        assert one.exploited.added_on.isoformat() == entry["dateAdded"]
        assert list(one.cwes) == entry.get("cwes", [])


@pytest.mark.parametrize("day", ["2021-04-14", "2021-09-01", "2022-02-04", "2023-03-07"])
def test_epss(day: str) -> None:
    said = {str(one.cve): one for one in found_in("epss", f"epss/epss_scores-{day}.csv.gz")}
    lines = gzip.decompress(captured(f"epss/epss_scores-{day}.csv.gz").read_bytes()).decode().splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert {row["cve"] for row in rows} == set(said)
    for row in rows:
        epss = said[row["cve"]].epss
        assert epss is not None
        assert epss.score == float(row["epss"])


def test_the_names_of_the_sources_are_those_of_the_interface() -> None:
    assert FACT_SOURCES == ("cvelist", "nvd", "kev", "epss", "jvn", "osv", "ghsa")
