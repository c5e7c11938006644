"""Records of the CVE List: what the CNA says, what CISA adds, and what others add in the same form."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.facts import CRITICAL, MEDIUM, cisa_container, cve_record, cvss, ssvc
from threatstamp.core.facts.assessment import Affected, Assessment, CveState, Ssvc, VersionRange
from threatstamp.core.facts.document import BrokenRecord, DocumentError, DocumentFault
from threatstamp.core.facts.score import Scorer
from threatstamp.facts.cvelist import open_cvelist, read_record
from threatstamp.facts.loose import BrokenError
from threatstamp.facts.scoring import base_score


def test_scores_have_their_sources_and_follow_from_their_vectors() -> None:
    record = cve_record(
        cna={"metrics": [cvss(MEDIUM, 5.5)]}, adp=[cisa_container(cvss(CRITICAL, 9.1), ssvc())]
    )
    cna, adp = read_record(record).scores
    assert (cna.source, cna.scorer, cna.score, cna.differs) == ("example_vendor", Scorer.CNA, 5.5, False)
    assert (adp.source, adp.scorer, adp.score, adp.published) == ("cisa-adp", Scorer.ADP, 9.8, 9.1)
    assert adp.differs


def test_only_cisas_container_answers_the_questions_of_ssvc() -> None:
    supplier = {**cisa_container(ssvc("active")), "providerMetadata": {"orgId": "7", "shortName": "CISA-ADP"}}
    assert read_record(cve_record(adp=[supplier])).ssvc is None
    said = read_record(cve_record(adp=[supplier, cisa_container(ssvc("poc"))])).ssvc
    assert said == Ssvc(exploitation="poc", automatable="yes", technical_impact="total")


def test_a_score_without_a_vector_is_kept_and_one_without_anything_is_none() -> None:
    bare: dict[str, Any] = {"cvssV2_0": {"version": "2.0", "baseScore": 9.3}}
    [one] = read_record(cve_record(cna={"metrics": [bare, {"cvssV3_1": {}}]})).scores
    assert (one.score, one.version, one.vector) == (9.3, "2.0", "")


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        (CRITICAL, 9.8),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("AV:N/AC:L/Au:N/C:P/I:P/A:P", 7.5),
        ("(AV:N/AC:L/Au:N/C:P/I:P/A:P)", 7.5),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U", 9.3),  # the base score
        ("CVSS:3.1/AV:N", None),
        ("CVSS:9.9/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", None),
        ("nonsense", None),
    ],
)
def test_a_base_score_follows_from_a_vector_alone(vector: str, expected: float | None) -> None:
    assert base_score(vector) == expected


@given(
    st.text()
    | st.text().map(lambda text: f"CVSS:4.0/{text}")
    | st.text().map(lambda text: f"{CRITICAL}/{text}")
)
def test_any_vector_has_a_score_or_none(vector: str) -> None:
    found = base_score(vector)
    assert found is None or 0 <= found <= 10


def test_a_rejected_record_has_no_scores() -> None:
    found = read_record(cve_record(state="REJECTED", cna={"metrics": [cvss(CRITICAL, 9.8)]}))
    assert (found.state, found.scores) == (CveState.REJECTED, ())


def test_the_version_is_that_of_the_newest_container() -> None:
    container = cisa_container()
    container["providerMetadata"]["dateUpdated"] = "2099-05-01T00:00:00.000Z"
    assert read_record(cve_record(adp=[container])).version == "2099-05-01T00:00:00.000Z"


def test_products_are_named_with_their_affected_versions() -> None:
    versions = [
        {"version": "7.0", "status": "affected", "lessThan": "7.4.3", "versionType": "semver"},
        {"version": "6.0", "status": "unaffected"},
    ]
    affected = [
        {"vendor": "Hakobune", "product": "FTP", "versions": versions, "cpes": ["cpe:2.3:a:hakobune:ftp"]},
        {"vendor": "Hakobune", "product": "Mail", "defaultStatus": "unaffected", "versions": versions[1:]},
        {"vendor": "n/a", "product": "n/a"},
    ]
    found = read_record(cve_record(cna={"affected": affected}))
    ranges = (VersionRange(first="7.0", before="7.4.3", scheme="semver"),)
    spared = (VersionRange(first="6.0"),)
    cpe = "cpe:2.3:a:hakobune:ftp"
    expected = Affected(vendor="Hakobune", product="FTP", ranges=ranges, cpe=cpe, unaffected=spared)
    assert found.affected == (expected,)
    assert found.cpes == ("cpe:2.3:a:hakobune:ftp",)


def test_a_range_in_which_the_status_changes_is_several_in_their_order() -> None:
    changes = [{"at": "2.6.0", "status": "affected"}, {"at": "2.5.2", "status": "unaffected"}]
    versions = [
        {
            "version": "2.0.0",
            "status": "affected",
            "lessThan": "2.*",
            "versionType": "semver",
            "changes": changes,
        }
    ]
    product = {"vendor": "Hakobune", "product": "FTP", "defaultStatus": "unaffected", "versions": versions}
    [found] = read_record(cve_record(cna={"affected": [product]})).affected
    assert [(one.first, one.before) for one in found.ranges] == [("2.0.0", "2.5.2"), ("2.6.0", "2.*")]
    assert [(one.first, one.before) for one in found.unaffected] == [("2.5.2", "2.6.0")]
    assert found.default == "unaffected"


def test_an_old_record_is_named_by_its_description() -> None:
    described = [{"lang": "ja", "value": "説明"}, {"lang": "en", "value": "A flaw\nin FTP"}]
    assert read_record(cve_record(cna={"title": None, "descriptions": described})).title == "A flaw in FTP"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(json_values, json_values, json_values)
def test_whatever_the_containers_hold_a_record_is_read_or_broken(
    cna: object, adp: object, metric: object
) -> None:
    record = cve_record()
    record["containers"] = {"cna": {"metrics": [metric, {"cvssV3_1": metric}], "affected": adp}, "adp": adp}
    assert read_record(record).cve == "CVE-2099-1234"
    with pytest.raises(BrokenError):
        read_record({"cveMetadata": cna if isinstance(cna, dict) else {}})


RECORDS = {
    f"cves/2099/1xxx/CVE-2099-{number}.json": cve_record(f"CVE-2099-{number}") for number in range(1000, 1004)
}


def files() -> dict[str, bytes]:
    """The records as files, with one that is broken and what else is published beside them."""
    made = {name: json.dumps(record).encode() for name, record in RECORDS.items()}
    made["cves/2099/1xxx/CVE-2099-1001.json"] = b'{"cveMetadata": '
    return {**made, "cves/delta.json": b"{}", "README.md": b"CVE-2099-1000.json"}


def zipped(content: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, one in content.items():
            archive.writestr(name, one)
    return buffer.getvalue()


def as_zip(path: Path) -> None:
    path.write_bytes(zipped(files()))


def as_nested_zip(path: Path) -> None:
    path.write_bytes(zipped({"cves.zip": zipped(files())}))


def as_folder(path: Path) -> None:
    for name, content in files().items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)


def as_tar(path: Path) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files().items():
            info = tarfile.TarInfo(f"cvelistV5-main/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize("write", [as_zip, as_nested_zip, as_folder, as_tar])
def test_each_published_form_has_the_same_records(tmp_path: Path, write: Any) -> None:
    path = tmp_path / "published"
    write(path)
    document = open_cvelist(path)
    records = list(document.records(0))
    said = [one.cve for one in records if isinstance(one, Assessment)]
    [broken] = [one for one in records if isinstance(one, BrokenRecord)]
    assert said == ["CVE-2099-1000", "CVE-2099-1002", "CVE-2099-1003"]
    assert (broken.name, broken.what) == ("CVE-2099-1001", "JSON")
    assert broken.place.endswith("cves/2099/1xxx/CVE-2099-1001.json")
    for again in (document, open_cvelist(path)):  # what was read to its end, and what was only looked at
        assert [one.cve for one in again.records(3) if isinstance(one, Assessment)] == ["CVE-2099-1003"]


def test_one_record_is_a_document_too(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps(cve_record()), encoding="utf-8")
    [one] = open_cvelist(path).records(0)
    assert isinstance(one, Assessment)


@pytest.mark.parametrize("content", [b"", b"{}", b"cve,epss\n", zipped({"README.md": b""})])
def test_something_else_is_refused_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(DocumentError) as found:
        open_cvelist(path)
    assert found.value.fault is DocumentFault.FOREIGN


def test_a_record_that_is_damaged_in_an_archive_does_not_end_it(tmp_path: Path) -> None:
    path = tmp_path / "cves.zip"
    path.write_bytes(zipped(files()))
    content = bytearray(path.read_bytes())
    begin = content.index(b"CVE-2099-1002.json") + len(b"CVE-2099-1002.json")
    content[begin + 5 : begin + 40] = bytes(35)
    path.write_bytes(bytes(content))
    records = list(open_cvelist(path).records(0))
    assert [one.name for one in records if isinstance(one, BrokenRecord)] == [
        "CVE-2099-1001",
        "CVE-2099-1002",
    ]
