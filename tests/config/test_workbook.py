"""A workbook is rows of cells like a CSV file, where the extra `sheets` is installed."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from threatstamp.app.importing import read_record
from threatstamp.config.cells import CellsError
from threatstamp.config.workbook import NoReaderError, read_workbook
from threatstamp.core.errors import PolicyError
from threatstamp.texts.catalogue import Language, Texts

LINK = "https://kaku.slack.com/archives/C0KAKU01/p1764000000000100"


@pytest.fixture
def openpyxl() -> Any:
    return pytest.importorskip("openpyxl", reason="the extra `sheets` is not installed")


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_the_record_is_found_in_the_sheet_that_has_one(openpyxl: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["使い方", "このブックは…"])
    hidden = book.create_sheet("古い版")
    hidden.append([LINK, "eyes"])
    hidden.sheet_state = "hidden"
    sheet = book.create_sheet("記録")
    for row in (
        ["転送の記録"],
        [],
        ["日付", "リアクション", "リンク"],
        ["4/1", ":eyes:", LINK],
        ["4/2", 1.0, LINK],
    ):
        sheet.append(row)
    sheet.append(["4/3", "wrench", "投稿を見る"])
    sheet["C6"].hyperlink = f"{LINK}?thread_ts=1764000000.000000&cid=C0KAKU01"
    sheet.append(["4/4", '="+1"', f'=HYPERLINK("{LINK}","投稿")'])
    (tmp_path / "old.xlsx").write_bytes(saved(book))
    found = read_record(tmp_path / "old.xlsx", Texts(Language.EN))
    assert [(row.number, row.reaction) for row in found.rows] == [
        (4, ":eyes:"),
        (5, "1"),
        (6, "wrench"),
        (7, "+1"),
    ]
    assert all(row.url.startswith(LINK) for row in found.rows)
    assert found.broken == ()


def archive() -> bytes:
    file = io.BytesIO()
    with ZipFile(file, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    return file.getvalue()


@pytest.mark.parametrize("content", [b"PK\x03\x04", archive(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 99])
def test_what_is_no_xlsx_is_said_with_what_to_do(openpyxl: Any, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CellsError):
        read_workbook(content)
    (tmp_path / "old.xlsx").write_bytes(content)
    with pytest.raises(PolicyError, match="save the sheet as CSV UTF-8"):
        read_record(tmp_path / "old.xlsx", Texts(Language.EN))


def with_part(book: bytes, name: str, content: bytes) -> bytes:
    """Returns a workbook in which one part is something else."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(book)) as parts, ZipFile(file, "w") as made:
        for one in parts.namelist():
            made.writestr(one, content if one == name else parts.read(one))
    return file.getvalue()


def parts_text(book: bytes, name: str) -> bytes:
    with ZipFile(io.BytesIO(book)) as parts:
        return parts.read(name)


def test_a_damaged_workbook_is_rows_or_an_error_of_ours_whatever_is_damaged(openpyxl: Any) -> None:
    book = openpyxl.Workbook()
    book.active.append([LINK, "eyes"])
    whole = saved(book)
    with ZipFile(io.BytesIO(whole)) as parts:
        names = parts.namelist()
    failed = 0
    for name in names:
        for content in (
            b"",
            b"<a",
            b"<a/>",
            parts_text(whole, name)[:-9],
            parts_text(whole, name).replace(b"1", b"x"),
        ):
            try:
                read_workbook(with_part(whole, name, content))
            except CellsError:
                failed += 1
    assert failed > len(names)
    for at in range(0, len(whole), 7):
        with suppress(CellsError):
            read_workbook(whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :])


def test_without_the_package_the_sentence_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(NoReaderError):
        read_workbook(b"PK\x03\x04")
    (tmp_path / "old.xlsx").write_bytes(b"PK\x03\x04")
    for language in Language:
        with pytest.raises(PolicyError, match=r"sheets.*CSV UTF-8"):
            read_record(tmp_path / "old.xlsx", Texts(language))
