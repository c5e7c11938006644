"""Invented documents in the shape of their sources: the CVE List's archive, an NVD feed, JVN iPedia, EPSS."""

from __future__ import annotations

import gzip
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from threatstamp.core.facts.assessment import CVELIST, EPSS, JVN, NVD, FactSource

FIRST = 1000
CISA = "134c704f-9b21-4f2e-91b3-4a353364bcd1"
LETTERS = "NLH"
TEXT = (
    "Improper neutralization in a component allows a remote attacker to do something by a crafted request. "
)


def write(source: FactSource, folder: Path, count: int) -> Path:
    """Writes so many records of a source; the same ones each time."""
    return {CVELIST: cvelist, NVD: nvd, JVN: jvn, EPSS: epss}[source](folder, count)


def numbers(count: int) -> range:
    return range(FIRST, FIRST + count)


def cve(number: int) -> str:
    return f"CVE-2026-{number}"


def cvelist(folder: Path, count: int) -> Path:
    """The archive of all records, packed as it is published, without the one around it."""
    path = folder / "cves.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in numbers(count):
            name = f"cves/2026/{number // 1000}xxx/{cve(number)}.json"
            archive.writestr(name, json.dumps(record(number), indent=4))
    return path


def nvd(folder: Path, count: int) -> Path:
    """A yearly feed, packed with gzip."""
    path = folder / "nvd.json.gz"
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.write(f'{{"resultsPerPage":{count},"format":"NVD_CVE","version":"2.0",')
        file.write('"timestamp":"2026-11-26T03:00:00.000","vulnerabilities":[')
        for number in numbers(count):
            one = json.dumps({"cve": nvd_record(number)}, separators=(",", ":"))
            file.write(one if number == FIRST else f",{one}")
        file.write("]}")
    return path


def jvn(folder: Path, count: int) -> Path:
    """A feed of one year."""
    path = folder / "jvndb.rdf"
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
            ' xmlns:sec="http://jvn.jp/rss/mod_sec/" xml:lang="ja">\n'
        )
        for number in numbers(count):
            file.write(jvn_item(number))
        file.write("</rdf:RDF>\n")
    return path


def epss(folder: Path, count: int) -> Path:
    """The scores of a day."""
    path = folder / "epss.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", compresslevel=1) as file:
        file.write("#model_version:v9,score_date:2026-11-26T00:00:00+0000\ncve,epss,percentile\n")
        for number in numbers(count):
            file.write(f"{cve(number)},{number % 1000 / 1000:.5f},{number % 997 / 997:.5f}\n")
    return path


def vector(number: int) -> str:
    """Returns one of 81 vectors: in reality, too, few of them make up most records."""
    letters = (LETTERS[number // 3**place % 3] for place in range(4))
    return "CVSS:3.1/AV:N/AC:L/PR:{}/UI:N/S:U/C:{}/I:{}/A:{}".format(*letters)


def record(number: int) -> dict[str, object]:
    """Returns a record of the CVE List: some 3 kB, and 6 kB as it is published, with CISA's container."""
    changed = "2026-11-20T10:00:00.000Z"
    version = {
        "version": "1.0",
        "status": "affected",
        "lessThan": f"1.{number % 90}",
        "versionType": "semver",
    }
    cna = {
        "providerMetadata": {"orgId": f"{number % 300}", "shortName": "example", "dateUpdated": changed},
        "title": f"A flaw in product {number % 5_000}",
        "descriptions": [{"lang": "en", "value": TEXT * 4}],
        "affected": [
            {"vendor": "Example", "product": f"Product {(number + one) % 5_000}",
             "defaultStatus": "unaffected",
             "cpes": [f"cpe:2.3:a:example:product_{(number + one) % 5_000}:*:*:*:*:*:*:*:*"],
             "platforms": ["Windows", "Linux"], "versions": [version]}
            for one in range(number % 3 + 1)
        ],
        "metrics": [{"format": "CVSS", "scenarios": [{"lang": "en", "value": "GENERAL"}],
                     "cvssV3_1": {"version": "3.1", "vectorString": vector(number), "baseScore": 5.0,
                                  "baseSeverity": "MEDIUM", "attackVector": "NETWORK", "scope": "UNCHANGED",
                                  "attackComplexity": "LOW", "userInteraction": "NONE"}}],
        "problemTypes": [{"descriptions": [{"type": "CWE", "lang": "en", "cweId": f"CWE-{number % 900 + 1}",
                                            "description": "A weakness of some kind"}]}],
        "references": [{"url": f"https://vendor.example/advisories/{number}/{one}", "tags": ["x_vendor"]}
                       for one in range(4)],
        "credits": [{"lang": "en", "value": "Somebody of somewhere", "type": "finder"}],
        "source": {"discovery": "UNKNOWN"},
    }  # fmt: skip
    options = [{"Exploitation": "none"}, {"Automatable": "no"}, {"Technical Impact": "partial"}]
    ssvc = {"id": cve(number), "role": "CISA Coordinator", "options": options, "version": "2.0.3"}
    adp = {
        "providerMetadata": {"orgId": CISA, "shortName": "CISA-ADP", "dateUpdated": changed},
        "title": "CISA ADP Vulnrichment",
        "metrics": [{"other": {"type": "ssvc", "content": ssvc}}],
    }
    meta = {
        "cveId": cve(number), "state": "PUBLISHED", "assignerOrgId": "0", "assignerShortName": "example",
        "dateReserved": changed, "datePublished": changed, "dateUpdated": changed,
    }  # fmt: skip
    return {
        "dataType": "CVE_RECORD",
        "dataVersion": "5.2",
        "cveMetadata": meta,
        "containers": {"cna": cna, "adp": [adp]},
    }


def nvd_record(number: int) -> dict[str, object]:
    """Returns a record of NVD: some 3 kB."""
    data = {"version": "3.1", "vectorString": vector(number), "baseScore": 5.0, "baseSeverity": "MEDIUM",
            "attackVector": "NETWORK", "attackComplexity": "LOW", "privilegesRequired": "NONE",
            "userInteraction": "NONE", "scope": "UNCHANGED", "confidentialityImpact": "LOW",
            "integrityImpact": "LOW", "availabilityImpact": "LOW"}  # fmt: skip
    both = (("nvd@nist.gov", "Primary"), ("security@vendor.example", "Secondary"))
    matches = [
        {"vulnerable": True, "criteria": f"cpe:2.3:a:example:product_{number % 5_000}:*:*:*:*:*:*:*:*",
         "versionStartIncluding": f"{one}.0", "versionEndExcluding": f"{one}.{number % 90}",
         "matchCriteriaId": f"00000000-0000-0000-0000-{number:012d}"}
        for one in range(number % 4 + 1)
    ]  # fmt: skip
    return {
        "id": cve(number),
        "sourceIdentifier": "security@vendor.example",
        "published": "2026-11-20T10:00:00.000",
        "lastModified": "2026-11-20T10:00:00.000",
        "vulnStatus": "Analyzed",
        "descriptions": [{"lang": "en", "value": TEXT * 3}, {"lang": "es", "value": TEXT * 3}],
        "metrics": {
            "cvssMetricV31": [
                {
                    "source": who,
                    "type": kind,
                    "cvssData": data,
                    "exploitabilityScore": 3.9,
                    "impactScore": 1.4,
                }
                for who, kind in both
            ]
        },
        "weaknesses": [
            {"source": "nvd@nist.gov", "description": [{"lang": "en", "value": f"CWE-{number % 900 + 1}"}]}
        ],
        "configurations": [{"nodes": [{"operator": "OR", "negate": False, "cpeMatch": matches}]}],
        "references": [
            {"url": f"https://vendor.example/advisories/{number}/{one}", "source": "security@vendor.example"}
            for one in range(4)
        ],
    }


def jvn_item(number: int) -> str:
    """Returns an item of JVN iPedia: some 1.5 kB."""
    name, product = f"JVNDB-2026-{number:06d}", f"Product {number % 5_000}"
    link = f"https://jvndb.jvn.jp/ja/contents/2026/{name}.html"
    return (
        f'<item rdf:about="{link}"><title>Example の {product} における境界外書き込みに関する脆弱性</title>'
        f"<link>{link}</link>"
        f"<description>Example の {product} には、境界外書き込みに関する脆弱性が存在します。</description>"
        f"<sec:identifier>{name}</sec:identifier>"
        f'<sec:references source="CVE" id="{cve(number)}">'
        f"https://www.cve.org/CVERecord?id={cve(number)}</sec:references>"
        f'<sec:references source="NVD" id="{cve(number)}">'
        f"https://nvd.nist.gov/vuln/detail/{cve(number)}</sec:references>"
        f'<sec:references title="境界外書き込み(CWE-787)" id="CWE-787">'
        "http://cwe.mitre.org/data/definitions/787.html</sec:references>"
        f'<sec:cpe version="2.2" vendor="Example" product="{product}">'
        f"cpe:/a:example:product_{number % 5_000}</sec:cpe>"
        f'<sec:cvss version="3.0" score="5.0" type="Base" severity="Medium"'
        f' vector="{vector(number).replace("3.1", "3.0")}"/>'
        "<dc:date>2026-11-20T10:00+09:00</dc:date><dcterms:issued>2026-11-20T10:00+09:00</dcterms:issued>"
        "<dcterms:modified>2026-11-20T10:00+09:00</dcterms:modified></item>\n"
    )


def contents(path: Path, source: FactSource) -> Iterator[bytes]:
    """Yields what a loop without any rules would read: each JSON record, or each line."""
    if source == CVELIST:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield archive.read(name)
    else:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            yield from file


if __name__ == "__main__":  # python -m bench.documents cvelist /tmp 300000
    print(write(FactSource(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
