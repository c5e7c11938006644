"""One gzip member (RFC 1952), unpacked so that a wrong or missing trailer costs nothing of what arrived."""

from __future__ import annotations

import struct
import zlib

LONGEST_HEAD = 8_000
"""Bytes: a name and a comment."""

_EXTRA, _NAME, _COMMENT, _SUM = 4, 8, 16, 2
_FIXED = 10
_TRAILER = 8


class Gunzip:
    """Like zlib's own for gzip, which loses all that it unpacked in the very call that finds a wrong sum.

    is_sound: at the end, whether sum and length are those in the trailer.
    """

    def __init__(self) -> None:
        self.eof = False
        self.is_sound = False
        self.unused_data = b""
        self.unconsumed_tail = b""
        self._head = b""
        self._raw: zlib._Decompress | None = None
        self._trailer = b""
        self._sum = 0
        self._length = 0

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes:
        """Returns what came of it, at most so many bytes. Raises zlib.error."""
        if self._raw is None:
            self._head += data
            end = _head_end(self._head)
            if end is None:
                return b""
            data, self._head = self._head[end:], b""
            self._raw = zlib.decompressobj(-15)
        if self._raw.eof:
            self._end(data)
            return b""
        portion = self._raw.decompress(data, max_length)
        self.unconsumed_tail = self._raw.unconsumed_tail
        self._sum = zlib.crc32(portion, self._sum)
        self._length += len(portion)
        if self._raw.eof:
            self._end(self._raw.unused_data)
        return portion

    def _end(self, data: bytes) -> None:
        self.unconsumed_tail = b""
        self._trailer += data
        if len(self._trailer) >= _TRAILER:
            wanted = struct.pack("<II", self._sum, self._length & 0xFFFFFFFF)
            self.is_sound = self._trailer[:_TRAILER] == wanted
            self.eof, self.unused_data = True, self._trailer[_TRAILER:]


def _head_end(head: bytes) -> int | None:
    """Returns where a member's head ends, None if that has not come yet. Raises zlib.error for no head."""
    if len(head) < _FIXED:
        return None
    flags, at = head[3], _FIXED
    if head[2] != zlib.DEFLATED or flags & 0xE0:
        raise zlib.error("no gzip")
    if flags & _EXTRA:
        at += 2 + int.from_bytes(head[at : at + 2], "little")
    for flag in (_NAME, _COMMENT):
        if flags & flag and at <= len(head):
            at = head.find(b"\0", at) + 1 or len(head) + 1
    at += 2 if flags & _SUM else 0
    if at > len(head) > LONGEST_HEAD + (0x10000 if flags & _EXTRA else 0):
        raise zlib.error("no end of the head")
    return at if at <= len(head) else None
