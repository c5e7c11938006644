"""EPSS is read in each of its forms: packed or not, with its model or from before there were any."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.support.facts import write_epss
from threatstamp.core.facts.assessment import Assessment, Epss
from threatstamp.core.facts.document import BrokenRecord, DocumentError, DocumentFault, Record
from threatstamp.facts.epss import open_epss


def read(path: Path) -> list[Record]:
    return list(open_epss(path).records(0))


@pytest.mark.parametrize("name", ["epss.csv", "epss.csv.gz"])
def test_a_row_has_the_model_and_the_day_of_its_document(tmp_path: Path, name: str) -> None:
    [one] = read(write_epss(tmp_path / name, "CVE-2099-1234,0.94,0.998"))
    assert isinstance(one, Assessment)
    assert one.epss == Epss(score=0.94, percentile=0.998, model="v9", on=date(2099, 11, 20))
    assert one.version == "2099-11-20 v9"


def test_the_oldest_form_has_neither_model_nor_percentile(tmp_path: Path) -> None:
    path = tmp_path / "epss.csv"
    path.write_text("cve,epss\nCVE-2099-1234,0.5\n", encoding="utf-8")
    [one] = read(path)
    assert isinstance(one, Assessment)
    assert one.epss == Epss(score=0.5, percentile=None, model=None, on=None)
    assert open_epss(path).edition == ""


def test_a_byte_order_mark_and_windows_lines_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "epss.csv"
    path.write_bytes(b"\xef\xbb\xbfcve,epss,percentile\r\nCVE-2099-1234,0.5,0.6\r\n\r\n")
    assert len(read(path)) == 1


@pytest.mark.parametrize(
    ("row", "name", "what"),
    [
        ("CVE-99,0.5,0.5", "CVE-99", "cve"),
        ("CVE-2099-1234,1.5,0.5", "CVE-2099-1234", "epss"),
        ("CVE-2099-1234,nan,0.5", "CVE-2099-1234", "epss"),
        ("CVE-2099-1234", "CVE-2099-1234", "epss"),
        ("CVE-2099-1234,0.5,high", "CVE-2099-1234", "percentile"),
    ],
)
def test_a_broken_row_is_named_with_its_line(tmp_path: Path, row: str, name: str, what: str) -> None:
    path = write_epss(tmp_path / "epss.csv", "CVE-2099-1111,0.1,0.1", row, "CVE-2099-5678,0.1,0.1")
    _, broken, last = read(path)
    assert broken == BrokenRecord(name=name, place="4", what=what)
    assert isinstance(last, Assessment)


def test_a_packed_document_that_is_cut_off_says_so_where_it_breaks(tmp_path: Path) -> None:
    path = write_epss(
        tmp_path / "epss.csv.gz", *(f"CVE-2099-{number},0.1,0.1" for number in range(1000, 9000))
    )
    path.write_bytes(path.read_bytes()[:-2000])
    records = open_epss(path).records(0)
    assert isinstance(next(records), Assessment)
    with pytest.raises(DocumentError) as found:
        list(records)
    assert found.value.fault is DocumentFault.BROKEN


@pytest.mark.parametrize("content", [b"", b"{}", b"a,b\n1,2\n", b"\x00\xff"])
def test_something_else_is_refused_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "epss.csv"
    path.write_bytes(content)
    with pytest.raises(DocumentError) as found:
        open_epss(path)
    assert found.value.fault is DocumentFault.FOREIGN


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as found:
        open_epss(tmp_path / "missing.csv")
    assert found.value.fault is DocumentFault.UNREADABLE
