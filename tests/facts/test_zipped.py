"""ZIP archives are listed and read as the standard library does it, whatever form they have."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from threatstamp.core.facts.document import DocumentError, DocumentFault
from threatstamp.facts.cvelist import open_cvelist
from threatstamp.facts.zipped import Archive

NAMES = ("cves/", "cves/CVE-2099-1000.json", "cves/脆弱性.json", "cves/leer.json", "delta.json")
MOST = 10_000


def packed(*, method: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.comment = comment
        for name in NAMES:
            archive.writestr(name, "" if name in NAMES[::3] else f"{name} " * 100)
    return file.getvalue()


def with_large_end(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """As an archive of more than 65,535 members has it."""
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)
    return packed()


@pytest.mark.parametrize(
    ("make", "is_quick"),
    [
        (lambda _: packed(), True),
        (lambda _: packed(method=zipfile.ZIP_STORED), True),
        (with_large_end, True),
        (lambda _: packed(method=zipfile.ZIP_BZIP2), True),
        (lambda _: packed(comment=b"a comment"), False),
        (lambda _: b"#!/bin/sh\n" + packed(), False),
    ],
    ids=["usual", "stored", "large", "bzip2", "comment", "prefix"],
)
def test_members_are_those_of_the_standard_library(
    make: Callable[[pytest.MonkeyPatch], bytes], is_quick: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make(monkeypatch)
    ours = Archive(io.BytesIO(content))
    with zipfile.ZipFile(io.BytesIO(content)) as theirs:
        listed = [(one.filename, ours.read(one, MOST)) for one in ours.infos()]
        assert listed == [(name, theirs.read(name)) for name in theirs.namelist()]
    bzip2 = zipfile.ZIP_BZIP2 in {one.compress_type for one in ours.infos()}
    assert (ours._library is None) is (is_quick and not bzip2)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2])
def test_a_member_that_is_too_large_or_damaged_is_refused(method: int) -> None:
    content = packed(method=method)
    archive = Archive(io.BytesIO(content))
    info = list(archive.infos())[1]
    with pytest.raises(OSError, match="more than 100 bytes"):
        archive.read(info, 100)
    begin = content.index(b"cves/CVE-2099-1000.json") + len("cves/CVE-2099-1000.json")
    damaged = content[:begin] + b"\xff\x00\xff" + content[begin + 3 :]
    with pytest.raises(OSError):
        Archive(io.BytesIO(damaged)).read(info, MOST)


@pytest.mark.parametrize("mark", [b"PK\x01\x02", b"PK\x05\x06"])
def test_an_archive_whose_directory_is_damaged_is_broken(tmp_path: Path, mark: bytes) -> None:
    path, content = tmp_path / "cves.zip", packed()
    at = content.rindex(mark)
    path.write_bytes(content[:at] + b"XX" + content[at + 2 :])
    with pytest.raises(DocumentError) as refused:
        list(open_cvelist(path).records(0))
    assert refused.value.fault in (DocumentFault.BROKEN, DocumentFault.FOREIGN)
