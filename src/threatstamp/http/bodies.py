"""A body, unpacked as it comes and never beyond its limit."""

from __future__ import annotations

import zlib
from typing import Protocol

from threatstamp.http.errors import malformed, too_large

ACCEPTED = "gzip, deflate"
MOST_PIECES = 50_000
"""Each costs some work, however small it is: a document in single bytes would cost seconds."""

_GZIP = b"\x1f\x8b"
_PLAIN = frozenset({"", "identity"})


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


class Body:
    """Takes a body in pieces. most: its bytes after unpacking; more is an ExchangeError at once."""

    def __init__(self, encoding: str, *, most: int) -> None:
        self._encoding = encoding.strip().lower()
        self._most = most
        self._parts: list[bytes] = []
        self._length = 0
        self._pieces = 0
        self._first = b""
        self._unpacker: _Unpacker | None = None
        self._is_plain = self._encoding in _PLAIN
        if self._encoding not in (*_PLAIN, "gzip", "x-gzip", "deflate"):
            raise malformed("encoding_unknown", encoding=encoding[:40])

    def take(self, piece: bytes) -> None:
        """Adds a piece as it came over the line."""
        self._pieces += 1
        if self._pieces > MOST_PIECES:
            raise too_large("too_much")
        if self._unpacker is None and not self._is_plain:
            self._first += piece
            if len(self._first) < 2:
                return
            piece, self._first = self._first, b""
            self._begin(piece)
        if self._is_plain:
            self._keep(piece)
        else:
            self._unpack(piece)

    def finish(self) -> bytes:
        """Returns the whole body. Raises ExchangeError if its packing breaks off."""
        if self._unpacker is not None and not self._unpacker.eof:
            raise malformed("encoding_broken", encoding=self._encoding)
        return self._first + b"".join(self._parts)

    def _begin(self, piece: bytes) -> None:
        """Chooses by the first two bytes: servers say gzip of what is not, and deflate means two things."""
        if self._encoding != "deflate":
            self._is_plain = not piece.startswith(_GZIP)
            self._unpacker = None if self._is_plain else zlib.decompressobj(31)
        else:
            is_zlib = piece[0] & 15 == 8 and int.from_bytes(piece[:2]) % 31 == 0
            self._unpacker = zlib.decompressobj(15 if is_zlib else -15)

    def _unpack(self, piece: bytes) -> None:
        while piece and self._unpacker is not None:
            try:
                self._keep(self._unpacker.decompress(piece, self._most - self._length + 1))
            except zlib.error as error:
                raise malformed("encoding_broken", encoding=self._encoding) from error
            piece = self._unpacker.unconsumed_tail
            if self._unpacker.eof:
                piece = self._unpacker.unused_data
                if not piece.startswith(_GZIP):
                    return  # what follows the last member is padding
                self._unpacker = zlib.decompressobj(31)

    def _keep(self, piece: bytes) -> None:
        self._length += len(piece)
        if self._length > self._most:
            raise too_large("too_large", most=self._most)
        self._parts.append(piece)
