"""NVD's pages and yearly feeds: scores of everybody, versions by CPE, and what its status means."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.support.facts import CISA_ORGANISATION, CRITICAL, CVE, MEDIUM, nvd_record, write_nvd
from threatstamp.core.facts.assessment import Affected, Assessment, CveState, VersionRange
from threatstamp.core.facts.document import BrokenRecord, DocumentError, DocumentFault
from threatstamp.core.facts.score import Scorer
from threatstamp.facts.nvd import open_nvd, read_record
from threatstamp.facts.streaming import PIECE


def metric(source: str, vector: str, published: float, kind: str = "Primary") -> dict[str, Any]:
    data = {"version": "3.1", "vectorString": vector, "baseScore": published}
    return {"source": source, "type": kind, "cvssData": data}


def test_scores_count_by_who_gave_them_and_not_by_their_type() -> None:
    metrics = {
        "cvssMetricV31": [
            metric("nvd@nist.gov", CRITICAL, 9.8),
            metric("psirt@vendor.example", MEDIUM, 5.0, "Secondary"),
            metric(CISA_ORGANISATION, MEDIUM, 5.5, "Secondary"),
            metric("other@cna.example", MEDIUM, 5.5, "Secondary"),
        ]
    }
    found = read_record(nvd_record(metrics=metrics)).scores
    assert [(one.source, one.scorer, one.score, one.differs) for one in found] == [
        ("nvd", Scorer.NVD, 9.8, False),
        ("psirt@vendor.example", Scorer.CNA, 5.5, True),
        ("cisa-adp", Scorer.ADP, 5.5, False),
        ("other@cna.example", Scorer.ADP, 5.5, False),
    ]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Deferred", CveState.DEFERRED),
        ("Awaiting Analysis", CveState.AWAITING),
        ("Undergoing Analysis", CveState.AWAITING),
        ("Received", CveState.AWAITING),
        ("Rejected", CveState.REJECTED),
        ("Analyzed", CveState.PUBLISHED),
        ("Modified", CveState.PUBLISHED),
        ("", CveState.PUBLISHED),
    ],
)
def test_a_status_says_whether_more_is_to_come(status: str, expected: CveState) -> None:
    record = nvd_record(vulnStatus=status, metrics={"cvssMetricV31": [metric("nvd@nist.gov", CRITICAL, 9.8)]})
    found = read_record(record)
    assert (found.state, bool(found.scores)) == (expected, expected is not CveState.REJECTED)


def test_versions_stand_beside_a_cpe_or_in_it() -> None:
    cpe = "cpe:2.3:a:hakobune:ftp\\:server:{}:*:*:*:*:*:*:*"
    matches = [
        {"vulnerable": True, "criteria": cpe.format("*"), "versionStartIncluding": "7.0", "versionEndExcluding": "7.4"},
        {"vulnerable": True, "criteria": cpe.format("*"), "versionStartExcluding": "6.0", "versionEndIncluding": "6.9"},
        {"vulnerable": True, "criteria": cpe.format("5.1")},
        {"vulnerable": False, "criteria": "cpe:2.3:o:hakobune:os:-:*:*:*:*:*:*:*"},
    ]  # fmt: skip
    found = read_record(nvd_record(configurations=[{"nodes": [{"cpeMatch": matches}]}]))
    ranges = (
        VersionRange(first="7.0", before="7.4"),
        VersionRange(first="", after="6.0", through="6.9"),
        VersionRange(first="5.1"),
    )
    named = "cpe:2.3:a:hakobune:ftp\\:server"
    assert found.affected == (Affected(vendor="hakobune", product="ftp:server", ranges=ranges, cpe=named),)
    assert found.cpes == (cpe.format("*"), cpe.format("5.1"))


def test_a_cpe_of_all_versions_has_no_range() -> None:
    matches = [
        {"criteria": "cpe:2.3:h:hakobune:box:-:*:*:*:*:*:*:*"},
        {"criteria": "cpe:2.3:h:hakobune:box:1:*:*:*:*:*:*:*"},
    ]
    [product] = read_record(nvd_record(configurations=[{"nodes": [{"cpeMatch": matches}]}])).affected
    assert product.ranges == ()


def plain(content: bytes) -> bytes:
    return content


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("nvdcve-2.0-2099.json", content)
    return buffer.getvalue()


@pytest.mark.parametrize("pack", [plain, gzip.compress, zipped])
def test_each_published_form_is_read_one_record_after_the_other(tmp_path: Path, pack: Any) -> None:
    records = [nvd_record(f"CVE-2099-{number}") for number in range(1000, 6000)]
    path = write_nvd(tmp_path / "feed.json", *records, {"id": "nothing"})
    assert path.stat().st_size > PIECE
    path.write_bytes(pack(path.read_bytes()))
    document = open_nvd(path)
    *said, broken = document.records(0)
    assert [one.cve for one in said if isinstance(one, Assessment)] == [one["id"] for one in records]
    assert broken == BrokenRecord(name="nothing", place="vulnerabilities[5000]", what="cve.id")
    assert len(list(document.records(4998))) == 3


def test_a_page_that_is_cut_off_says_so_where_it_breaks(tmp_path: Path) -> None:
    path = write_nvd(tmp_path / "page.json", nvd_record(), nvd_record("CVE-2099-5678"))
    path.write_bytes(path.read_bytes()[:-40])
    records = open_nvd(path).records(0)
    first = next(records)
    assert isinstance(first, Assessment)
    assert first.cve == CVE
    with pytest.raises(DocumentError) as found:
        list(records)
    assert found.value.fault is DocumentFault.BROKEN


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"vulnerabilities": []}',
        b'{"format": "NVD_CVEHistory", "vulnerabilities": []}',
        b"\xff\x00",
    ],
)
def test_something_else_is_refused_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.json"
    path.write_bytes(content)
    with pytest.raises(DocumentError) as found:
        open_nvd(path)
    assert found.value.fault is DocumentFault.FOREIGN
