"""A body, unpacked as it comes and never beyond its limit."""

from __future__ import annotations

import zlib
from typing import Protocol

from threatstamp.http.errors import ExchangeError, Fault
from threatstamp.http.gzip import Gunzip
from threatstamp.http.question import Writer

ACCEPTED = "gzip, deflate"
MOST_PIECES = 50_000
"""Each costs some work, however small it is: a document in single bytes would cost seconds."""

FAIR_PIECE = 1_000
"""A large body may come in more pieces, as long as they have so many bytes on average."""

UNPACKED_AT_ONCE = 262_144
"""A few packed bytes may become a thousand times as many: they are taken out in portions."""

MOST_CODINGS = 4
"""A body may be packed so many times over, by the server and by those on the way."""

_GZIP = b"\x1f\x8b"
_PACKED = frozenset({"gzip", "x-gzip", "deflate"})
_UNREADABLE = frozenset({"br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"})
"""Never requested (ADR 6), so that no server should use one. Any other name is none of a coding: utf-8, none,
aws-chunked and the like say nothing about the body, and browsers take it as it is."""


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


class Body:
    """Takes a body in pieces, and hands it on unpacked; a writer like the one that it writes into.

    encoding: as in Content-Encoding, several in the order in which they were done. most: bytes after
    unpacking; with more, so many are written and ExchangeError is raised. It is also how a file that is
    itself packed (x.csv.gz) is unpacked on its way: Body("gzip", …) takes a plain one as it is.
    """

    def __init__(self, encoding: str, *, most: int, into: Writer) -> None:
        *before, self._encoding = _codings(encoding) or [""]
        self._inner = Body(",".join(before), most=most, into=into) if before else None
        self._most = most
        self._into: Writer = self._inner or into
        self._pieces = 0
        self._first = b""
        self._unpacker: _Unpacker | None = None
        self._is_plain = not self._encoding
        self._is_whole = False  # one packed body has ended
        self._is_padded = False  # and what follows is not another one
        self._length = 0

    @property
    def length(self) -> int:
        """Bytes that were handed on so far."""
        return self._inner.length if self._inner else self._length

    def write(self, piece: bytes) -> None:
        """Adds a piece as it came."""
        self._count()
        while piece:
            piece = self._take(piece)

    def finish(self) -> None:
        """Ends the body. Raises ExchangeError if its packing breaks off; what came of it was handed on."""
        if self._unpacker is not None:
            raise ExchangeError(Fault.ENCODING_BROKEN, encoding=self._encoding)
        if not self._is_whole:
            self._keep(self._first)
        if self._inner is not None:
            self._inner.finish()

    def _count(self) -> None:
        """Counts what costs some work however small it is: pieces, and bodies that were packed one by one."""
        self._pieces += 1
        if self._pieces > max(MOST_PIECES, self._most // FAIR_PIECE):
            raise ExchangeError(Fault.TOO_MUCH_SENT)

    def _take(self, piece: bytes) -> bytes:
        """Takes what it can of a piece, and returns the rest."""
        if self._is_plain:
            self._keep(piece)
            return b""
        if self._unpacker is not None:
            return self._unpack(self._unpacker, piece)
        if self._is_padded:
            return b""
        self._first += piece
        if len(self._first) < 2:
            return b""
        piece, self._first = self._first, b""
        self._begin(piece)
        return piece

    def _begin(self, piece: bytes) -> None:
        """Chooses by the first two bytes: servers say gzip of what is not, and deflate means two things."""
        is_gzip = self._encoding != "deflate" and piece.startswith(_GZIP)
        if is_gzip:
            self._count()
            self._unpacker = Gunzip()
        elif self._is_whole:
            self._is_padded = True
        elif self._encoding == "deflate":
            is_zlib = piece[0] & 15 == 8 and int.from_bytes(piece[:2]) % 31 == 0
            self._unpacker = zlib.decompressobj(15 if is_zlib else -15)
        else:
            self._is_plain = True

    def _unpack(self, unpacker: _Unpacker, piece: bytes) -> bytes:
        while True:
            try:
                portion = unpacker.decompress(piece, UNPACKED_AT_ONCE)
            except zlib.error as error:
                raise ExchangeError(Fault.ENCODING_BROKEN, encoding=self._encoding) from error
            self._keep(portion)
            piece = unpacker.unconsumed_tail
            if unpacker.eof:
                if isinstance(unpacker, Gunzip) and not unpacker.is_sound:
                    raise ExchangeError(Fault.ENCODING_BROKEN, encoding=self._encoding)
                self._unpacker, self._is_whole = None, True
                return unpacker.unused_data
            if not piece and len(portion) < UNPACKED_AT_ONCE:  # a full portion may have left some behind
                return b""

    def _keep(self, piece: bytes) -> None:
        room = self._most - self._length
        if kept := piece[:room]:
            self._into.write(kept)
            self._length += len(kept)
        if len(piece) > room:
            raise ExchangeError(Fault.BODY_TOO_LARGE, most=self._most)


def is_packed(encoding: str) -> bool:
    """True if a Content-Encoding names a packing. Raises ExchangeError for one that cannot be unpacked."""
    return bool(_codings(encoding))


def _codings(encoding: str) -> list[str]:
    """Returns the names that mean something. Raises ExchangeError for what cannot be unpacked."""
    names = [name for part in encoding.split(",") if (name := part.strip().lower())]
    found = [name for name in names if name in _PACKED]
    if len(found) > MOST_CODINGS or any(name in _UNREADABLE for name in names):
        raise ExchangeError(Fault.ENCODING_UNKNOWN, encoding=encoding.strip()[:40])
    return found
