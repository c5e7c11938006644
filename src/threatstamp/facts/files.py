"""Files of sources, compressed or not, read without ever holding all of them."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from threatstamp.core.facts.document import DocumentError, DocumentFault

GZIP = b"\x1f\x8b"
MOST_BYTES = 200_000_000
"""Of a document that is read at once; the largest has about 2 MB. A small file can unpack to more."""


class Readable(Protocol):
    """What a file and its unpacked content have in common."""

    def read(self, size: int, /) -> bytes: ...
    def readline(self, size: int, /) -> bytes: ...


@contextmanager
def reading(path: Path) -> Iterator[Readable]:
    """Opens a file and unpacks it as it is read. Raises DocumentError, also for what is read from it."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(len(GZIP)) == GZIP
            raw.seek(0)
            if not packed:
                yield raw
                return
            with gzip.GzipFile(fileobj=raw) as unpacked:
                yield unpacked
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DocumentError(DocumentFault.BROKEN, reason=str(error)) from error
    except OSError as error:
        raise DocumentError(DocumentFault.UNREADABLE, reason=error.strerror or str(error)) from error


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
