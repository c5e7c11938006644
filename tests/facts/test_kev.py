"""The catalogue KEV is read entry by entry, and a broken one does not take the others with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.support.facts import kev_entry, write_kev
from threatstamp.core.facts.assessment import Assessment
from threatstamp.core.facts.document import BrokenRecord, DocumentError, DocumentFault
from threatstamp.facts.kev import open_kev


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kev.json"


def test_an_entry_says_since_when_and_until_when(path: Path) -> None:
    document = open_kev(write_kev(path, kev_entry(cwes=["CWE-287"])))
    [one] = document.records(0)
    assert isinstance(one, Assessment)
    assert one.exploited is not None
    assert (one.cve, one.title) == ("CVE-2099-1234", "Hakobune FTP Authentication Bypass")
    assert (one.exploited.by, one.exploited.added_on) == ("kev", date(2099, 11, 20))
    assert (one.exploited.due_on, one.cwes) == (date(2099, 12, 11), ("CWE-287",))
    assert (document.edition, document.is_whole) == ("2099-11-20T17:00:00Z", True)


@pytest.mark.parametrize(
    ("said", "expected"), [("Known", True), ("Unknown", None), (None, None), ("No", False), (True, True)]
)
def test_unknown_is_neither_yes_nor_no(path: Path, said: object, expected: bool | None) -> None:
    entry = kev_entry(knownRansomwareCampaignUse=said, forensicTriage=said)
    [one] = open_kev(write_kev(path, entry)).records(0)
    assert isinstance(one, Assessment)
    assert one.exploited is not None
    assert (one.exploited.ransomware, one.exploited.forensic_triage) == (expected, expected)


def test_a_broken_entry_is_named_with_its_place_and_the_others_are_read(path: Path) -> None:
    bad = kev_entry("CVE-2099-5678", dateAdded="soon")
    first, second, third = open_kev(write_kev(path, kev_entry("CVE-1"), bad, kev_entry())).records(0)
    assert first == BrokenRecord(name="CVE-1", place="vulnerabilities[0]", what="cveID")
    assert second == BrokenRecord(name="CVE-2099-5678", place="vulnerabilities[1]", what="dateAdded")
    assert isinstance(third, Assessment)


def test_a_catalogue_that_is_shorter_than_it_says_is_broken(path: Path) -> None:
    *_, last = open_kev(write_kev(path, kev_entry(), count=1404)).records(0)
    assert last == BrokenRecord(name="", place="count", what="1404 ≠ 1")


@pytest.mark.parametrize(
    "content", [b"", b"cve,epss\n", b"[]", b'{"vulnerabilities": []}', b'{"vulnerabilities": [{"cve": {}}]}', b"[" * 9_999]
)  # fmt: skip
def test_something_else_is_refused_whole(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(DocumentError) as found:
        open_kev(path)
    assert found.value.fault is DocumentFault.FOREIGN
