"""Records of the CVE List one by one, from a file, a folder, or an archive as it is published."""

from __future__ import annotations

import re
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO

from threatstamp.core.facts.document import DocumentError, DocumentFault
from threatstamp.facts.zipped import Archive, limited

MOST_BYTES = 20_000_000
"""Of one record; the largest has about 1 MB. A small file can unpack to more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordKind:
    """What a source's files of one record are called, and what stands in each, however it is called."""

    named: re.Pattern[str]
    mark: bytes


CVE_RECORDS = RecordKind(named=re.compile(r"CVE-\d{4}-\d{4,19}\.json", re.IGNORECASE), mark=b'"cveMetadata"')
"""Beside records there are lists of what has changed (delta.json)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A record's file. place: its path. read: raises ValueError or OSError."""

    place: str
    read: Callable[[], bytes]

    @property
    def name(self) -> str:
        return PurePosixPath(self.place).stem


def members(path: Path, begin: int, kind: RecordKind = CVE_RECORDS) -> Iterator[Member]:
    """Yields the files of records from the one with this number. Raises DocumentError."""
    try:
        yield from islice(_members(path, kind), begin, None)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error) as error:
        raise DocumentError(DocumentFault.BROKEN, reason=str(error)) from error
    except OSError as error:
        raise DocumentError(DocumentFault.UNREADABLE, reason=error.strerror or str(error)) from error


def _members(path: Path, kind: RecordKind) -> Iterator[Member]:
    if path.is_dir():
        for found in sorted(path.rglob("*.json")):
            if kind.named.fullmatch(found.name):
                yield Member(place=str(found.relative_to(path)), read=_reader(found))
    elif zipfile.is_zipfile(path):
        with path.open("rb") as file:
            yield from _zipped(file, kind)
    elif tarfile.is_tarfile(path):
        yield from _tarred(path, kind)
    elif kind.mark in _reader(path)():
        yield Member(place=path.name, read=_reader(path))


def _reader(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        with path.open("rb") as file:
            return limited(file, MOST_BYTES)

    return read


def _zipped(file: IO[bytes], kind: RecordKind, *, is_inner: bool = False) -> Iterator[Member]:
    archive = Archive(file)
    for info in archive.infos():
        if kind.named.fullmatch(info.filename.rpartition("/")[2]):
            yield Member(place=info.filename, read=partial(archive.read, info, MOST_BYTES))
        elif info.filename.endswith(".zip") and not is_inner:
            with tempfile.TemporaryFile() as copy:  # of a packed archive every jump would unpack it anew
                with archive.open(info) as inner:
                    shutil.copyfileobj(inner, copy)
                yield from _zipped(copy, kind, is_inner=True)


def _tarred(path: Path, kind: RecordKind) -> Iterator[Member]:
    with tarfile.open(path, "r:*") as archive:
        for info in archive:
            if info.isfile() and kind.named.fullmatch(PurePosixPath(info.name).name):
                file = archive.extractfile(info)
                assert file is not None
                yield Member(place=info.name, read=lambda file=file: limited(file, MOST_BYTES))  # type: ignore[misc]
