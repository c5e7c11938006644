"""Files of sources, compressed or not, read without ever holding all of them."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from threatstamp.core.facts.document import DocumentError, DocumentFault

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
MOST_BYTES = 200_000_000
"""Of a document that is read at once; the largest has about 2 MB. A small file can unpack to more."""

_BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, RuntimeError, NotImplementedError)
"""What the libraries raise for a packed file that is damaged, or needs a password."""


class Readable(Protocol):
    """What a file and its unpacked content have in common."""

    def read(self, size: int, /) -> bytes: ...
    def readline(self, size: int, /) -> bytes: ...


@contextmanager
def reading(path: Path) -> Iterator[Readable]:
    """Opens a file and unpacks it as it is read. Raises DocumentError, also for what is read from it."""
    try:
        with path.open("rb") as raw:
            begin = raw.read(len(ZIP))
            raw.seek(0)
            if begin == ZIP:
                with zipfile.ZipFile(raw) as archive, archive.open(_only(archive)) as member:
                    yield member
            elif begin.startswith(GZIP):
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield unpacked
            else:
                yield raw
    except _BROKEN as error:
        raise DocumentError(DocumentFault.BROKEN, reason=str(error)) from error
    except OSError as error:
        raise DocumentError(DocumentFault.UNREADABLE, reason=error.strerror or str(error)) from error


def _only(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """Returns the one file of an archive. Raises DocumentError if there are others."""
    files = [info for info in archive.infolist() if not info.is_dir()]
    if len(files) != 1:
        raise DocumentError(DocumentFault.FOREIGN)
    return files[0]


def content_of(path: Path) -> bytes:
    """Returns all of a document. Raises DocumentError."""
    with reading(path) as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise DocumentError(DocumentFault.FOREIGN)
    return content


def digest_of(path: Path) -> str:
    """Returns what tells a file from others, without reading it: length and time of its last change."""
    try:
        state = path.stat()
    except OSError as error:
        raise DocumentError(DocumentFault.UNREADABLE, reason=error.strerror or str(error)) from error
    return f"{state.st_size}:{state.st_mtime_ns}" if path.is_file() else ""
