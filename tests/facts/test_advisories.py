"""JVN iPedia, OSV and GitHub: an advisory is found by each of its names, and what it says is read whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.facts import CRITICAL, CVE, ghsa_advisory, jvn_cve, jvn_item, osv_record, write_jvn
from threatstamp.core.facts.assessment import Affected, Assessment, CveState, VersionRange
from threatstamp.core.facts.document import BrokenRecord, DocumentError, DocumentFault
from threatstamp.core.facts.score import Scorer
from threatstamp.facts.ghsa import open_ghsa, read_advisory
from threatstamp.facts.jvn import open_jvn
from threatstamp.facts.osv import open_osv, read_record

PLAIN = "AV:N/AC:L/Au:N/C:P/I:P/A:P"


def said_in(path: Path) -> dict[str, Assessment]:
    return {str(one.cve): one for one in open_jvn(path).records(0) if isinstance(one, Assessment)}


def test_what_an_entry_repeats_is_read_each_time(tmp_path: Path) -> None:
    inner = (
        jvn_cve(),
        jvn_cve("CVE-2099-5678"),
        '<sec:references source="JVN" id="JVNVU#99999999">https://jvn.jp/vu/JVNVU99999999/</sec:references>',
        '<sec:references id="CWE-79" title="x">https://cwe.mitre.org/79</sec:references>',
        '<sec:references id="CWE-noinfo" title="x">https://www.ipa.go.jp/</sec:references>',
        '<sec:cpe version="2.2" vendor="箱舟" product="FTP">cpe:/a:hakobune:ftp</sec:cpe>',
        '<sec:cpe version="2.2" vendor="箱舟" product="Mail">\n  cpe:/a:hakobune:mail</sec:cpe>',
        f'<sec:cvss version="2.0" score="7.5" vector="{PLAIN}"/>',
        f'<sec:cvss version="3.0" score="9.1" vector="{CRITICAL.replace("3.1", "3.0")}"/>',
    )
    said = said_in(write_jvn(tmp_path / "jvn.rdf", jvn_item("JVNDB-2099-000001", *inner)))
    assert set(said) == {CVE, "CVE-2099-5678", "JVNDB-2099-000001"}
    one = said[CVE]
    assert set(one.ids) == {"CVE-2099-5678", "JVNDB-2099-000001", "JVNVU#99999999"}
    assert [(score.source, score.scorer, score.version, score.score) for score in one.scores] == [
        ("jvn", Scorer.JVN, "2.0", 7.5),
        ("jvn", Scorer.JVN, "3.0", 9.8),
    ]
    assert (one.cwes, one.cpes) == (("CWE-79",), ("cpe:/a:hakobune:ftp", "cpe:/a:hakobune:mail"))
    assert [(product.vendor, product.product, product.is_name_only) for product in one.affected] == [
        ("箱舟", "FTP", True),
        ("箱舟", "Mail", True),
    ]
    assert (one.title, one.version) == ("箱舟FTPの脆弱性", "2099-01-02T10:00:00+09:00")


def test_two_entries_about_one_cve_are_read_together(tmp_path: Path) -> None:
    items = [
        jvn_item(f"JVNDB-2099-00000{number}", jvn_cve(), f"<sec:cpe>cpe:/a:hakobune:{number}</sec:cpe>")
        for number in (1, 2)
    ]
    one = said_in(write_jvn(tmp_path / "jvn.rdf", *items))[CVE]
    assert set(one.cpes) == {"cpe:/a:hakobune:1", "cpe:/a:hakobune:2"}


def test_attributes_without_marks_are_mended_and_what_ends_early_says_so(tmp_path: Path) -> None:
    path = write_jvn(tmp_path / "jvn.rdf", jvn_item("JVNDB-2099-000001"), end='<status a= 0 b=1 c="2"/>')
    assert set(said_in(path)) == {"JVNDB-2099-000001"}
    path.write_text(path.read_text(encoding="utf-8").partition("<status")[0] + "<item>", encoding="utf-8")
    records = open_jvn(path).records(0)
    assert isinstance(next(records), Assessment)
    with pytest.raises(DocumentError) as found:
        list(records)
    assert found.value.fault is DocumentFault.BROKEN


def test_an_entry_without_an_id_is_named_with_its_place(tmp_path: Path) -> None:
    path = write_jvn(tmp_path / "jvn.rdf", jvn_item(""), jvn_item())
    *_, broken = open_jvn(path).records(0)
    assert broken == BrokenRecord(name="", place="item[0]", what="sec:identifier")


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"<a/>", b"<a>" * 100, BOMB, b'{"feed": {"entry": [{"id": "MYJVN-ALT-1"}]}}']
)
def test_something_else_is_no_document_of_jvn(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "jvn.rdf"
    path.write_bytes(content)
    with pytest.raises(DocumentError):
        open_jvn(path)


def test_malware_has_a_name_of_its_own_and_exact_versions() -> None:
    package = {"ecosystem": "npm", "name": "hakobune-ftp", "purl": "pkg:npm/hakobune-ftp"}
    record = osv_record("MAL-2099-17", affected=[{"package": package, "versions": ["1.0.1", "1.0.2"]}])
    [one] = read_record(record)
    ranges = (VersionRange(first="1.0.1"), VersionRange(first="1.0.2"))
    assert (one.cve, one.ids, one.state) == ("MAL-2099-17", (), CveState.PUBLISHED)
    assert one.affected == (
        Affected(vendor="npm", product="hakobune-ftp", ranges=ranges, purl="pkg:npm/hakobune-ftp"),
    )


def test_events_are_ranges_and_what_is_not_fixed_is_open() -> None:
    events = [
        {"introduced": "0"},
        {"fixed": "1.2"},
        {"introduced": "2.0"},
        {"last_affected": "2.3"},
        {"introduced": "3"},
    ]
    affected = {
        "package": {"ecosystem": "PyPI", "name": "hakobune"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}, {"type": "GIT", "events": events}],
    }
    record = osv_record(aliases=[CVE], affected=[affected], severity=[{"type": "CVSS_V3", "score": CRITICAL}], database_specific={"cwe_ids": ["CWE-22"]})  # fmt: skip
    of_cve, own = read_record(record)
    assert (of_cve.cve, own.cve, of_cve.ids, own.ids) == (
        CVE,
        "GHSA-aaaa-bbbb-cccc",
        ("GHSA-aaaa-bbbb-cccc",),
        (CVE,),
    )
    assert [(one.first, one.before, one.through) for one in own.affected[0].ranges] == [
        ("0", "1.2", None),
        ("2.0", None, "2.3"),
        ("3", "*", None),
    ]
    assert [(one.scorer, one.score) for one in own.scores] == [(Scorer.ADVISORY, 9.8)]
    assert own.cwes == ("CWE-22",)


def test_what_is_withdrawn_says_nothing_but_that() -> None:
    record = osv_record(
        "MAL-2099-17", withdrawn="2099-02-01T00:00:00Z", affected=[{"package": {"name": "x"}}]
    )
    [one] = read_record(record)
    assert (one.state, one.affected) == (CveState.WITHDRAWN, ())
    _, own = read_advisory(ghsa_advisory(withdrawn_at="2099-02-01T00:00:00Z", vulnerabilities=[{}]))
    assert (own.state, own.affected) == (CveState.WITHDRAWN, ())


def test_records_of_osv_come_alone_in_an_answer_or_in_a_folder(tmp_path: Path) -> None:
    alone = tmp_path / "GHSA-aaaa-bbbb-cccc.json"
    alone.write_text(json.dumps(osv_record()), encoding="utf-8")
    answer = tmp_path / "answer"
    answer.write_text(json.dumps({"vulns": [osv_record(), {"id": "x"}]}), encoding="utf-8")
    assert [len(list(open_osv(path).records(0))) for path in (alone, answer, tmp_path)] == [1, 2, 1]
    for content in (b"", b"[]", b"{}"):
        answer.write_bytes(content)
        with pytest.raises(DocumentError):
            open_osv(answer)


def test_github_says_versions_in_words(tmp_path: Path) -> None:
    package = {"ecosystem": "maven", "name": "com.example:hakobune"}
    ranges = [">= 1.0, < 1.4", "= 0.9", "<= 0.5", "> 2.0", ""]
    products = [{"package": package, "vulnerable_version_range": one} for one in ranges]
    cvss = {
        "cvss_v3": {"vector_string": CRITICAL, "score": 9.0},
        "cvss_v4": {"vector_string": None, "score": 0.0},
    }
    advisory = ghsa_advisory(
        vulnerabilities=products,
        cvss_severities=cvss,
        cvss={"vector_string": CRITICAL, "score": 9.0},
        cwes=[{"cwe_id": "CWE-22"}],
    )
    path = tmp_path / "advisories.json"
    path.write_text(json.dumps([advisory, {"ghsa_id": "1"}]), encoding="utf-8")
    of_cve, own, broken = open_ghsa(path).records(0)
    assert isinstance(of_cve, Assessment)
    assert isinstance(own, Assessment)
    assert (of_cve.cve, own.cve) == (CVE, "GHSA-aaaa-bbbb-cccc")
    assert broken == BrokenRecord(name="1", place="[1]", what="ghsa_id")
    assert [one.ranges for one in own.affected] == [
        (VersionRange(first="1.0", before="1.4"),),
        (VersionRange(first="0.9"),),
        (VersionRange(first="0", through="0.5"),),
        (VersionRange(first="", after="2.0", before="*"),),
        (),
    ]
    assert own.affected[0].purl == "pkg:maven/com.example/hakobune"
    assert [(one.source, one.score, one.published) for one in own.scores] == [("ghsa", 9.8, 9.0)]
    assert own.cwes == ("CWE-22",)
    for content in (b"", b"[]", b"{}", b"[1]"):
        path.write_bytes(content)
        with pytest.raises(DocumentError) as found:
            open_ghsa(path)
        assert found.value.fault is DocumentFault.FOREIGN
